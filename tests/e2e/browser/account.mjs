// The account page with everything in it, the pages behind it, and the letters that it sends.
import { scan } from "./authenticator.mjs";
import { fillSignIn, launch, press, text, travel } from "./chromium.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { Mailbox } from "./mailbox.mjs";
import { RelyingParty } from "./relying_party.mjs";
import { remember, rememberCookies } from "./vault.mjs";

const { issuer, client, people, mailPort } = input;
const { ada, grace, hedy } = people;
const PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
const browser = await launch();
const mailbox = await new Mailbox().listen(mailPort);
const application = await (await RelyingParty.discover(issuer, client)).listen();

const context = await browser.newContext({ locale: process.env.E2E_LOCALE });
const page = await context.newPage();
const look = gallery(page);

async function signIn(where, person) {
  await where.goto(`${issuer}/sign-in`);
  await fillSignIn(where, person);
  await press(where, "#login");
  await rememberCookies(where.context());
}

/** A letter as a mail program shows it. */
async function letter(name, to, words) {
  const found = await mailbox.take(to, words);
  const reader = await (await browser.newContext()).newPage();
  await reader.setContent(found.html);
  await gallery(reader)(`letter-${name}`);
  await reader.context().close();
  return found;
}

async function open(path, name) {
  await page.goto(issuer + path);
  await look(name);
}

let codes;
await step("an application has access, and a passkey and an app are set up", async () => {
  const asked = await application.begin();
  await travel(page, asked.url, { person: ada });
  const { error } = await asked.done;
  if (error) throw error;
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${issuer}/account/passkeys/new`);
  await press(page, "#create-passkey");
  // The first second factor comes with recovery codes.
  codes = await page.locator("#recovery-codes code").allInnerTexts();
  assert.equal(codes.length, 10);
  codes.forEach(remember);
  await cdp.detach();
});
await look("recovery-codes");
await step("the codes are kept", async () => press(page, "#done"));

await page.goto(`${issuer}/account/authenticator`);
await look("authenticator");
let app;
await step("the app's codes", async () => {
  app = await scan(page);
  await page.locator("#code").fill("000000");
  await press(page, "#confirm");
});
await look("authenticator-refused");
await step("the right code, and no second set of recovery codes", async () => {
  await page.locator("#code").fill(app.code());
  await press(page, "#confirm");
  assert.equal(await page.locator("#recovery-codes").count(), 0);
});

// A second device.
const phone = await browser.newContext({ userAgent: PHONE, viewport: { width: 390, height: 800 } });
const hand = await phone.newPage();
const lookAtHand = gallery(hand);
await step("on another device, the second step can be taken in several ways", async () => {
  await signIn(hand, ada);
  await hand.locator(".ways").waitFor();
  await press(hand, "#with-totp");
});
await lookAtHand("step-totp");
await step("a code by e-mail", async () => press(hand, "#with-email_code"));
await lookAtHand("step-email");
await step("is sent", async () => press(hand, "#send"));
await lookAtHand("step-email-sent");
await letter("code", ada.email, /the code:/);
await step("or a recovery code", async () => press(hand, "#with-recovery_code"));
await lookAtHand("step-recovery");
await step("which opens the door", async () => {
  await hand.locator("#code").fill(codes[0]);
  await press(hand, "#verify");
  await rememberCookies(phone);
  assert.equal(new URL(hand.url()).pathname, "/account", await text(hand));
});
await letter("new-device", ada.email, /new device|did not know/);

await step("all recovery codes but three are used: said on the way in", async () => {
  for (const code of codes.slice(1, 8)) {
    const other = await browser.newContext();
    const tab = await other.newPage();
    await signIn(tab, ada);
    await press(tab, "#with-recovery_code");
    await tab.locator("#code").fill(code);
    await press(tab, "#verify");
    if (new URL(tab.url()).pathname === "/sign-in/recovery-left") {
      await gallery(tab)("recovery-left");
      await other.close();
      return;
    }
    await other.close();
  }
  assert.fail("never said");
});

await step("the profile, with something wrong in it", async () => {
  await page.goto(`${issuer}/account`);
  await press(page, "#edit-profile");
  await page.locator("#birthdate").fill("yesterday");
  await press(page, "#save");
  await page.locator("#birthdate-problem").waitFor();
});
await look("profile-refused");
await step("and right", async () => {
  await page.locator("#birthdate").fill("1987-11-20");
  await page.locator("#zoneinfo").fill("Europe/Berlin");
  await page.locator("#website").fill("https://ada.example/an-address-that-is-rather-long/and/goes/on");
  await press(page, "#save");
});
await step("another address is asked for", async () => {
  await page.goto(`${issuer}/account/email`);
});
await look("email");
await step("both addresses are written to", async () => {
  await page.locator("#email").fill("ada.lovelace@example.org");
  await press(page, "#send");
});
await look("account");
const asked = await letter("email-change-asked", ada.email, /another e-mail address/);
const confirm = await letter("confirm-new-email", "ada.lovelace@example.org");
await page.goto(confirm.link);
await look("email-change-new");
await step("the new one says yes", async () => press(page, "#confirm"));
await look("email-change-waits");
await page.goto(asked.link);
await look("email-change-old");
await step("so does the old one", async () => press(page, "#confirm"));
await look("email-changed");
const changed = await letter("email-changed", ada.email, /From now on another/);

for (const [path, name] of [["/account/events", "events"], ["/account/recovery", "recovery"], ["/account/delete", "delete"]]) await open(path, name);

await check("the sessions: devices, places and times; the other one ends, and its page says so", async () => {
  await page.goto(`${issuer}/account`);
  const rows = page.locator('section[aria-labelledby="sessions"] li');
  assert.match(await rows.first().innerText(), /Chrome on Linux/);
  const mine = rows.filter({ hasText: "iPhone" });
  assert.match(await mine.innerText(), /Safari on iPhone[^]*127\.0\.0\.1|::1/);
  await Promise.all([page.waitForEvent("domcontentloaded"), mine.locator("button").click()]);
  await hand.goto(`${issuer}/account`);
  await hand.locator("#login").waitFor();
});
await check("and everybody else at once", async () => {
  await press(page, "#end-others");
  assert.equal(await page.locator('section[aria-labelledby="sessions"] li').count(), 1);
});
await check("an application's access is taken back", async () => {
  await press(page, 'form[action="/account/applications/revoke"] button');
  assert.match(await page.locator('section[aria-labelledby="applications"]').innerText(), /No application has access/);
});

await page.goto(changed.link);
await look("not-me");
await step("it was not me: the account is locked, the address is back", async () => press(page, "#lock"));
await look("locked");
await letter("account-locked", ada.email, /You told us/);

// Somebody leaves.
const leaving = await browser.newContext({ locale: process.env.E2E_LOCALE });
const tab = await leaving.newPage();
const lookAtTab = gallery(tab);
await signIn(tab, grace);
await tab.goto(`${issuer}/account`);
await lookAtTab("account-plain");
await step("an account is deleted, after a while", async () => {
  await tab.goto(`${issuer}/account/delete`);
  await press(tab, "#delete");
});
await lookAtTab("deletion-asked");
const farewell = await letter("deletion-asked", grace.email, /is disabled/);
await tab.goto(farewell.link);
await lookAtTab("undo-deletion");
await step("or kept", async () => press(tab, "#keep"));
await lookAtTab("deletion-undone");

// An application that nobody approved of sends people on with a request that is wrong on purpose (RFC 9700 section 4.11.2).
await step("a stranger's application leads nobody away unasked", async () => {
  const redirect = "https://elsewhere.example/callback";
  const answer = await fetch(`${issuer}/register`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ redirect_uris: [redirect], client_name: "Stranger" }),
  });
  const registered = await answer.json();
  remember(registered.client_secret, registered.registration_access_token);
  const query = new URLSearchParams({ client_id: registered.client_id, redirect_uri: redirect, response_type: "nonsense" });
  await tab.goto(`${issuer}/authorize?${query}`);
  assert.match(await text(tab), /elsewhere\.example/);
});
await lookAtTab("confirm-return");

await signIn(tab, hedy);
await step("a wrong current password", async () => {
  await tab.locator("#current_password").fill("wrong-on-purpose");
  await tab.locator("#password").pressSequentially("Summer2024!");
  await tab.locator(".strength meter").waitFor();
});
await lookAtTab("account-password");

mailbox.close();
application.close();
await browser.close();
