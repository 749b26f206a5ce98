// The pages that letters lead to: a new account in the middle of a login (prompt=create), a new password, the first administrator.
import { randomBytes } from "node:crypto";
import { fillSignIn, launch, press, text } from "./chromium.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { Mailbox } from "./mailbox.mjs";
import { RelyingParty } from "./relying_party.mjs";
import { remember, rememberCookies } from "./vault.mjs";

const { issuer, client, person, setUp, mailPort } = input;
const browser = await launch();
const mailbox = await new Mailbox().listen(mailPort);
const application = await (await RelyingParty.discover(issuer, client)).listen();
const page = await (await browser.newContext()).newPage();
const look = gallery(page);
const fresh = () => randomBytes(12).toString("base64url");
const newcomer = { email: "noor@example.com", username: "noor@example.com", name: "Noor al-Example", password: fresh() };
remember(newcomer.password);

async function shows(selector) {
  await page.locator(selector).first().waitFor({ timeout: 10_000 }).catch(async () => {
    throw new Error(`no ${selector} at ${page.url()}: ${await text(page)}`);
  });
}

async function fill(fields) {
  for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
}

/** A letter as a mail program shows it. */
async function lookAtLetter(name, letter) {
  const reader = await (await browser.newContext()).newPage();
  await reader.setContent(letter.html);
  await gallery(reader)(name);
  await reader.context().close();
}

const { url, done } = await application.begin({ prompt: "create" });
await step("prompt=create: the page that makes an account, for this application", async () => {
  await page.goto(url);
  await shows("#signup");
  assert.match(await text(page), new RegExp(client.client_name));
});
await look("sign-up-asked");

await step("what is wrong stands on top and at its field; nothing that was typed is lost but the password", async () => {
  await fill({ email: newcomer.email, name: newcomer.name, password: "password" });
  await press(page, "#signup");
  await shows("#problems");
  assert.equal(await page.locator("#password").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#email").inputValue(), newcomer.email);
  assert.equal(await page.locator("#password").inputValue(), "");
});
await look("sign-up-refused");

await step("a letter is on its way", async () => {
  await fill({ password: newcomer.password });
  await press(page, "#signup");
  assert.equal(await page.locator("#signup").count(), 0, await text(page));
});
await look("check-mail-sign-up");

const welcome = await step("the letter came, with a link", () => mailbox.take(newcomer.email));
await lookAtLetter("letter-sign-up", welcome);
await step("its link asks for a click", async () => {
  await page.goto(welcome.link);
  await shows("#verify");
});
await look("confirm-email");
await step("confirmed", async () => press(page, "#verify"));
await look("email-verified");
await check("and on with the login that has waited: sign in, consent, tokens", async () => {
  await press(page, "main a.button.primary");
  await fillSignIn(page, newcomer);
  await press(page, "#login");
  await shows("#allow");
  await press(page, "#allow");
  const { error, tokens } = await done;
  if (error) throw error;
  assert.equal((await application.userinfo(tokens)).email, newcomer.email);
  await rememberCookies(page.context());
});
await step("the link works once", async () => {
  const answer = await page.goto(welcome.link);
  assert.equal(answer.status(), 410);
});
await look("link-expired");
await step("who has an account is told so by letter only", async () => {
  await page.goto(`${issuer}/sign-up`);
  await fill({ email: person.email, name: "Somebody", password: newcomer.password });
  await press(page, "#signup");
});
await lookAtLetter("letter-account-exists", await mailbox.take(person.email));

// A forgotten password.
await step("nothing typed: said at the field", async () => {
  await page.goto(`${issuer}/forgot-password`);
  // The browser would stop an empty form itself.
  await page.locator("form").evaluate((form) => { form.noValidate = true; });
  await press(page, "#send");
  await shows("#identifier-problem");
});
await look("forgot-password-refused");
await step("a link to choose a new password is on its way", async () => {
  await fill({ identifier: person.username });
  await press(page, "#send");
});
await look("check-mail-reset");
const reset = await step("the letter came", () => mailbox.take(person.email));
await lookAtLetter("letter-reset", reset);
await step("the page for the new password", async () => {
  await page.goto(reset.link);
  await shows("#reset");
});
await look("reset-password");
await step("one that is too common is refused", async () => {
  await fill({ password: "password" });
  await press(page, "#reset");
  await shows("#password-problem");
});
await look("reset-password-refused");
await step("a good one is taken", async () => {
  const password = fresh();
  remember(password);
  await fill({ password });
  await press(page, "#reset");
  assert.equal(await page.locator("#reset").count(), 0, await text(page));
});
await look("password-changed");
await lookAtLetter("letter-password-changed", await mailbox.take(person.email));
await check("the link works once", async () => assert.equal((await page.goto(reset.link)).status(), 410));

// The first administrator.
await step("the one-time link", async () => {
  await page.goto(setUp);
  await shows("#setup");
});
await look("set-up");
await step("a password that is too common, and a name with odd characters", async () => {
  await fill({ username: "a b", email: "admin@example.com", password: "password" });
  await press(page, "#setup");
  await shows("#problems li:nth-child(2)");
});
await look("set-up-refused");
await step("a link that was never made", () => page.goto(`${issuer}/setup?token=never`));
await look("set-up-expired");
await step("the first administrator is made, and the link says so from then on", async () => {
  await page.goto(setUp);
  const password = fresh();
  remember(password);
  await fill({ username: "founder", email: "founder@example.com", password });
  await press(page, "#setup");
  await shows("#login");
  await page.goto(setUp);
  assert.equal(await page.locator("#setup").count(), 0);
});
await look("already-set-up");

mailbox.close();
application.close();
await browser.close();
