// Every second factor is lost: the pages of the way back, with scripts and without.
import { scan } from "./authenticator.mjs";
import { fillSignIn, launch, press, text } from "./chromium.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step, tessera } from "./harness.mjs";
import { Mailbox } from "./mailbox.mjs";
import { remember, rememberCookies } from "./vault.mjs";

const { issuer, people, mailPort } = input;
const { ada, grace, hedy, noor } = people;
const browser = await launch();
const mailbox = await new Mailbox().listen(mailPort);

/** A browser of its own, and how to look at what it shows. */
async function visit(options = {}) {
  const page = await (await browser.newContext({ locale: process.env.E2E_LOCALE, ...options })).newPage();
  return { page, look: gallery(page) };
}

const path = (page) => new URL(page.url()).pathname;

async function signIn(page, person) {
  await page.goto(`${issuer}/sign-in`);
  await fillSignIn(page, person);
  await press(page, "#login");
  await rememberCookies(page.context());
}

/** Sets up the app of the page that is open. */
async function setUp(page, app) {
  await page.locator("#code").fill(app.code());
  await press(page, "#confirm");
  await rememberCookies(page.context());
  (await page.locator("#recovery-codes code").allInnerTexts()).forEach(remember);
}

/** Somebody with an app, in the browser in which they set it up. */
async function enrolled(person) {
  const { page, look } = await visit();
  await signIn(page, person);
  await page.goto(`${issuer}/account/authenticator`);
  const app = await scan(page);
  await setUp(page, app);
  return { page, look, app };
}

/** Signs in with the password, and says that all else is lost. */
async function lost(page, person) {
  await signIn(page, person);
  if (path(page) === "/sign-in/step") await press(page, "#lost");
  assert.equal(path(page), "/sign-in/recover", await text(page));
}

/** The link that an operator hands over. */
function allowed(person) {
  const link = /https?:\/\/\S+\/recover\?token=\S+/.exec(tessera("user", "recover", person.username))[0];
  remember(new URL(link).searchParams.get("token"));
  return link;
}

const owner = await step("three people have an app", async () => {
  const all = {};
  for (const person of [ada, grace, hedy]) all[person.username] = await enrolled(person);
  return all;
});

const { page, look } = await visit();
await step("the way back is offered to who knows the password", async () => lost(page, ada));
await look("lost");
await step("and asked for", async () => {
  await press(page, "#begin");
  assert.match(await text(page), /open from/);
});
await look("lost-begun");

const letter = await step("a letter says so at once", async () => mailbox.take(ada.email, /way back|Stop it|second step is lost/));
await check("the letter itself", async () => {
  const reader = await visit();
  await reader.page.setContent(letter.html);
  await reader.look("letter-recovery-begun");
});
await step("its link asks whether to stop it", async () => {
  await page.goto(letter.link);
  await page.locator("#stop").waitFor();
});
await look("recover-waiting");

await step("the owner, who is signed in, is told on every visit", async () => {
  await owner[ada.username].page.goto(`${issuer}/account`);
  await owner[ada.username].page.locator("#recovery-under-way").waitFor();
});
await owner[ada.username].look("recovery-under-way");

await step("stopped by the letter", async () => press(page, "#stop"));
await look("recover-stopped");
await check("the owner is told no more, and the link is dead", async () => {
  await owner[ada.username].page.goto(`${issuer}/account`);
  assert.equal(await owner[ada.username].page.locator("#recovery-under-way").count(), 0);
  assert.equal((await page.goto(letter.link)).status(), 410);
});

await step("an operator opens another one: password and link", async () => {
  await page.context().clearCookies();
  await page.goto(allowed(ada));
  await page.locator("#go_on").waitFor();
});
await look("recover-ready");
await step("a wrong password is told", async () => {
  await page.locator("#password").fill("wrong-on-purpose");
  await press(page, "#go_on");
  await page.locator("#password-problem").waitFor();
});
await look("recover-refused");
await step("the right one leads to a new second step", async () => {
  await page.locator("#password").fill(ada.password);
  await press(page, "#go_on");
  assert.equal(path(page), "/sign-in/set-up", await text(page));
});
await look("recover-set-up");
await step("which takes the place of the lost one", async () => {
  await setUp(page, await scan(page));
});
await look("recover-codes");
await check("what was signed in before is signed out", async () => {
  await owner[ada.username].page.goto(`${issuer}/account`);
  assert.equal(path(owner[ada.username].page), "/sign-in");
});

await step("who has one that is open is told where it is", async () => {
  allowed(grace);
  await page.context().clearCookies();
  await lost(page, grace);
});
await look("lost-ready");

await check("without scripts: asked for, and stopped on the account page", async () => {
  const { page: plain } = await visit({ javaScriptEnabled: false });
  await lost(plain, hedy);
  await press(plain, "#begin");
  const { link } = await mailbox.take(hedy.email, /way back|Stop it|second step is lost/);
  await plain.goto(link);
  await plain.locator("#stop").waitFor();
  await press(plain, "#stop");
  assert.match(await text(plain), /It is stopped/);
});

await check("without scripts: an operator's link, the password, and a new app", async () => {
  const { page: plain } = await visit({ javaScriptEnabled: false });
  await plain.goto(allowed(hedy));
  await plain.locator("#password").fill(hedy.password);
  await press(plain, "#go_on");
  assert.equal(path(plain), "/sign-in/set-up", await text(plain));
  await setUp(plain, await scan(plain));
  await press(plain, "#done");
  assert.equal(path(plain), "/account", await text(plain));
});

await check("without scripts: it was not me, the account is locked", async () => {
  const { page: plain } = await visit({ javaScriptEnabled: false });
  await plain.goto(allowed(grace));
  await press(plain, "#lock");
  assert.match(await text(plain), /locked/i);
  await plain.goto(`${issuer}/sign-in`);
  await fillSignIn(plain, grace);
  await press(plain, "#login");
  assert.equal(path(plain), "/sign-in");
});

await check("who has no second factor has nothing to lose", async () => {
  const { page: other } = await visit();
  await signIn(other, noor);
  assert.equal(path(other), "/account");
});

mailbox.close();
await browser.close();
