// An identity provider on loopback: oidc-provider, with answers that a test can spoil.
//
// The first argument is JSON: {port, clients, people}. Prints its address, then answers POST /control with JSON:
//   who      the person who signs in next
//   people   claims by person
//   claims   claims that replace those of each ID token (null removes one)
//   foreign  sign ID tokens with a key that is not published
//   broken   answer each exchange of a code with this text and the status 500, or 200 if it begins with "<"
//   hang     answer nothing any more
import http from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, importJWK, SignJWT } from "jose";
import { Provider } from "oidc-provider";

const setup = JSON.parse(process.argv[2]);
const state = { who: "", people: setup.people ?? {}, claims: {}, foreign: false, broken: "", hang: false };

function makeKey(kid) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" };
}

const ownKey = makeKey(`key-${Date.now()}`);
const foreignKey = { ...makeKey(ownKey.kid) };

async function spoil(token) {
  if (!state.foreign && Object.keys(state.claims).length === 0) return token;
  const header = decodeProtectedHeader(token);
  const claims = { ...decodeJwt(token), ...state.claims };
  for (const [name, value] of Object.entries(claims)) if (value === null) delete claims[name];
  const key = await importJWK(state.foreign ? foreignKey : ownKey, "RS256");
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}

function configure(issuer) {
  const provider = new Provider(issuer, {
    clients: setup.clients.map((client) => ({ grant_types: ["authorization_code"], response_types: ["code"], ...client })),
    jwks: { keys: [ownKey] },
    cookies: { keys: ["only for tests"] },
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username", "groups"] },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...state.people[sub] }) }),
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === "/token" && state.broken) {
      ctx.body = state.broken;
      ctx.status = state.broken.startsWith("<") ? 200 : 500;
    } else if (ctx.path === "/token" && ctx.body?.id_token) ctx.body.id_token = await spoil(ctx.body.id_token);
  });
  return provider;
}

let provider;
let answer;

async function respond(request, response) {
  if (request.url === "/control") {
    let text = "";
    for await (const part of request) text += part;
    Object.assign(state, JSON.parse(text));
    response.end("{}");
  } else if (state.hang) {
    // no answer at all
  } else if (request.url.startsWith("/interaction/")) {
    const result = state.who ? { login: { accountId: state.who } } : { error: "access_denied" };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  } else {
    answer(request, response);
  }
}

const server = http.createServer(respond);
server.listen(setup.port ?? 0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = configure(issuer);
  answer = provider.callback();
  console.log(issuer);
});
