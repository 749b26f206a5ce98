// "Try it": an administrator runs a real sign-in of an application and sees what went over the wire. Nothing of it works.
import { fillSignIn, launch, press } from "./chromium.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { rememberCookies } from "./vault.mjs";

const { issuer, person, clients } = input;
const browser = await launch();
const context = await browser.newContext();
const page = await context.newPage();
const look = gallery(page);
const at = (client, rest = "") => `${issuer}/admin/clients/${client.client_id}${rest}`;

const text = async () => (await page.locator("body").innerText()).replace(/\s+/g, " ");

/** Every step of what was seen, opened: only the last one, or the one that failed, is at first. */
async function unfold() {
  assert.equal(await page.locator(".wire > li > details[open]").count(), 1);
  await page.$$eval(".wire details", (all) => all.forEach((details) => (details.open = true)));
}

/** No secret, no token with its signature, no refresh token. */
async function nothingWorks(client) {
  const content = await page.content();
  assert.ok(!client.client_secret || !content.includes(client.client_secret), "the secret is on the page");
  assert.equal(content.match(/eyJ[\w-]+\.[\w-]+\.[\w-]{20,}/), null);
  assert.equal(content.match(/ts[ars]_[\w-]{12,}/), null);
}

await step("a page of the administration that was asked for comes after the sign-in", async () => {
  await page.goto(at(clients.web, "?seen=1"));
  await fillSignIn(page, person);
  await press(page, "#login");
  await rememberCookies(context);
  assert.equal(page.url(), at(clients.web, "?seen=1"));
});

await step("a web application: what will happen is said before", async () => {
  await press(page, "#try");
  assert.equal(page.url(), at(clients.web, "/try"));
});
await look("try-web");

await step("a real consent page, and every step after it", async () => {
  await press(page, "#begin");
  assert.match(await page.locator("#trial").innerText(), /trial/);
  await look("trial-consent");
  await press(page, "#allow");
  assert.match(await page.locator("#verdict").innerText(), /It works/);
  const headings = await page.locator(".wire h2").allInnerTexts();
  assert.deepEqual(headings.map((heading) => heading.trim()), [
    "The application sends the browser here", "The browser comes back", "The application fetches its tokens",
    "The application asks who it is", "What the ID token says", "What the access token says",
    "What the answer of userinfo says", "What the application must check",
  ]);
  await look("tried-web-folded");
  await unfold();
  const body = await text();
  for (const words of ["THE_SECRET", "S256", "Signature verified", "root@", "200"]) assert.ok(body.includes(words), words);
  await nothingWorks(clients.web);
});
await look("tried-web");

await check("a copy button, and what it copies", async () => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: issuer });
  await page.locator(".wire .button.slim").first().click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(copied.startsWith(`${issuer}/authorize?response_type=code&`), copied);
  // The address is good for nobody: the trial is over.
  const answer = await page.request.get(copied);
  assert.equal(answer.status(), 400);
});

await step("reloaded, the trial is over", async () => {
  await page.reload();
  assert.equal(page.url(), at(clients.web, "/try?done=over"));
  assert.match(await page.locator(".note.good").innerText(), /over/);
});

await step("refused: nothing may be asked, and consent is missing", async () => {
  await page.locator("#prompt").selectOption("none");
  await press(page, "#begin");
  assert.match(await page.locator("#verdict").innerText(), /consent_required/);
  assert.equal(await page.locator(".wire > li").count(), 3);
});
await look("tried-refused");

await step("refused: the person says no", async () => {
  await press(page, "#again");
  await press(page, "#begin");
  await press(page, "#deny");
  assert.match(await page.locator("#verdict").innerText(), /access_denied/);
});

await step("asked to sign in again, and it comes back all the same", async () => {
  await press(page, "#again");
  await page.locator("#prompt").selectOption("login");
  await press(page, "#begin");
  await fillSignIn(page, person);
  await press(page, "#login");
  await rememberCookies(context);
  await press(page, "#allow");
  assert.match(await page.locator("#verdict").innerText(), /It works/);
});

await step("a single-page application: no secret, an opaque token by its first characters", async () => {
  await page.goto(at(clients.spa, "/try"));
  await press(page, "#begin");
  await press(page, "#allow");
  assert.match(await page.locator("#verdict").innerText(), /It works/);
  await unfold();
  const body = await text();
  assert.ok(!body.includes("THE_SECRET"));
  assert.match(body, /"tsa_[\w-]{4}…"/);
  await nothingWorks(clients.spa);
});
await look("tried-spa");

await step("a machine: one request, and nobody is asked", async () => {
  await page.goto(at(clients.machine, "/try"));
  await look("try-machine");
  await press(page, "#begin");
  assert.match(await page.locator("#verdict").innerText(), /It works/);
  await unfold();
  assert.match(await text(), /client_secret\s+THE_SECRET/);
  await nothingWorks(clients.machine);
});
await look("tried-machine");

await check("without scripts too", async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const other = await plain.newPage();
  await other.goto(at(clients.web, "/try"));
  await fillSignIn(other, person);
  await press(other, "#login");
  await rememberCookies(plain);
  await press(other, "#begin");
  await press(other, "#allow");
  assert.match(await other.locator("#verdict").innerText(), /It works/);
  await plain.close();
});

await browser.close();
