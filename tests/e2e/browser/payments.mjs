// The worked example of docs/step-up.md, by somebody who pays: what they see, and what Tessera asks them for.
import { fillSignIn, launch, press, text } from "./chromium.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { rememberCookies } from "./vault.mjs";

const { issuer, shop, fresh, person, other } = input;
const browser = await launch();

async function profile() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  return { context, page, cdp };
}

/** A telephone's or computer's own authenticator, or a security key (`usb`). */
async function plugIn(cdp, transport) {
  const options = {
    protocol: "ctap2", ctap2Version: "ctap2_1", transport, hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  return (await cdp.send("WebAuthn.addVirtualAuthenticator", { options })).authenticatorId;
}

const { context, page, cdp } = await profile();
const look = gallery(page);
const path = () => new URL(page.url()).pathname;
const said = () => page.locator("#said").innerText();

async function shows(selector) {
  await page.locator(selector).first().waitFor({ timeout: 15_000 }).catch(async () => {
    throw new Error(`no ${selector} at ${page.url()}: ${await text(page)}`);
  });
}

async function pay(cents) {
  await page.goto(shop);
  await page.locator("#cents").fill(String(cents));
  await press(page, "#pay");
  await rememberCookies(context);
}

async function signIn(someone) {
  await shows("#login");
  await fillSignIn(page, someone);
  await press(page, "#login");
  await rememberCookies(context);
}

/** Tessera asks for the passkey, and for nothing else. */
async function askedForThePasskeyAlone() {
  await shows("#passkey");
  assert.equal(path(), "/sign-in/step");
  assert.equal(await page.locator("#password, #code, .ways a").count(), 0, await text(page));
}

async function usePasskey() {
  await page.locator("#passkey").click();
  await shows("#said");
  await rememberCookies(context);
}

async function addPasskey() {
  await page.goto(`${issuer}/account/passkeys/new`);
  await press(page, "#create-passkey");
  // The first second factor comes with recovery codes.
  await shows("#recovery-codes, section[aria-labelledby=passkeys] .name");
  if (await page.locator("#recovery-codes").count()) await press(page, "#done");
  await shows("section[aria-labelledby=passkeys] .name");
  await rememberCookies(context);
}

let proven = 0;
/** The newest proof is from now. */
const proves = () => { proven = Date.now(); };
/** Until the newest passkey is too old for the service. */
const growsOld = () => new Promise((resolve) => setTimeout(resolve, Math.max(0, proven + (fresh + 1) * 1000 - Date.now())));

await step("a small amount: signed in with a password, allowed, paid", async () => {
  await pay(500);
  await signIn(person);
  await shows("#allow");
  await press(page, "#allow");
  assert.equal(await said(), "Paid 500 cents to bakery.");
});

await step("above the limit, without a passkey: a page that says what is wanted", async () => {
  await pay(25000);
  await shows("#back");
  assert.equal(path(), "/sign-in/unmet");
});
await look("unmet");
await step("back at the shop, which has heard unmet_authentication_requirements", async () => {
  await press(page, "#back");
  assert.match(await said(), /you need a passkey/);
});

const own = await plugIn(cdp, "internal");
await step("the page's other button: set one up, and come back", async () => {
  await pay(25000);
  await press(page, "#set-up");
  assert.equal(path(), "/account");
  await addPasskey();
});

await step("a passkey that was set up just now is a proof from just now", async () => {
  await pay(25000);
  proves();
  assert.equal(await said(), "Paid 25000 cents to bakery.");
});

await step("it is too old (max_age): Tessera asks for the passkey alone", async () => {
  await growsOld();
  await pay(25001);
  await askedForThePasskeyAlone();
});
await look("step-passkey");
await step("user verification fails: nothing is paid, and the page says what to do", async () => {
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId: own, isUserVerified: false });
  await page.locator("#passkey").click();
  await shows("[data-told]:visible");
  assert.match(await page.locator("[data-told]").innerText(), /Try again/);
});
await look("step-passkey-failed");
await step("there is a way back without it, and nothing is paid", async () => {
  await press(page, "#back");
  assert.match(await said(), /^Not paid/);
});
await step("verified, the payment goes through", async () => {
  await pay(25001);
  await askedForThePasskeyAlone();
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId: own, isUserVerified: true });
  await usePasskey();
  proves();
  assert.equal(await said(), "Paid 25001 cents to bakery.");
});

let [first, second] = [[], []];
const credentialsOf = async (authenticatorId) => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
await step("two authenticators: with the first one out of reach, the second one pays", async () => {
  const key = await plugIn(cdp, "usb");
  await addPasskey();
  [first, second] = [await credentialsOf(own), await credentialsOf(key)];
  assert.deepEqual([first.length, second.length], [1, 1]);
  await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: own });
  await growsOld();
  await pay(25002);
  await askedForThePasskeyAlone();
  await usePasskey();
  proves();
  assert.equal(await said(), "Paid 25002 cents to bakery.");
  // With its counter as it is now: an older copy would be taken for a clone, and blocked.
  second = await credentialsOf(key);
  await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: key });
});

await step("a removed one opens nothing any more; the other one does", async () => {
  await page.goto(`${issuer}/account`);
  await page.locator('a[href^="/account/passkeys/0"]').first().click();
  await press(page, "#remove");
  const lost = await plugIn(cdp, "internal");
  await cdp.send("WebAuthn.addCredential", { authenticatorId: lost, credential: first[0] });
  await growsOld();
  await pay(25003);
  await askedForThePasskeyAlone();
  await page.locator("#passkey").click();
  await shows("[data-told]:visible");
  await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: lost });
  const key = await plugIn(cdp, "usb");
  await cdp.send("WebAuthn.addCredential", { authenticatorId: key, credential: second[0] });
  await usePasskey();
  assert.equal(await said(), "Paid 25003 cents to bakery.");
});

await check("who has a passkey and signs in with it pays a large amount without another question", async () => {
  const fresh = await profile();
  await plugIn(fresh.cdp, "internal");
  await fresh.page.goto(`${issuer}/sign-in`);
  await fillSignIn(fresh.page, other);
  await press(fresh.page, "#login");
  await fresh.page.goto(`${issuer}/account/passkeys/new`);
  await press(fresh.page, "#create-passkey");
  await fresh.context.clearCookies();
  await fresh.page.goto(shop);
  await fresh.page.locator("#cents").fill("30000");
  await press(fresh.page, "#pay");
  // Autofill signs in by itself: the authenticator's presence is simulated.
  await fresh.page.locator("#allow").waitFor({ timeout: 15_000 });
  await rememberCookies(fresh.context);
  await press(fresh.page, "#allow");
  assert.equal(await fresh.page.locator("#said").innerText(), "Paid 30000 cents to bakery.");
  await fresh.context.close();
});

await check("the shop refuses an answer that nobody asked for", async () => {
  await page.goto(`${shop}/callback?code=stolen&state=guessed&iss=${encodeURIComponent(issuer)}`);
  assert.equal(await said(), "That was not the answer to our request.");
});

await browser.close();
