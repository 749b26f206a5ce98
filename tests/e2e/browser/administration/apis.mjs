// APIs that take our tokens.
import { press } from "../chromium.mjs";
import { assert, step } from "../harness.mjs";
import { done, fill, open } from "./desk.mjs";
import { look, root, visit } from "./root.mjs";

await step("an API: refused, put right, edited", async () => {
  await open(root, "/admin/resources");
  await press(root, "#new");
  await fill(root, { identifier: "not a URI", name: "Payments", scopes: "payments:write Pay in your name\npayments:read See what you paid" });
  await press(root, "#save");
  assert.match(await root.locator("#scopes").inputValue(), /Pay in your name/);
  await look("resource-refused");
  await fill(root, { identifier: "https://payments.example" });
  await press(root, "#save");
  await done(root, /Created/);
  await press(root, "#resources a >> nth=0");
  await fill(root, { lifetime: "120", published: true });
  await look("resource-edit");
  await press(root, "#save");
  await done(root);
});
await visit("/admin/resources", "resources");
