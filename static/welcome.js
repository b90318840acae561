// Welcome without this file is complete; this shows the page while somebody types.
"use strict";

const form = document.getElementById("welcome");
let waiting;
let asked = 0;

const guessed = form.querySelector("[data-guess]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (guessed && zone && !/UTC$/.test(zone)) {
  guessed.value = zone;
  follow();
}
document.documentElement.classList.add("script");

async function follow() {
  const mine = ++asked;
  const body = new FormData(form);
  body.set("do", "show");
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const html = await answer.text();
    if (mine === asked && answer.ok && !answer.redirected) show(html);
  } catch { /* the server is away; the next letter tries again */ }
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(old.id);
    if (next && next.innerHTML !== old.innerHTML && !old.contains(document.activeElement)) old.innerHTML = next.innerHTML;
  }
  for (const field of form.querySelectorAll("[aria-describedby^=problems-]")) {
    const problems = document.getElementById(field.getAttribute("aria-describedby"));
    if (problems.childElementCount) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  takeServices(fresh);
}

// The services that the form proposed follow the main language, as long as nobody has changed them.
function takeServices(fresh) {
  const { services, proposed } = form.elements;
  const next = fresh.querySelector("[name=proposed]").value;
  if (services.value.trim() === proposed.value.trim() && next !== proposed.value) services.value = next;
  proposed.value = next;
}

form.addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(follow, event.target.type === "radio" || event.target.type === "checkbox" ? 0 : 500);
});

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  clearTimeout(waiting);
  asked += 1;
  if (form.dataset.sent) event.preventDefault();
  if (!button?.dataset.doing) return;
  form.dataset.sent = "1";
  button.textContent = button.dataset.doing;
});
addEventListener("pageshow", () => delete form.dataset.sent);
