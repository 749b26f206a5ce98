// Chromium, and a person in front of it who knows the forms by the ids that docs/automation.md promises.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { rememberCookies } from "./vault.mjs";

const PROGRAMS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const launch = () =>
  chromium.launch({
    executablePath: PROGRAMS.find((path) => path && existsSync(path)),
    headless: true,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });

/** A marker for each place where a journey can be: the pages that ask, and the application. */
const PLACES = { "sign-in": "#login", consent: "#allow", continue: "#continue", application: "#application" };

/**
 * Opens `url` and does what the pages ask, until the application shows.
 * Returns the pages on the way, like ["sign-in", "consent"].
 */
export async function travel(page, url, { person, decision = "allow", scripts = true } = {}) {
  const visited = [];
  await page.goto(url);
  for (;;) {
    const place = await whereIs(page, scripts);
    await rememberCookies(page.context());
    if (place === "application") return visited;
    if (visited.includes(place)) throw new Error(`${place} again at ${page.url()}: ${await text(page)}`);
    visited.push(place);
    await answer(page, place, person, decision);
  }
}

async function answer(page, place, person, decision) {
  if (place === "sign-in") {
    if (!person) throw new Error(`asked to sign in at ${page.url()}`);
    await fillSignIn(page, person);
    await press(page, "#login");
  } else if (place === "consent") {
    await press(page, `#${decision}`);
  } else {
    await press(page, "#continue");
  }
}

/** With scripts, the form_post page sends itself off: it is no place to stay at. */
async function whereIs(page, scripts) {
  const places = Object.entries(PLACES).filter(([place]) => place !== "continue" || !scripts);
  const any = page.locator(places.map(([, marker]) => marker).join(", ")).first();
  await any.waitFor({ timeout: 15_000 }).catch(async () => {
    throw new Error(`no page that asks anything, and not the application: ${page.url()}: ${await text(page)}`);
  });
  const id = await any.getAttribute("id");
  return places.find(([, marker]) => marker === `#${id}`)[0];
}

export async function fillSignIn(page, person) {
  // `login_hint` and a second password may leave the name filled in already, and fixed.
  const username = page.locator("#username");
  if (await username.isEditable()) await username.fill(person.username);
  await page.locator("#password").fill(person.password);
}

/** Clicks, and waits for the page that follows. */
export async function press(page, selector) {
  await Promise.all([page.waitForEvent("domcontentloaded", { timeout: 15_000 }), page.locator(selector).click({ timeout: 10_000 })]);
}

export const text = async (page) => (await page.locator("body").innerText().catch(() => "")).replace(/\s+/g, " ").slice(0, 400);
