// What is deleted is gone.
import { press } from "../chromium.mjs";
import { assert, check, input } from "../harness.mjs";
import { auroras } from "./applications.mjs";
import { confirm, enter, open, SECTIONS, status } from "./desk.mjs";
import { findPerson, root } from "./root.mjs";

await check("deleted: the role, the group, the API, the person, the application", async () => {
  await open(root, "/admin/roles/night-shift");
  await confirm(root, "#delete");
  await open(root, "/admin/groups");
  await press(root, '.list a:has-text("Editors")');
  await confirm(root, "#delete");
  await open(root, "/admin/resources");
  await confirm(root, '#resources a[href$="/delete"]');
  await findPerson("grac");
  await confirm(root, "#delete");
  await open(root, auroras);
  await confirm(root, "#delete");
  assert.equal(await status(root, auroras), 404);
});
await check("somebody whose role is gone: no page of the administration", async () => {
  const ada = await enter(input.people.ada);
  for (const section of ["", ...SECTIONS.map((one) => `/${one}`)]) assert.equal(await status(ada, `/admin${section}`), 403, section);
});
