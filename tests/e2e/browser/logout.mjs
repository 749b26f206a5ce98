// Logout in all its kinds: two applications built on openid-client, logout tokens checked by jose, in Chromium.
import { createRemoteJWKSet, jwtVerify } from "jose";
import { launch, press, travel } from "./chromium.mjs";
import { assert, check, input, step, until } from "./harness.mjs";
import { RelyingParty } from "./relying_party.mjs";
import { remember } from "./vault.mjs";

const { issuer, person } = input;
const browser = await launch();
const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));

/** An application that remembers by which ways it heard of a logout. */
async function application(registered) {
  const rp = await (await RelyingParty.discover(issuer, registered)).listen();
  const html = (response, body) => response.setHeader("content-type", "text/html").end(`<!doctype html><title>Application</title>${body}`);
  Object.assign(rp, { frames: [], tokens: [], goodbyes: [], origin: new URL(registered.redirect_uris[0]).origin });
  rp.routes.set("/frontchannel", ({ url, response }) => {
    rp.frames.push(Object.fromEntries(url.searchParams));
    html(response, "<p>signed out");
  });
  rp.routes.set("/backchannel", ({ body, response }) => {
    remember(body.get("logout_token"));
    rp.tokens.push(body.get("logout_token"));
    response.end();
  });
  rp.routes.set("/goodbye", ({ url, response }) => {
    rp.goodbyes.push(Object.fromEntries(url.searchParams));
    html(response, `<p id="application">Goodbye`);
  });
  // Session Management 1.0, section 3.1: the application's own frame asks the provider's.
  rp.routes.set("/watch", ({ response }) => html(response, `<iframe id="op" src="${metadata.check_session_iframe}"></iframe>`));
  // What a logout button with a form does.
  rp.routes.set("/post", ({ url, response }) => {
    const fields = [...url.searchParams].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
    html(response, `<form method="post" action="${metadata.end_session_endpoint}">${fields.join("")}<button id="send">Sign out</button></form>`);
  });
  return rp;
}

/** What the provider's frame answers to a page of `origin`. */
const ask = (page, message) =>
  page.evaluate(([text, target]) => new Promise((resolve) => {
    addEventListener("message", (event) => { if (event.origin === target) resolve(event.data); }, { once: true });
    document.getElementById("op").contentWindow.postMessage(text, target);
  }), [message, issuer]);

async function login(rp, page, options = {}) {
  const { url, done } = await rp.begin();
  await travel(page, url, { person, ...options });
  const result = await done;
  if (result.error) throw result.error;
  return result;
}

async function isSignedIn(rp, page) {
  const { url, done } = await rp.begin({ prompt: "none" });
  await page.goto(url);
  return !(await done).error;
}

const [notes, ledger] = await Promise.all(input.clients.map(application));
const forget = () => [notes, ledger].forEach((rp) => Object.assign(rp, { frames: [], tokens: [], goodbyes: [] }));

/** Each application heard once, by both ways, of the session that its ID token named. */
async function bothHeard(logins) {
  await until("both have their logout token", () => notes.tokens.length && ledger.tokens.length);
  for (const [rp, { claims }] of [[notes, logins[0]], [ledger, logins[1]]]) {
    assert.equal(rp.tokens.length, 1);
    const algorithms = [rp.registered.id_token_signed_response_alg];
    const { payload } = await jwtVerify(rp.tokens[0], keys, {
      issuer, audience: rp.registered.client_id, typ: "logout+jwt", algorithms, requiredClaims: ["jti", "iat", "exp", "events"],
    });
    assert.deepEqual([payload.sub, payload.sid], [claims.sub, claims.sid]);
    assert.deepEqual(payload.events, { "http://schemas.openid.net/event/backchannel-logout": {} });
    assert.ok(!("nonce" in payload));
    assert.deepEqual(rp.frames, [{ keep: "this", iss: issuer, sid: claims.sid }]);
  }
  assert.notEqual(logins[0].claims.sub, logins[1].claims.sub);
}

async function visit(options, action) {
  const context = await browser.newContext(options);
  const complaints = [];
  context.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  try {
    await action(await context.newPage(), context);
  } finally {
    await context.close();
    forget();
  }
  await check("nothing was forbidden by a policy on the way", () => assert.deepEqual(complaints.filter((text) => /Content.Security.Policy|Refused/i.test(text)), []));
}

await visit({}, async (page, context) => {
  const logins = await step("one person, two applications, one session", async () => {
    const both = [await login(notes, page), await login(ledger, page)];
    // Pairwise, the second cannot be joined with the first by its session either; each hears of its own.
    assert.match(both[1].claims.sid, /^[\w-]{43}$/);
    assert.notEqual(both[0].claims.sid, both[1].claims.sid);
    return both;
  });

  const watch = await context.newPage();
  const state = logins[0].answer.session_state;
  const id = notes.registered.client_id;
  await check("session management: unchanged while nothing happens, and an error for nonsense", async () => {
    await watch.goto(`${notes.origin}/watch`);
    await until("the frame answers", async () => (await ask(watch, `${id} ${state}`)) === "unchanged");
    assert.equal(await ask(watch, `${id} ${state.replace(/^./, (c) => (c === "A" ? "B" : "A"))}`), "changed");
    assert.equal(await ask(watch, `${ledger.registered.client_id} ${state}`), "changed");
    for (const nonsense of ["", id, `${id} ${state} more`, `${id} nosalt`]) assert.equal(await ask(watch, nonsense), "error", nonsense);
    assert.equal(await ask(watch, `${id} ${state}`), "unchanged");
  });

  await step("the application's logout: no question, every application's frame, and back with the state", async () => {
    const started = performance.now();
    await page.goto(notes.logoutUrl({ id_token_hint: logins[0].tokens.id_token, post_logout_redirect_uri: `${notes.origin}/goodbye`, state: "s 1" }));
    await page.locator("#application").waitFor({ timeout: 4_500 });
    assert.deepEqual(notes.goodbyes, [{ state: "s 1" }]);
    assert.ok(performance.now() - started < 4_500, "it did not wait for the clock");
  });
  await check("each application heard in its frame, and by a logout token that jose accepts", () => bothHeard(logins));
  await check("session management: changed, without a request to the provider", async () => {
    assert.equal(await ask(watch, `${id} ${state}`), "changed");
  });
  await check("nobody is signed in any more", async () => assert.equal(await isSignedIn(notes, page), false));
});

await visit({}, async (page) => {
  const logins = await step("signed in again", async () => [await login(notes, page), await login(ledger, page)]);
  await check("without a hint the page asks, names the application, and staying stays", async () => {
    const url = ledger.logoutUrl({ post_logout_redirect_uri: `${ledger.origin}/goodbye`, state: "s2" });
    await page.goto(url);
    assert.match(await page.locator("main").innerText(), /Ledger/);
    await press(page, "#stay");
    assert.equal(await isSignedIn(ledger, page), true);
    await page.goto(url);
    await page.locator("#logout").click();
    await page.locator("#application").waitFor({ timeout: 10_000 });
    assert.deepEqual(ledger.goodbyes, [{ state: "s2" }]);
    await bothHeard(logins);
  });
});

await visit({}, async (page) => {
  const logins = await step("signed in once more", async () => [await login(notes, page), await login(ledger, page)]);
  await check("a form of another site with a hint signs out, although its POST brings no session cookie", async () => {
    const fields = new URLSearchParams({ id_token_hint: logins[0].tokens.id_token, post_logout_redirect_uri: `${notes.origin}/goodbye`, state: "s3" });
    // Another site: localhost and 127.0.0.1 share nothing.
    await page.goto(`${notes.origin.replace("localhost", "127.0.0.1")}/post?${fields}`);
    await page.locator("#send").click();
    await page.locator("#application").waitFor({ timeout: 10_000 });
    assert.deepEqual(notes.goodbyes, [{ state: "s3" }]);
    await bothHeard(logins);
  });
});

await visit({}, async (page) => {
  await step("and signed in yet again", () => login(notes, page));
  await check("an application whose frame hangs is not waited for longer than five seconds", async () => {
    const { tokens } = await login(ledger, page);
    ledger.routes.set("/frontchannel", () => {});
    const started = performance.now();
    await page.goto(notes.logoutUrl({ id_token_hint: tokens.id_token, client_id: ledger.registered.client_id, post_logout_redirect_uri: `${ledger.origin}/goodbye` }), { waitUntil: "commit" });
    await page.locator("#application").waitFor({ timeout: 15_000 });
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 4 && seconds < 9, `${seconds} s`);
  });
});

await visit({ javaScriptEnabled: false }, async (page) => {
  const { tokens } = await step("without JavaScript: signed in", () => login(notes, page, { scripts: false }));
  await check("without JavaScript: frames, a link, and on after five seconds by itself", async () => {
    const url = notes.logoutUrl({ id_token_hint: tokens.id_token, post_logout_redirect_uri: `${notes.origin}/goodbye` });
    await page.goto(url);
    assert.equal(await page.locator("#continue").getAttribute("href"), `${notes.origin}/goodbye`);
    await until("its frame was loaded", () => notes.frames.length === 1);
    await page.locator("#application").waitFor({ timeout: 10_000 });
    assert.equal(notes.goodbyes.length, 1);
  });
});

notes.close();
ledger.close();
await browser.close();
