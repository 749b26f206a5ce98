// An application that nobody has registered: it does so itself, and a person signs in to it in Chromium.
import { launch, travel } from "./chromium.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { RelyingParty } from "./relying_party.mjs";
import { fetchAndRemember } from "./vault.mjs";

const { issuer, person, token, port } = input;
const metadata = {
  client_name: "Application that came by itself",
  "client_name#de": "Anwendung, die von selbst kam",
  redirect_uris: [`http://127.0.0.1:${port}/callback`],
  grant_types: ["authorization_code", "refresh_token"],
};

await check("without an initial access token openid-client is refused", async () => {
  const error = await RelyingParty.register(issuer, metadata).catch((error) => error);
  assert.equal(error.status, 401);
});

const application = await step("openid-client registers the application", async () => {
  const application = await RelyingParty.register(issuer, metadata, { initialAccessToken: token });
  assert.equal(application.registered["client_name#de"], metadata["client_name#de"]);
  assert.equal(application.registered.client_secret_expires_at, 0);
  return application.listen();
});

const browser = await launch();
const tokens = await step("a person signs in to it and consents", async () => {
  const page = await (await browser.newContext()).newPage();
  const { url, done } = await application.begin();
  assert.deepEqual(await travel(page, url, { person }), ["sign-in", "consent"]);
  const result = await done;
  if (result.error) throw result.error;
  assert.equal((await application.userinfo(result.tokens)).email, person.email);
  return result.tokens;
});

const { registration_client_uri: uri, registration_access_token: bearer } = application.registered;
const manage = (method, body) =>
  fetchAndRemember(uri, { method, headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" }, body });

await check("the application reads its registration and changes it", async () => {
  const { registration_access_token, registration_client_uri, client_id_issued_at, client_secret_expires_at, ...read } = await (await manage("GET")).json();
  const changed = await manage("PUT", JSON.stringify({ ...read, client_name: "Renamed" }));
  assert.equal(changed.status, 200);
  assert.equal((await changed.json()).client_name, "Renamed");
  await application.refresh(tokens);
});

await check("it leaves, and what it held works no more", async () => {
  assert.equal((await manage("DELETE")).status, 204);
  assert.equal((await manage("GET")).status, 401);
  await assert.rejects(application.userinfo(tokens));
});

application.close();
await browser.close();
