// Passkeys in Chromium, with authenticators that the debugger makes (CDP domain WebAuthn).
import { fillSignIn, launch, press } from "./chromium.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { RelyingParty } from "./relying_party.mjs";
import { rememberCookies } from "./vault.mjs";

const { issuer, person, second, client } = input;
const browser = await launch();
const application = await (await RelyingParty.discover(issuer, client)).listen();

/** A fresh profile with authenticators of its own. */
async function profile(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  return { context, page, cdp };
}

/** A telephone's or computer's own authenticator, or a security key (`transport` usb). */
async function plugIn(cdp, { transport = "internal", ...changes } = {}) {
  const options = {
    protocol: "ctap2", ctap2Version: "ctap2_1", transport, hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true, ...changes,
  };
  return (await cdp.send("WebAuthn.addVirtualAuthenticator", { options })).authenticatorId;
}

async function withPassword(page, someone) {
  await page.goto(`${issuer}/sign-in`);
  await fillSignIn(page, someone);
  await press(page, "#login");
  await rememberCookies(page.context());
}

async function addPasskey(page) {
  await page.goto(`${issuer}/account/passkeys/new`);
  await press(page, "#create-passkey");
  await keepCodes(page);
  await rememberCookies(page.context());
}

/** The first second factor comes with recovery codes. */
async function keepCodes(page) {
  if (await page.locator("#recovery-codes").count()) await press(page, "#done");
}

const landsOn = (page, path) => page.waitForURL((url) => url.pathname === path, { timeout: 15_000 });
const names = (page) => page.locator('section[aria-labelledby="passkeys"] .name').allInnerTexts();
const whole = (page) => page.locator("main").innerText();

/** Nobody is signed in any more; what comes after is up to the page that asks. */
const begin = async (page) => {
  await page.context().clearCookies();
  await page.goto(`${issuer}/sign-in`);
};

const { context, page, cdp } = await profile();
const look = gallery(page);
const own = await plugIn(cdp, { automaticPresenceSimulation: true });

await step("a passkey is set up, and named after the browser where its model has no name", async () => {
  await withPassword(page, person);
  await page.goto(`${issuer}/account/passkeys/new`);
});
await look("passkey-new");
await step("it is in the list", async () => {
  await press(page, "#create-passkey");
  assert.match(await whole(page), /Your passkey is set up/);
  assert.equal(await page.locator("#recovery-codes code").count(), 10);
  await keepCodes(page);
  assert.match((await names(page))[0], /Chrome/);
  const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId: own });
  assert.deepEqual(credentials.map((one) => [one.rpId, one.isResidentCredential]), [["localhost", true]]);
});
await look("account-passkeys");

await step("autofill: the browser offers it in the field of the name, and signs in without one", async () => {
  await begin(page);
  await landsOn(page, "/account");
  assert.match(await whole(page), /Last used just now/);
  await rememberCookies(context);
});

await step("the button: a security key that somebody has to touch", async () => {
  // Without a presence the autofill waits for ever, as it does where nobody picks a suggestion.
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: own, enabled: false });
  await begin(page);
});
await look("sign-in-passkey");
await step("the button signs in", async () => {
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: own, enabled: true });
  await page.locator("#passkey").click();
  await landsOn(page, "/account");
  await rememberCookies(context);
});

await check("user verification that fails opens nothing, and the page says what to do", async () => {
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId: own, isUserVerified: false });
  await begin(page);
  await page.locator("#passkey").click();
  await page.locator("[data-told]:visible").waitFor({ timeout: 15_000 });
  assert.match(await whole(page), /Try again, or use another way/);
  assert.equal(new URL(page.url()).pathname, "/sign-in");
});
await look("sign-in-passkey-failed");
await cdp.send("WebAuthn.setUserVerified", { authenticatorId: own, isUserVerified: true });

await step("beside a password it is the second factor", async () => {
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: own, enabled: false });
  await begin(page);
  await fillSignIn(page, person);
  await press(page, "#login");
  await landsOn(page, "/sign-in/step");
  await rememberCookies(context);
});
await look("step-passkey");
await step("and opens the door", async () => {
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: own, enabled: true });
  await press(page, "#passkey");
  await landsOn(page, "/account");
});

await step("two authenticators: the same one declines to make a second passkey, another one makes it", async () => {
  await page.goto(`${issuer}/account/passkeys/new`);
  await page.locator("#create-passkey").click();
  await page.locator("[data-told]:visible").waitFor({ timeout: 15_000 });
  assert.match(await whole(page), /set up here already/);
  const key = await plugIn(cdp, { transport: "usb" });
  await addPasskey(page);
  assert.equal((await names(page)).length, 2);
  await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: key });
});

await step("an application that asks for phr gets it in the middle of its flow", async () => {
  // Signed in by the password, before there was a passkey; it is set up in another browser, on the same key.
  const older = await profile();
  await withPassword(older.page, second);
  const newer = await profile();
  const key = await plugIn(newer.cdp, { transport: "usb" });
  await withPassword(newer.page, second);
  await addPasskey(newer.page);
  const { credentials } = await newer.cdp.send("WebAuthn.getCredentials", { authenticatorId: key });
  const moved = await plugIn(older.cdp, { transport: "usb" });
  for (const credential of credentials) await older.cdp.send("WebAuthn.addCredential", { authenticatorId: moved, credential });
  const asked = await application.begin({ acr_values: "phr" });
  await older.page.goto(asked.url);
  await landsOn(older.page, "/sign-in/step");
  await press(older.page, "#passkey");
  await older.page.locator("#allow").waitFor({ timeout: 15_000 });
  await rememberCookies(older.context);
  await press(older.page, "#allow");
  const { claims, error } = await asked.done;
  if (error) throw error;
  assert.equal(claims.acr, "phr");
  assert.ok(claims.amr.includes("hwk") && claims.amr.includes("mfa"), JSON.stringify(claims.amr));
  await Promise.all([older, newer].map(({ context: one }) => one.close()));
});

await step("renamed", async () => {
  await page.goto(`${issuer}/account`);
  await page.locator('a[href^="/account/passkeys/0"]').first().click();
  await page.locator("#name").fill("My laptop");
});
await look("passkey");
await step("removed, it opens nothing any more", async () => {
  await press(page, "#rename");
  assert.equal((await names(page))[0], "My laptop");
  await page.locator('a[href^="/account/passkeys/0"]').first().click();
  await press(page, "#remove");
  assert.equal((await names(page)).length, 1);
  await begin(page);
  await page.locator("#problems").waitFor({ timeout: 15_000 });
  assert.match(await whole(page), /cannot be used here/);
});
await look("sign-in-passkey-removed");

await check("a browser without WebAuthn: signing in does not speak of it, setting one up says so", async () => {
  const { context: old, page: plain } = await profile();
  await old.addInitScript(() => delete globalThis.PublicKeyCredential);
  await plain.goto(`${issuer}/sign-in`);
  assert.equal(await plain.locator("#passkey").isVisible(), false);
  await old.close();
  const fresh = await browser.newContext({ javaScriptEnabled: false });
  const silent = await fresh.newPage();
  await silent.goto(`${issuer}/sign-in`);
  assert.equal(await silent.locator("#passkey").isVisible(), false);
  assert.equal(await silent.locator("#login").isVisible(), true);
  await fresh.close();
});

application.close();
await browser.close();
