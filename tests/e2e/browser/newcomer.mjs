// The first minutes: the one-time link makes the administrator, who then signs in.
import { fillSignIn, launch, press, text } from "./chromium.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { remember, rememberCookies } from "./vault.mjs";

const { issuer, link, person } = input;
const browser = await launch();
const page = await browser.newPage();
remember(person.password);

await step("the link opens a page that asks for the first administrator", async () => {
  await page.goto(link);
  for (const id of ["username", "email", "password", "setup"]) await page.locator(`#${id}`).waitFor({ timeout: 10_000 });
});

await step("filled in, it makes the administrator", async () => {
  await page.locator("#username").fill(person.username);
  await page.locator("#email").fill(person.email);
  await page.locator("#password").fill(person.password);
  await press(page, "#setup");
  assert.equal(await page.locator("#setup").count(), 0, `still asked: ${await text(page)}`);
  await rememberCookies(page.context());
});

await check("the link works once", async () => {
  const other = await browser.newPage();
  const response = await other.goto(link);
  assert.equal(await other.locator("#setup").count(), 0, "the form is shown again");
  assert.ok(response.status() < 500, `status ${response.status()}`);
  await other.close();
});

await step("the administrator signs in with the new password", async () => {
  const fresh = await (await browser.newContext()).newPage();
  await fresh.goto(`${issuer}/sign-in`);
  await fillSignIn(fresh, person);
  await press(fresh, "#login");
  await rememberCookies(fresh.context());
  assert.equal(await fresh.locator("#login").count(), 0, `still asked: ${await text(fresh)}`);
  await fresh.goto(`${issuer}/account`);
  assert.match(await text(fresh), new RegExp(person.username));
});

await browser.close();
