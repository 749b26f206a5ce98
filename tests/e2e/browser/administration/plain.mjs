// Without scripts.
import { press } from "../chromium.mjs";
import { assert, check, input } from "../harness.mjs";
import { remember } from "../vault.mjs";
import { done, enter, fill, open } from "./desk.mjs";
import { mailbox } from "./root.mjs";

const plain = await enter(input.people.root, { javaScriptEnabled: false });
await check("without scripts, on a phone: the menu leads on", async () => {
  await plain.setViewportSize({ width: 360, height: 740 });
  await open(plain, "/admin");
  assert.equal(await plain.locator(".sections").isVisible(), false);
  await plain.locator(".menu summary").click();
  await press(plain, '.menu a[href="/admin/settings"]');
  assert.equal(await plain.locator(".menu summary").isVisible(), true);
  assert.match(await plain.locator(".menu summary").innerText(), /Settings/);
  await plain.setViewportSize({ width: 1280, height: 800 });
});
await check("without scripts: an application, refused first", async () => {
  await open(plain, "/admin/clients/new");
  await press(plain, "#kind-web");
  await fill(plain, { client_name: "Plain", redirect_uris: "nonsense" });
  await press(plain, "#create");
  await plain.locator("#problems").waitFor();
  await fill(plain, { redirect_uris: "https://plain.example/callback" });
  await press(plain, "#create");
  remember(await plain.locator("#client-secret").innerText());
  await press(plain, "#done");
  await press(plain, "#edit");
  await fill(plain, { client_name: "Plainer" });
  await press(plain, "#save");
  await done(plain);
});
await check("without scripts: newer events are a link away", async () => {
  await open(plain, "/admin/audit");
  assert.equal(await plain.locator("#live").isVisible(), false);
  await press(plain, "#newest");
  assert.ok((await plain.locator("#events > li").count()) > 0);
});
await check("without scripts: somebody is invited, and gets a role", async () => {
  await open(plain, "/admin/users/new");
  await fill(plain, { username: "noor", email: "noor@example.com" });
  await press(plain, "#invite");
  await done(plain);
  await mailbox.take("noor@example.com");
  await open(plain, "/admin/roles/auditor");
  await press(plain, "#grant");
  await fill(plain, { holder: "noor" });
  await press(plain, "#grant-role");
  await done(plain);
});
await check("without scripts: keys rotate", async () => {
  await open(plain, "/admin/keys");
  await press(plain, "#rotate");
  await plain.locator("#now").check();
  await press(plain, "#rotate-key");
  await done(plain);
});
