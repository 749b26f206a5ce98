// The hybrid flow (OpenID Connect Core section 3.3) with openid-client: an ID token comes with the code, and vouches for it.
import { createHash } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { launch, travel } from "./chromium.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { RelyingParty } from "./relying_party.mjs";

const { issuer, person, clients, plain } = input;
const browser = await launch();

async function login(application, page, parameters, options) {
  const { url, done } = await application.begin(parameters);
  const visited = await travel(page, url, options);
  return { visited, ...(await done) };
}

for (const [title, client] of Object.entries(clients)) {
  const application = await (await RelyingParty.discover(issuer, client)).hybrid().listen();
  const context = await browser.newContext();
  const page = await context.newPage();
  const half = (value) => createHash("sha256").update(value).digest().subarray(0, 16).toString("base64url");

  const first = await step(`${title}: code and ID token come in the fragment, openid-client accepts both`, async () => {
    const result = await login(application, page, {}, { person });
    if (result.error) throw result.error;
    assert.deepEqual(result.visited, ["sign-in", "consent"]);
    assert.equal(result.method, "fragment");
    assert.equal(result.answer.iss, issuer);
    return result;
  });
  await check(`${title}: c_hash binds the code, and neither an access token nor a claim about the person came along`, () => {
    const front = decodeJwt(first.answer.id_token);
    assert.equal(decodeProtectedHeader(first.answer.id_token).alg, client.id_token_signed_response_alg);
    assert.equal(front.c_hash, half(first.answer.code));
    assert.deepEqual([front.sub, front.auth_time], [first.claims.sub, first.claims.auth_time]);
    assert.equal(front.email, undefined);
    assert.equal(first.answer.access_token, undefined);
  });
  await check(`${title}: userinfo and refresh know the same person`, async () => {
    assert.equal((await application.userinfo(first.tokens)).email, person.email);
    assert.equal((await application.refresh(first.tokens)).claims().sub, first.claims.sub);
  });
  await check(`${title}: response_mode=form_post brings both in a POST`, async () => {
    const result = await login(application, page, { response_mode: "form_post" }, {});
    if (result.error) throw result.error;
    assert.equal(result.method, "POST");
    assert.equal(decodeJwt(result.answer.id_token).c_hash, half(result.answer.code));
    assert.equal(result.claims.sub, first.claims.sub);
  });
  await check(`${title}: prompt=none answers without a page; an error comes in the fragment as well`, async () => {
    assert.equal((await login(application, page, { prompt: "none" }, {})).claims.sub, first.claims.sub);
    const { method, error } = await login(application, page, { prompt: "none", max_age: "0" }, {});
    assert.deepEqual([method, error.error], ["fragment", "login_required"]);
  });
  await check(`${title}: never in the query`, async () => {
    const { url } = await application.begin({ response_mode: "query" });
    await page.goto(url);
    assert.ok(!/[?&](code|id_token)=/.test(page.url()), page.url());
  });
  application.close();
  await context.close();
}

await check("a client that is registered for codes alone does not get it", async () => {
  const application = await (await RelyingParty.discover(issuer, plain)).hybrid().listen();
  const { error } = await login(application, await browser.newPage(), {}, { person });
  assert.ok(["unauthorized_client", "unsupported_response_type"].includes(error.error), String(error));
  application.close();
});
await browser.close();
