// What an application may ask of a login (OpenID Connect Core section 3.1.2.1), and the pages that people see then.
import { fillSignIn, launch, press, text } from "./chromium.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step, until } from "./harness.mjs";
import { RelyingParty } from "./relying_party.mjs";
import { rememberCookies } from "./vault.mjs";

const { issuer, client, people } = input;
const { ada, grace, otto } = people;
const origin = new URL(client.redirect_uris[0]).origin;
const browser = await launch();
const application = await (await RelyingParty.discover(issuer, client)).listen();
const html = (body) => ({ response }) => response.setHeader("content-type", "text/html").end(`<!doctype html><title>Application</title>${body}`);
application.routes.set("/frontchannel", html("<p>signed out"));
application.routes.set("/home", html("<p>Home"));
application.routes.set("/goodbye", html(`<p id="application">Goodbye`));

const page = await (await browser.newContext()).newPage();
const look = gallery(page);

/** Opens an authorization request. `end()` is what the application got in the end. */
async function ask(parameters) {
  const { url, done } = await application.begin(parameters);
  await page.goto(url);
  return { end: () => done };
}

/** The error that the application gets without a page in between. */
async function refusal(parameters) {
  const { end } = await ask(parameters);
  const { error, answer } = await end();
  assert.equal(answer.iss, issuer);
  return error?.error;
}

/** Tokens, by no page at all or after those that were answered. */
async function tokens({ end }) {
  const result = await end();
  if (result.error) throw result.error;
  assert.equal(result.answer.iss, issuer);
  return result;
}

async function shows(selector) {
  await page.locator(selector).first().waitFor({ timeout: 10_000 }).catch(async () => {
    throw new Error(`no ${selector} at ${page.url()}: ${await text(page)}`);
  });
}

async function signIn(person) {
  await shows("#login");
  await fillSignIn(page, person);
  await press(page, "#login");
  await rememberCookies(page.context());
}

const username = () => page.locator("#username").inputValue();
const focused = () => page.evaluate(() => document.activeElement.id);
/** A script of ours that would go on by itself does nothing, so that its page can be looked at. */
const hold = (script) => page.route(`**/assets/${script}.*`, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));

// Nobody is signed in.

await check("a popup of an application keeps its opener through all of our pages, and loses it at what is a person's own", async () => {
  const context = await browser.newContext();
  const home = await context.newPage();
  await home.goto(`${origin}/home`);
  const open = async (url) => {
    const [popup] = await Promise.all([home.waitForEvent("popup"), home.evaluate((url) => void window.open(url, "_blank", "popup"), url)]);
    await popup.waitForLoadState();
    return popup;
  };
  const hasOpener = (popup) => popup.evaluate(() => window.opener !== null);
  const { url, done } = await application.begin({ display: "popup" });
  const popup = await open(url);
  assert.equal(await hasOpener(popup), true, "at the sign-in page");
  await fillSignIn(popup, otto);
  await press(popup, "#login");
  await press(popup, "#allow");
  await popup.locator("#application").waitFor();
  const told = home.evaluate(() => new Promise((resolve) => window.addEventListener("message", (event) => resolve(event.data))));
  await popup.evaluate(() => window.opener.postMessage("signed in", location.origin));
  assert.equal(await told, "signed in");
  assert.equal((await done).error, undefined);
  // The control.
  assert.equal(await hasOpener(await open(`${issuer}/account`)), false, "at the account page");
  await context.close();
});

await check("prompt=none without a session: login_required", async () => assert.equal(await refusal({ prompt: "none" }), "login_required"));

await check("prompt=none beside another prompt: invalid_request", async () => {
  for (const other of ["login", "consent", "select_account", "create"]) assert.equal(await refusal({ prompt: `none ${other}` }), "invalid_request", other);
});

await step("login_hint fills the name in, and the cursor waits at the password", async () => {
  await ask({ login_hint: ada.username });
  await shows("#login");
  assert.equal(await username(), ada.username);
  assert.equal(await focused(), "password");
});
await look("sign-in-hinted");

await check("display, acr_values and claims_locales never fail a request", async () => {
  for (const display of ["page", "popup", "touch", "wap", "hologram"]) {
    await ask({ display, acr_values: "gold silver", claims_locales: "fr de" });
    await shows("#login");
  }
});

await step("ui_locales: the first language that is spoken here; else the browser's", async () => {
  for (const [locales, lang] of [["fr de en", "de"], ["de-AT", "de"], ["en", "en"], ["tlh", "en"]]) {
    await ask({ ui_locales: locales });
    await shows("#login");
    assert.equal(await page.locator("html").getAttribute("lang"), lang, locales);
  }
  await ask({ ui_locales: "de" });
});
await look("sign-in-de");

// Consent.

const hinted = await ask({ login_hint: ada.username, ui_locales: "de" });
await step("a person signs in, and the application's language goes on with them", async () => {
  await signIn(ada);
  await shows("#allow");
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
});
await look("consent-de");
await check("denied: access_denied", async () => {
  await press(page, "#deny");
  assert.equal((await hinted.end()).error.error, "access_denied");
});
await check("prompt=none before the person has consented: consent_required", async () => assert.equal(await refusal({ prompt: "none" }), "consent_required"));

const first = await step("without a prompt: consent, once, with every scope in words", async () => {
  const asked = await ask({});
  await shows("#allow");
  assert.equal(await page.locator(".grants li").count(), client.scope.split(" ").length);
  return { asked };
});
await look("consent-every-scope");
await step("allowed: tokens", async () => {
  await press(page, "#allow");
  Object.assign(first, await tokens(first.asked));
});
await check("prompt=none now: the same person, who signed in at the same time", async () => {
  const { claims } = await tokens(await ask({ prompt: "none" }));
  assert.deepEqual([claims.sub, claims.auth_time], [first.claims.sub, first.claims.auth_time]);
});
await check("prompt=consent asks again; denying keeps what was allowed before", async () => {
  const asked = await ask({ prompt: "consent" });
  await shows("#allow");
  await press(page, "#deny");
  assert.equal((await asked.end()).error.error, "access_denied");
  await tokens(await ask({ prompt: "none" }));
});

// Once more: prompt=login and max_age.

const again = await step("prompt=login: the password again, the name is known", async () => {
  const asked = await ask({ prompt: "login" });
  await shows("#login");
  assert.equal(await username(), ada.username);
  assert.equal(await focused(), "password");
  return asked;
});
await look("sign-in-again");
await check("a wrong password does not get through although there is a session", async () => {
  await signIn({ ...ada, password: "wrong-on-purpose" });
  await shows("#problems");
  assert.equal(await username(), ada.username);
});
await look("sign-in-again-refused");
await check("prompt=login: the right one does, and auth_time is new", async () => {
  // auth_time counts seconds.
  await until("the next second", () => Date.now() / 1000 >= first.claims.auth_time + 1);
  await signIn(ada);
  const { claims } = await tokens(again);
  assert.equal(claims.sub, first.claims.sub);
  assert.ok(claims.auth_time > first.claims.auth_time, `${claims.auth_time}`);
});
await check("max_age: an hour asks nothing, 0 asks for the password, and with prompt=none it is login_required", async () => {
  const { claims } = await tokens(await ask({ max_age: "3600" }));
  assert.equal(await refusal({ max_age: "0", prompt: "none" }), "login_required");
  const asked = await ask({ max_age: "0" });
  await signIn(ada);
  assert.ok((await tokens(asked)).claims.auth_time >= claims.auth_time);
});
await check("max_age=1 asks a person who signed in two seconds ago", async () => {
  const { claims } = await tokens(await ask({ prompt: "none", max_age: "3600" }));
  await until("two seconds", () => Date.now() / 1000 > claims.auth_time + 2);
  assert.equal(await refusal({ max_age: "1", prompt: "none" }), "login_required");
  const asked = await ask({ max_age: "1" });
  await signIn(ada);
  assert.ok((await tokens(asked)).claims.auth_time > claims.auth_time);
});

const unmet = await step("acr as an essential claim that the account cannot reach: the page says so", async () => {
  const claims = JSON.stringify({ id_token: { acr: { essential: true, value: "urn:tessera:acr:aal2" } } });
  const asked = await ask({ claims });
  await shows("#back");
  return asked;
});
await look("unmet");
await check("and back: the application hears that the level was not met", async () => {
  await press(page, "#back");
  assert.equal((await unmet.end()).error.error, "unmet_authentication_requirements");
});

// Several accounts.

await step("prompt=select_account with one account: the chooser, and a way to another", async () => {
  first.another = await ask({ prompt: "select_account" });
  await shows("#account-1");
  assert.equal(await page.locator("button.person").count(), 1);
});
await look("select-account-one");
const second = await step("another account: an empty form, then consent for that person", async () => {
  await press(page, "#another");
  await shows("#login");
  assert.equal(await username(), "");
  await signIn(grace);
  await shows("#allow");
  await press(page, "#allow");
  const result = await tokens(first.another);
  assert.notEqual(result.claims.sub, first.claims.sub);
  return result;
});
const chooser = await step("prompt=select_account with two: both are there, in German too", async () => {
  const asked = await ask({ prompt: "select_account", ui_locales: "de" });
  await shows("#account-2");
  assert.equal(await page.locator("button.person").count(), 2);
  return asked;
});
await look("select-account-two-de");
await check("the second is chosen, and the application gets that person", async () => {
  await page.locator("button.person", { hasText: ada.email }).click();
  assert.equal((await tokens(chooser)).claims.sub, first.claims.sub);
});
await check("prompt='select_account login': the chosen account proves itself again", async () => {
  const asked = await ask({ prompt: "select_account login" });
  await page.locator("button.person", { hasText: grace.email }).click();
  await signIn(grace);
  assert.equal((await tokens(asked)).claims.sub, second.claims.sub);
});

await check("login_hint of either account here: that person, without a question", async () => {
  for (const [{ username: login_hint }, { claims }] of [[ada, first], [grace, second]]) {
    assert.equal((await tokens(await ask({ prompt: "none", login_hint }))).claims.sub, claims.sub);
  }
});
await check("id_token_hint of the other account here: that person, without a question", async () => {
  const { claims } = await tokens(await ask({ prompt: "none", id_token_hint: first.tokens.id_token }));
  assert.equal(claims.sub, first.claims.sub);
});
await check("id_token_hint of somebody who is not here: login_required, and never somebody else", async () => {
  await page.goto(`${issuer}/select-account`);
  await press(page, "#logout_all");
  assert.equal(await refusal({ prompt: "none", id_token_hint: second.tokens.id_token }), "login_required");
  const alone = await ask({});
  await signIn(ada);
  await tokens(alone);
  assert.equal(await refusal({ prompt: "none", id_token_hint: second.tokens.id_token }), "login_required");
  const asked = await ask({ id_token_hint: second.tokens.id_token });
  await signIn(ada);
  assert.equal((await asked.end()).error.error, "login_required");
});

// Back to the application by a form, and pages that say what is wrong.

await step("response_mode=form_post: the page in between", async () => {
  await hold("form_post");
  const asked = await ask({ response_mode: "form_post" });
  await shows("#continue");
  return asked;
});
await look("form-post");
await page.unrouteAll();

const { url } = await application.begin();
const spoiled = (name, value) => { const copy = new URL(url); copy.searchParams.set(name, value); return copy.href; };
const wrongs = {
  "error-unknown-client": spoiled("client_id", "nobody"),
  "error-redirect-uri-de": spoiled("redirect_uri", "https://elsewhere.example/callback").concat("&ui_locales=de"),
  "error-expired-request": `${issuer}/consent?request=too-old`,
};
for (const [name, wrong] of Object.entries(wrongs)) {
  await step(`${name}: an error page, and nothing goes to the application`, async () => {
    await page.goto(wrong);
    await shows(".details");
    assert.ok(page.url().startsWith(issuer), page.url());
  });
  // `pages` has looked at the first.
  if (name !== "error-unknown-client") await look(name);
}

// The way out.

await step("logout without a hint asks, in the language that is asked for", async () => {
  await page.goto(application.logoutUrl({ ui_locales: "de", post_logout_redirect_uri: `${origin}/goodbye` }));
  await shows("#logout");
});
await look("sign-out-de");
await step("with a hint it ends at once; the page that waits for the applications' frames", async () => {
  await hold("signed_out");
  const { tokens: held } = await tokens(await ask({ prompt: "none" }));
  await page.goto(application.logoutUrl({ id_token_hint: held.id_token, post_logout_redirect_uri: `${origin}/goodbye` }));
  await shows("#continue");
  assert.equal(await page.locator("iframe").count(), 1);
});
await look("signed-out-frames");
await page.unrouteAll();
await step("signed out already, and a wrong way back: said, and not followed", async () => {
  await page.goto(application.logoutUrl({ post_logout_redirect_uri: "https://elsewhere.example/" }));
  await shows("#problems");
  assert.equal(await page.locator("#continue").count(), 0);
});
await look("signed-out-flaw");

application.close();
await browser.close();
