// Signing keys, the audit log, and what is configured.
import { readFileSync } from "node:fs";
import { press } from "../chromium.mjs";
import { assert, check, input, step } from "../harness.mjs";
import { done, fill, open } from "./desk.mjs";
import { findPerson, look, root, visit } from "./root.mjs";

await step("keys rotate as planned", async () => {
  await open(root, "/admin/keys");
  const before = await root.locator("tbody tr").count();
  await press(root, "#rotate");
  await look("keys-rotate");
  await press(root, "#rotate-key");
  await done(root, /Rotated/);
  assert.equal(await root.locator("tbody tr").count(), before + 1);
});
await look("keys");

await visit("/admin/audit", "audit");
await step("the audit log, by kind", async () => {
  await fill(root, { kind: "role.granted" });
  await press(root, "#search");
  const kinds = await root.locator("#events .kind").allInnerTexts();
  assert.ok(kinds.length >= 2 && kinds.every((kind) => kind.startsWith("role.granted")), kinds.join());
});
await step("the audit log, by person; an event opened; what is filtered is what is downloaded", async () => {
  await open(root, "/admin/audit?about=grace");
  const shown = await root.locator("#events > li").count();
  assert.ok((await root.locator("#events .actor").allInnerTexts()).includes("root"), "nobody is called by name");
  assert.ok(shown >= 5, `${shown} events`);
  assert.equal(await root.locator("#about").inputValue(), "grace");
  await root.locator("#events summary").first().click();
  assert.ok(await root.locator("#events dl").first().isVisible());
  const [download] = await Promise.all([root.waitForEvent("download"), root.locator("#export").click()]);
  const lines = readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines.length >= shown, `${lines.length} lines, ${shown} events`);
});
await look("audit-person");
await step("newer events appear by themselves, once each, until somebody reads or stops it", async () => {
  await open(root, "/admin/audit?kind=audit.exported");
  const live = root.locator("#live");
  const rows = root.locator("#events > li");
  const take = () => root.evaluate(() => fetch("/admin/audit/export?kind=backup").then((answer) => answer.text()));
  assert.equal(await live.getAttribute("aria-pressed"), "true");
  const before = await rows.count();
  await take();
  await rows.nth(before).waitFor();
  assert.match(await root.locator("#live-said").innerText(), /1/);
  await root.waitForTimeout(2_500);
  assert.equal(await rows.count(), before + 1, "each once");
  // Who reads an event keeps it where it is.
  await rows.first().locator("summary").click();
  await take();
  await root.waitForTimeout(2_500);
  assert.equal(await rows.count(), before + 1);
  await rows.first().locator("summary").click();
  await root.locator("#live").focus();
  await rows.nth(before + 1).waitFor();
  await live.click();
  assert.equal(await live.getAttribute("aria-pressed"), "false");
  await take();
  await root.waitForTimeout(2_500);
  assert.equal(await rows.count(), before + 2, "stopped");
  const ids = await rows.evaluateAll((all) => all.map((row) => row.dataset.event));
  assert.deepEqual(ids, [...ids].sort().reverse(), "newest first");
});
await look("audit-live");
await step("from a person's page to what happened", async () => {
  await findPerson("grac");
  await press(root, "#history");
  assert.ok((await root.locator("#events > li").count()) > 0);
});
await visit("/admin/audit?since=nonsense", "audit-refused");
await check("a search that cannot be made says so, and claims nothing", async () => {
  assert.match(await root.locator("#problems").innerText(), /Nothing was looked up/);
  assert.equal(await root.locator(".empty").count(), 0);
});
await visit("/admin/settings", "settings");
await check("no secret stands in the settings", async () => {
  for (const summary of await root.locator(".desk details > summary").all()) await summary.click();
  assert.ok((await root.locator("dl.facts > div").count()) > 20);
  const shown = await root.locator(".desk").innerText();
  assert.match(shown, /secret\s+"\[secret\]"/);
  assert.ok(!shown.includes(input.key), "the key stands there");
});
await look("settings-open");
