// People sign in to applications built on openid-client, in Chromium.
import { launch, press, travel } from "./chromium.mjs";
import { assert, check, input, step, tessera, until } from "./harness.mjs";
import { RelyingParty } from "./relying_party.mjs";

const { issuer, people, clients } = input;
const browser = await launch();

/** One application, one fresh browser profile. */
async function visit(client, options, action) {
  const application = await (await RelyingParty.discover(issuer, client)).listen();
  const context = await browser.newContext(options);
  try {
    await action(application, await context.newPage());
  } finally {
    await context.close();
    application.close();
  }
}

/** A login from its beginning to what the application got. */
async function login(application, page, parameters, options) {
  const { url, done } = await application.begin(parameters);
  const visited = await travel(page, url, options);
  return { visited, ...(await done) };
}

/** A login that must have come to tokens. */
async function loginWell(...args) {
  const result = await login(...args);
  if (result.error) throw result.error;
  return result;
}

for (const [title, client] of Object.entries(clients)) {
  const person = people.ada;
  await visit(client, {}, async (application, page) => {
    const first = await step(`${title}: sign in, consent, and back with tokens`, async () => {
      const result = await loginWell(application, page, {}, { person });
      assert.deepEqual(result.visited, ["sign-in", "consent"]);
      return result;
    });

    await check(`${title}: the answer carries iss, and the ID token what was asked`, async () => {
      assert.equal(first.answer.iss, issuer);
      assert.equal(first.claims.iss, issuer);
      const header = JSON.parse(Buffer.from(first.tokens.id_token.split(".")[0], "base64url"));
      assert.equal(header.alg, client.id_token_signed_response_alg);
      assert.ok(header.kid);
      assert.equal(typeof first.claims.auth_time, "number");
    });

    await check(`${title}: userinfo has the same subject`, async () => {
      const profile = await application.userinfo(first.tokens);
      assert.equal(profile.sub, first.claims.sub);
      assert.equal(profile.email, person.email);
      assert.equal(profile.preferred_username, person.username);
    });

    await check(`${title}: refreshing rotates the refresh token`, async () => {
      const second = await application.refresh(first.tokens);
      assert.notEqual(second.refresh_token, first.tokens.refresh_token);
      assert.equal(second.claims().sub, first.claims.sub);
      await application.userinfo(second);
    });

    // RFC 6749 section 10.2: who cannot prove who they are must not be waved through.
    const again = client.token_endpoint_auth_method === "none" ? ["consent"] : [];
    await check(`${title}: the second login asks for ${again.join() || "nothing"}`, async () => {
      const second = await loginWell(application, page, {}, {});
      assert.deepEqual(second.visited, again);
      assert.equal(second.claims.sub, first.claims.sub);
    });
  });
}

const client = Object.values(clients)[0];
await visit(client, {}, async (application, page) => {
  const person = people.ada;
  const algorithm = client.id_token_signed_response_alg;
  // As on a calendar: the next key is published long before it signs. The application has not fetched the keys yet.
  tessera("key", "rotate", "--alg", algorithm);

  await check("prompt=none without a session answers login_required", async () => {
    const result = await login(application, page, { prompt: "none" }, {});
    assert.equal(result.error?.error, "login_required");
  });

  const first = await step("a person who consented before signs in, and is not asked again", async () => {
    const result = await loginWell(application, page, {}, { person });
    assert.deepEqual(result.visited, ["sign-in"]);
    return result;
  });

  await check("prompt=none with a session gives the same person, who signed in at the same time", async () => {
    const result = await loginWell(application, page, { prompt: "none" }, {});
    assert.deepEqual(result.visited, []);
    assert.deepEqual([result.claims.sub, result.claims.auth_time], [first.claims.sub, first.claims.auth_time]);
  });

  await check("prompt=login asks for the password again", async () => {
    const result = await loginWell(application, page, { prompt: "login" }, { person });
    assert.deepEqual(result.visited, ["sign-in"]);
    assert.ok(result.claims.auth_time >= first.claims.auth_time);
  });

  await check("prompt=consent asks for consent again, and a refusal is access_denied", async () => {
    const result = await login(application, page, { prompt: "consent" }, { decision: "deny" });
    assert.deepEqual(result.visited, ["consent"]);
    assert.equal(result.error?.error, "access_denied");
    assert.equal(result.answer.iss, issuer);
  });

  await check("response_mode=form_post comes back as a POST", async () => {
    const result = await loginWell(application, page, { response_mode: "form_post" }, {});
    assert.equal(result.method, "POST");
    assert.equal(result.claims.sub, first.claims.sub);
  });

  await check("a key rotation between login and refresh breaks nothing", async () => {
    const before = await loginWell(application, page, {}, {});
    tessera("key", "rotate", "--alg", algorithm, "--now");
    const kid = (tokens) => JSON.parse(Buffer.from(tokens.id_token.split(".")[0], "base64url")).kid;
    await until("the new key signs", async () => kid((await loginWell(application, page, {}, {})).tokens) !== kid(before.tokens));
    const after = await application.refresh(before.tokens);
    assert.notEqual(kid(after), kid(before.tokens));
    await application.userinfo(before.tokens);
  });
});

await visit(client, {}, async (application, page) => {
  await step("the sign-out page asks first: staying keeps the session", async () => {
    await loginWell(application, page, {}, { person: people.ada });
    await page.goto(application.logoutUrl());
    await press(page, "#stay");
    await loginWell(application, page, { prompt: "none" }, {});
  });
  await check("logging out there ends it", async () => {
    await page.goto(application.logoutUrl());
    await press(page, "#logout");
    const result = await login(application, page, { prompt: "none" }, {});
    assert.equal(result.error?.error, "login_required");
  });
});

await visit(client, { javaScriptEnabled: false }, async (application, page) => {
  await check("without JavaScript: sign-in, consent and form_post with its button", async () => {
    const result = await loginWell(application, page, { response_mode: "form_post" }, { person: people.grace, scripts: false });
    assert.deepEqual(result.visited, ["sign-in", "consent", "continue"]);
    assert.equal(result.method, "POST");
  });
});

await browser.close();
