// The way of a login with JavaScript switched off: every page works by its forms and links alone.
import { scan } from "./authenticator.mjs";
import { fillSignIn, launch, press, text } from "./chromium.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { Mailbox } from "./mailbox.mjs";
import { RelyingParty } from "./relying_party.mjs";
import { remember, rememberCookies } from "./vault.mjs";

const { issuer, client, people, mailPort } = input;
const { ada, grace, hedy } = people;
const origin = new URL(client.redirect_uris[0]).origin;
const browser = await launch();
const mailbox = await new Mailbox().listen(mailPort);
const application = await (await RelyingParty.discover(issuer, client)).listen();
const html = (body) => ({ response }) => response.setHeader("content-type", "text/html").end(`<!doctype html><title>Application</title>${body}`);
let frames = 0;
application.routes.set("/frontchannel", (request) => { frames += 1; html("<p>signed out")(request); });
application.routes.set("/goodbye", html(`<p id="application">Goodbye`));
const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();

async function shows(selector) {
  await page.locator(selector).first().waitFor({ timeout: 10_000 }).catch(async () => {
    throw new Error(`no ${selector} at ${page.url()}: ${await text(page)}`);
  });
}

async function ask(parameters) {
  const { url, done } = await application.begin(parameters);
  await page.goto(url);
  return { end: () => done };
}

async function tokens({ end }) {
  const result = await end();
  if (result.error) throw result.error;
  return result;
}

async function signIn(person) {
  await shows("#login");
  await fillSignIn(page, person);
  await press(page, "#login");
  await rememberCookies(page.context());
}

await step("a wrong password is told, the name stays, and nothing that needs a script is offered", async () => {
  const asked = await ask({});
  await signIn({ ...ada, password: "wrong-on-purpose" });
  await shows("#problems");
  assert.equal(await page.locator("#username").inputValue(), ada.username);
  assert.equal(await page.locator(".reveal").count(), 0);
  await signIn(ada);
  await shows("#deny");
  await press(page, "#deny");
  assert.equal((await asked.end()).error.error, "access_denied");
});

const first = await step("signed in already: consent, and form_post by its button", async () => {
  const asked = await ask({ response_mode: "form_post" });
  await press(page, "#allow");
  await shows("#continue");
  await press(page, "#continue");
  const result = await tokens(asked);
  assert.equal(result.method, "POST");
  return result;
});

const second = await step("another account, by the chooser's link", async () => {
  const asked = await ask({ prompt: "select_account" });
  await press(page, "#another");
  await signIn(grace);
  await press(page, "#allow");
  return tokens(asked);
});

await check("the chooser's buttons: either account", async () => {
  assert.notEqual(second.claims.sub, first.claims.sub);
  for (const [email, { claims }] of [[ada.email, first], [grace.email, second]]) {
    const asked = await ask({ prompt: "select_account" });
    await shows("#account-2");
    await page.locator("button.person", { hasText: email }).click();
    assert.equal((await tokens(asked)).claims.sub, claims.sub);
  }
});

await check("the account page: the application's access is taken back, and the application asks again", async () => {
  await page.goto(`${issuer}/account`);
  await press(page, 'form[action="/account/applications/revoke"] button');
  const asked = await ask({});
  await shows("#allow");
  await press(page, "#allow");
  await tokens(asked);
});

await check("signed out by the page's button: the applications' frames, and the way back by a link", async () => {
  const before = frames;
  await page.goto(application.logoutUrl({ post_logout_redirect_uri: `${origin}/goodbye` }));
  await page.locator("#logout").click();
  await shows("#continue");
  await press(page, "#continue");
  await shows("#application");
  assert.ok(frames > before, "no frame was loaded");
});

await check("signed out of all, in the chooser", async () => {
  await page.goto(`${issuer}/select-account`);
  await page.locator("#logout_all").click();
  await page.goto(`${issuer}/account`);
  await shows("#login");
});

await check("a new account: form, letter, button, and on with the login that has waited", async () => {
  const newcomer = { email: "noor@example.com", username: "noor@example.com", password: `${Date.now()} unrelated words` };
  remember(newcomer.password);
  const asked = await ask({ prompt: "create" });
  await page.locator("#email").fill(newcomer.email);
  await page.locator("#password").fill(newcomer.password);
  await press(page, "#signup");
  await page.goto((await mailbox.take(newcomer.email)).link);
  await press(page, "#verify");
  await press(page, "main a.button.primary");
  await signIn(newcomer);
  await press(page, "#allow");
  assert.equal((await application.userinfo((await tokens(asked)).tokens)).email, newcomer.email);
});

await check("another e-mail address: both say yes by a button", async () => {
  await page.goto(`${issuer}/account/email`);
  await page.locator("#email").fill("noor.new@example.com");
  await press(page, "#send");
  for (const [to, words] of [["noor@example.com", /another e-mail address/], ["noor.new@example.com", /new e-mail address/]]) {
    await page.goto((await mailbox.take(to, words)).link);
    await press(page, "#confirm");
  }
  await page.goto(`${issuer}/account`);
  assert.match(await page.locator('section[aria-labelledby="email-address"]').innerText(), /noor\.new@example\.com/);
});

await check("the account deleted, and kept", async () => {
  await press(page, "#delete-page");
  await press(page, "#delete");
  await page.goto((await mailbox.take("noor.new@example.com", /is disabled/)).link);
  await press(page, "#keep");
  assert.match(await text(page), /You can sign in again/);
});

/** Somebody else's browser, or another one of the same person: no scripts there either. */
async function another(person) {
  const other = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await other.goto(`${issuer}/sign-in`);
  await fillSignIn(other, person);
  await press(other, "#login");
  await rememberCookies(other.context());
  return other;
}

const path = (where) => new URL(where.url()).pathname;
const own = await another(hedy);

await check("the profile is changed", async () => {
  await own.goto(`${issuer}/account/profile`);
  await own.locator("#nickname").fill("Lamarr");
  await press(own, "#save");
  assert.match(await own.locator('section[aria-labelledby="profile"]').innerText(), /Lamarr/);
});

await check("one session is ended, and then all others", async () => {
  const [one, two] = [await another(hedy), await another(hedy)];
  await own.goto(`${issuer}/account`);
  const rows = own.locator('section[aria-labelledby="sessions"] li');
  assert.equal(await rows.count(), 3);
  await Promise.all([own.waitForEvent("domcontentloaded"), own.locator('form[action="/account/sessions/end"] button').first().click()]);
  assert.equal(await rows.count(), 2);
  await press(own, "#end-others");
  assert.equal(await rows.count(), 1);
  for (const ended of [one, two]) {
    await ended.goto(`${issuer}/account`);
    assert.equal(path(ended), "/sign-in");
  }
});

await check("the password is changed", async () => {
  const password = `${Date.now()} further unrelated words`;
  remember(password);
  await own.goto(`${issuer}/account`);
  await own.locator("#current_password").fill(hedy.password);
  await own.locator("#password").fill(password);
  await press(own, "#change");
  await mailbox.take(hedy.email, /was changed just now/);
  hedy.password = password;
  await another(hedy);
});

await check("what matters asks for the second step that was set up elsewhere meanwhile", async () => {
  const elsewhere = await another(hedy);
  await elsewhere.goto(`${issuer}/account/authenticator`);
  const app = await scan(elsewhere);
  await elsewhere.locator("#code").fill(app.code());
  await press(elsewhere, "#confirm");
  (await elsewhere.locator("#recovery-codes code").allInnerTexts()).forEach(remember);
  await own.goto(`${issuer}/account/email`);
  assert.equal(path(own), "/sign-in/step", await text(own));
  await own.locator("#code").fill("000000");
  await press(own, "#verify");
  await own.locator("#code-problem").waitFor();
  await own.locator("#code").fill(app.code());
  await press(own, "#verify");
  assert.equal(path(own), "/account/email", await text(own));
});

await check("a forgotten password is chosen anew, and then it was not me", async () => {
  const password = `${Date.now()} words of somebody else`;
  remember(password);
  const stranger = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await stranger.goto(`${issuer}/forgot-password`);
  await stranger.locator("#identifier").fill(hedy.email);
  await press(stranger, "#send");
  await stranger.goto((await mailbox.take(hedy.email, /asked for a new password/)).link);
  await stranger.locator("#password").fill(password);
  await press(stranger, "#reset");
  await own.goto((await mailbox.take(hedy.email, /was changed just now/)).link);
  await press(own, "#lock");
  assert.match(await text(own), /locked/i);
  await stranger.goto(`${issuer}/sign-in`);
  await fillSignIn(stranger, { ...hedy, password });
  await press(stranger, "#login");
  assert.equal(path(stranger), "/sign-in");
});

mailbox.close();
application.close();
await browser.close();
