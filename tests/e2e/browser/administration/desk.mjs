// What every program about the administration needs: a browser, somebody in it, and the ids that docs/automation.md promises.
import { fillSignIn, launch, press, text } from "../chromium.mjs";
import { assert, input } from "../harness.mjs";
import { rememberCookies } from "../vault.mjs";

export const { issuer } = input;
/** The navigation behind the overview, in its order. */
export const SECTIONS = ["clients", "resources", "users", "sessions", "groups", "roles", "organisations", "keys", "audit", "settings"];
/** Of the whole deployment: an administrator of one organisation has none of them. */
export const OF_THE_DEPLOYMENT = ["resources", "keys", "settings"];
export const browser = await launch();

/** Somebody's browser, signed in. */
export async function enter(person, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await signIn(page, person);
  return page;
}

export async function signIn(page, person) {
  await open(page, "/sign-in");
  await fillSignIn(page, person);
  await press(page, "#login");
  await rememberCookies(page.context());
}

export const path = (page) => new URL(page.url()).pathname;
export const open = (page, where) => page.goto(issuer + where);
export const status = async (page, where) => (await open(page, where)).status();

/** The sections that the navigation leads to. */
export const navigation = (page) =>
  page.$$eval(".sections a", (links) => links.map((link) => new URL(link.href).pathname.replace(/^\/admin\//, "")));

export async function fill(page, values) {
  for (const [id, value] of Object.entries(values)) {
    const field = page.locator(`[id="${id}"]`);
    if (value === true) await field.check();
    else if (await field.evaluate((element) => element.tagName === "SELECT")) await field.selectOption(value);
    else await field.fill(value);
  }
}

/** The page says that it is done. */
export async function done(page, words = /./) {
  const note = page.locator(".note.good").first();
  await note.waitFor({ timeout: 10_000 }).catch(async () => {
    throw new Error(`nothing was done at ${page.url()}: ${await text(page)}`);
  });
  assert.match(await note.innerText(), words);
}

export async function confirm(page, link) {
  await press(page, link);
  await press(page, "#confirm");
  await done(page);
}

/** The one person whom a word finds. */
export async function find(page, word) {
  await open(page, `/admin/users?q=${word}`);
  assert.equal(await page.locator("#users li").count(), 1, word);
  await press(page, "#users a");
}
