// How the pages look.
import { press } from "../chromium.mjs";
import { assert, check, step } from "../harness.mjs";
import { browser, done, fill, open, path } from "./desk.mjs";
import { look, root, visit } from "./root.mjs";

/** One transparent pixel. */
const LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

await visit("/admin/settings/looks", "settings-looks");
await check("name and colour are seen while they are typed, and nobody else sees them yet", async () => {
  await fill(root, { name: "Northwind Bank", accent: "#8a1538" });
  assert.deepEqual(await root.locator("[data-sample-name]").allInnerTexts(), ["Northwind Bank", "Northwind Bank"]);
  const colour = () => root.locator(".mini.light .button").evaluate((button) => getComputedStyle(button).backgroundColor);
  await root.waitForFunction(() => getComputedStyle(document.querySelector(".mini.light .button")).backgroundColor === "rgb(138, 21, 56)").catch(async () => {
    throw new Error(`the sample is ${await colour()}`);
  });
  const stranger = await (await browser.newContext()).newPage();
  await open(stranger, "/sign-in");
  assert.ok(!(await stranger.content()).includes("Northwind"));
  await stranger.context().close();
});
await step("the preview shows it without scripts too, and saving makes it so everywhere", async () => {
  await fill(root, { privacy_url: "https://northwind.example/privacy", help_url: "mailto:help@northwind.example" });
  await press(root, "#preview");
  assert.equal(path(root), "/admin/settings/looks");
  assert.equal(await root.locator("#name").inputValue(), "Northwind Bank");
  await look("settings-looks-preview");
  await fill(root, { accent: "plum" });
  await press(root, "#save");
  assert.match(await root.locator("#problems").innerText(), /six digits/);
  await fill(root, { accent: "#8a1538" });
  await press(root, "#save");
  await done(root);
  const context = await browser.newContext({ locale: "en" });
  const stranger = await context.newPage();
  await open(stranger, "/sign-in");
  assert.match(await stranger.locator("header .brand").innerText(), /Northwind Bank/);
  assert.equal(await stranger.locator("#login").evaluate((button) => getComputedStyle(button).backgroundColor), "rgb(138, 21, 56)");
  assert.equal(await stranger.locator("footer a").first().getAttribute("href"), "mailto:help@northwind.example");
  await context.close();
});
await step("a logo is a picture: no script, and gone when it is removed", async () => {
  await open(root, "/admin/settings/logo");
  await look("settings-logo");
  await root.locator("#logo").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>") });
  await press(root, "#save");
  assert.match(await root.locator("#problems").innerText(), /PNG/);
  await root.locator("#logo").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: Buffer.from(LOGO, "base64") });
  await press(root, "#save");
  await done(root);
  const drawn = await root.locator("header .brand img").evaluate((image) => image.naturalWidth);
  assert.equal(drawn, 1, "the logo is drawn");
  await look("settings-with-logo");
  await open(root, "/admin/settings/logo");
  await press(root, "#remove");
  await done(root);
  assert.equal(await root.locator("header .brand img").count(), 0);
});
await step("what was chosen is taken back", async () => {
  await open(root, "/admin/settings/looks");
  await fill(root, { name: "", accent: "", privacy_url: "", help_url: "" });
  await press(root, "#save");
  await done(root);
  assert.match(await root.locator("header .brand").innerText(), /Tessera/);
});
