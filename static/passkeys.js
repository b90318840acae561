// Asks the browser for a passkey and puts the answer into the form. Without this file, codes and passwords work.
"use strict";

const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const textOf = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withBytes = (list) => (list || []).map((one) => ({ ...one, id: bytesOf(one.id) }));

async function create(options) {
  const publicKey = { ...options, challenge: bytesOf(options.challenge), user: { ...options.user, id: bytesOf(options.user.id) }, excludeCredentials: withBytes(options.excludeCredentials) };
  const made = await navigator.credentials.create({ publicKey });
  return answer(made, { attestationObject: textOf(made.response.attestationObject) });
}

async function get(options) {
  const publicKey = { ...options, challenge: bytesOf(options.challenge), allowCredentials: withBytes(options.allowCredentials) };
  const used = await navigator.credentials.get({ publicKey });
  return answer(used, { authenticatorData: textOf(used.response.authenticatorData), signature: textOf(used.response.signature) });
}

function answer(credential, more) {
  const response = { clientDataJSON: textOf(credential.response.clientDataJSON), ...more };
  return { id: credential.id, rawId: textOf(credential.rawId), type: credential.type, response };
}

for (const place of document.querySelectorAll("[data-passkey]")) {
  const failed = place.querySelector(".wrong");
  place.hidden = !window.PublicKeyCredential;
  place.querySelector("button").addEventListener("click", async () => {
    failed.hidden = true;
    try {
      const ask = place.dataset.passkey === "create" ? create : get;
      place.querySelector("[name$=passkey]").value = JSON.stringify(await ask(JSON.parse(place.dataset.options)));
      place.closest("form").submit();
    } catch {
      failed.hidden = false;
    }
  });
}
