// The first page, and the sections that have nothing in them yet.
import { assert, step } from "../harness.mjs";
import { navigation, open, SECTIONS } from "./desk.mjs";
import { look, root, visit } from "./root.mjs";

await step("the overview: a day, a month, and every section", async () => {
  await open(root, "/admin");
  assert.deepEqual(await navigation(root), ["/admin", ...SECTIONS]);
  assert.equal(await root.locator(".chart").count(), 4);
});
await look("overview");
await visit("/admin?span=month", "overview-month");
await root.locator(".menu").evaluate((menu) => (menu.open = true));
await look("menu");
for (const section of ["resources", "groups", "organisations"]) await visit(`/admin/${section}`, `${section}-empty`);
