// Looks at a page: axe-core, the console, the width of the screen, and a photograph; phone and desktop, light and dark.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { assert, check, input } from "./harness.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const LOOKS = [
  { name: "phone-light", viewport: { width: 360, height: 740 }, colorScheme: "light" },
  { name: "phone-dark", viewport: { width: 360, height: 740 }, colorScheme: "dark" },
  { name: "desktop-light", viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  { name: "desktop-dark", viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
];
const folder = join(input.logs, "screenshots");
mkdirSync(folder, { recursive: true });

/** How to look at what `page` shows: `await look(name)`. What its console said since the last time counts as well. */
export function gallery(page) {
  const complaints = [];
  // An answer of 4xx is what an error page is; anything else said in the console is our mistake.
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource: the server responded with a status of 4/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(String(error)));

  return async (name) => {
    await check(`${name}: no violation for axe-core, no error in the console, nothing wider than the screen`, async () => {
      for (const look of LOOKS) await seen(page, name, look);
      assert.deepEqual(complaints, []);
    });
    complaints.length = 0;
  };
}

async function seen(page, name, { name: style, viewport, colorScheme }) {
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await photograph(page, join(folder, `${name}.${style}.png`));
  // Evaluated through the debugger: the page's own Content-Security-Policy stays as it is.
  await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: "tag", values } }), RULES);
  const found = violations.map(({ id, help, nodes }) => `${style}: ${id}: ${help}: ${nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(found, []);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `${style}: ${overflow} px wider than the screen`);
}

/**
 * A photograph is nothing that is claimed of the page. After the size or the scheme changed, Chromium on a slow machine now and
 * then draws no frame for the whole page, and the photograph waits for it in vain: another try, of a page that is in front, gets one.
 */
async function photograph(page, path, tries = 3) {
  await page.screenshot({ path, fullPage: true, timeout: 12_000 }).catch(async (error) => {
    if (tries === 1) throw error;
    await page.bringToFront();
    await photograph(page, path, tries - 1);
  });
}
