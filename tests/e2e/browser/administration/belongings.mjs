// What belongs to somebody: an administrator takes a passkey, an authenticator app and a consent away; and what is left to them.
import { scan } from "../authenticator.mjs";
import { press } from "../chromium.mjs";
import { assert, check, input, step } from "../harness.mjs";
import { RelyingParty } from "../relying_party.mjs";
import { remember, rememberCookies } from "../vault.mjs";
import { done, enter, open, path, signIn } from "./desk.mjs";
import { findPerson, look, mailbox, root } from "./root.mjs";

const { client, people } = input;
const { lin } = people;
const application = await (await RelyingParty.discover(input.issuer, client)).listen();
const devices = () => root.locator("section[aria-labelledby=credentials] .rows li");
const left = () => root.locator("section[aria-labelledby=credentials] .chips li").allInnerTexts();
const allowed = () => root.locator("section[aria-labelledby=allowed] .rows li");

/** Lin's own browser, with an authenticator that the debugger makes. */
let own = await enter(lin);
const cdp = await own.context().newCDPSession(own);
await cdp.send("WebAuthn.enable");
await cdp.send("WebAuthn.addVirtualAuthenticator", {
  options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
});

const app = await step("lin sets up a passkey and an authenticator app", async () => {
  await open(own, "/account/passkeys/new");
  await press(own, "#create-passkey");
  (await own.locator("#recovery-codes code").allInnerTexts()).forEach((code) => remember(code));
  await press(own, "#done");
  await open(own, "/account/authenticator");
  const scanned = await scan(own);
  await own.locator("#code").fill(scanned.code());
  await own.locator("#name").fill("Telephone");
  await press(own, "#confirm");
  await mailbox.take(lin.email);
  await mailbox.take(lin.email);
  return scanned;
});

/** The application asks: with consent from before it is answered at once. */
async function login({ asks }) {
  const { url, done: end } = await application.begin();
  await own.goto(url);
  assert.equal(await own.locator("#allow").count(), asks ? 1 : 0, own.url());
  if (asks) await press(own, "#allow");
  const result = await end;
  if (result.error) throw result.error;
  return result.tokens;
}

const tokens = await step("lin allows an application to go on without them", async () => {
  await login({ asks: true });
  return login({ asks: false });
});

await step("an administrator sees all of it", async () => {
  await findPerson("lin");
  assert.equal(await devices().count(), 2);
  assert.match((await left()).join(), /password.*10/i);
  assert.match(await allowed().innerText(), /Aurora Notes/);
});
await look("user-belongings");

const takeAway = (row) => press(root, `section[aria-labelledby=credentials] li:has-text("${row}") button`);
await step("the passkey taken away: the owner hears of it, it opens nothing, and the app is asked for", async () => {
  await takeAway("Passkey");
  await done(root, /Deleted/);
  assert.equal(await devices().count(), 1);
  assert.match(await devices().innerText(), /Telephone/);
  assert.match((await left()).join(), /10/, "recovery codes stand in for the app");
  await mailbox.take(lin.email, /[Pp]asskey/);
  // The page offers it by itself to a browser that has one.
  await own.context().clearCookies();
  await open(own, "/sign-in");
  await own.locator("#problems").waitFor();
  await own.context().close();
  own = await enter(lin);
  assert.equal(path(own), "/sign-in/step");
  await own.locator("#code").fill(app.code());
  await press(own, "#verify");
  await rememberCookies(own.context());
  assert.equal(path(own), "/account");
});
await step("the app taken away: no recovery code is left without it, and the password alone signs in", async () => {
  await takeAway("Telephone");
  await done(root, /Deleted/);
  assert.equal(await devices().count(), 0);
  const said = await left();
  assert.equal(said.length, 1, said.join());
  assert.match(said[0], /password/i);
  await mailbox.take(lin.email, /app/);
  await own.context().clearCookies();
  await signIn(own, lin);
  assert.equal(path(own), "/account");
});
await step("the consent taken back: the application's tokens are worth nothing, and it asks again", async () => {
  await press(root, "section[aria-labelledby=allowed] li button");
  await done(root);
  assert.equal(await allowed().count(), 0);
  await assert.rejects(application.refresh(tokens), (error) => error.error === "invalid_grant");
  await login({ asks: true });
});
await check("what is not theirs cannot be taken away in their name", async () => {
  const page = await own.context().newPage();
  assert.equal((await page.goto(root.url())).status(), 403);
  await open(root, new URL(root.url()).pathname);
  const button = root.locator("section[aria-labelledby=allowed] li");
  await button.locator("input[name=client_id]").evaluate((field) => (field.value = "somebody-elses"));
  await press(root, "section[aria-labelledby=allowed] li button");
  assert.match(await root.locator("main").innerText(), /not/i);
  assert.equal(await root.locator(".note.good").count(), 0);
});

application.close();
await own.context().close();
