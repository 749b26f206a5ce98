// Groups, roles, organisations.
import { press, text } from "../chromium.mjs";
import { assert, check, step } from "../harness.mjs";
import { confirm, done, fill, open } from "./desk.mjs";
import { look, root } from "./root.mjs";

await step("a group, and somebody in it", async () => {
  await open(root, "/admin/groups/new");
  await look("group-new");
  await fill(root, { name: "Editors" });
  await press(root, "#save");
  await done(root);
  await press(root, "#edit");
  await fill(root, { member: "nobody-at-all" });
  await press(root, "#add");
  await root.locator("#problems").waitFor();
  assert.equal(await root.locator("#member").inputValue(), "nobody-at-all");
  await fill(root, { member: "ada" });
  await press(root, "#add");
  await done(root);
});
await step("the group's pages", async () => {
  await open(root, "/admin/groups");
  await press(root, ".list a");
  assert.match(await text(root), /Ada Example/);
});
await look("group");
await press(root, "#edit");
await look("group-edit");

await step("a role that inherits: refused, put right", async () => {
  await open(root, "/admin/roles/new");
  await fill(root, { name: "night-shift", description: "Looks after it at night", permissions: "wrong", "inherits.auditor": true });
  await press(root, "#save");
  await root.locator("#problems").waitFor();
  assert.ok(await root.locator('[id="inherits.auditor"]').isChecked());
  await look("role-new-refused");
  await fill(root, { permissions: "keys:write\nreports:*" });
  await press(root, "#save");
  await done(root, /Created/);
});
await step("given to a person with an end, and to a group", async () => {
  await press(root, "#grant");
  await look("role-grant");
  await fill(root, { holder: "nobody-at-all", until: "2040-01-31T08:00" });
  await press(root, "#grant-role");
  await root.locator("#problems").waitFor();
  assert.equal(await root.locator("#until").inputValue(), "2040-01-31T08:00");
  await fill(root, { holder: "grace" });
  await press(root, "#grant-role");
  await done(root, /given/);
  assert.match(await text(root), /2040/);
  await press(root, "#grant");
  await fill(root, { kind: "group", holder: "Editors" });
  await press(root, "#grant-role");
  await done(root);
});
await look("role");
await step("edited, taken back", async () => {
  await press(root, "#edit");
  await look("role-edit");
  await fill(root, { description: "Looks after everything at night" });
  await press(root, "#save");
  await done(root);
  await press(root, 'a[href$="/revoke"] >> nth=0');
  await look("role-revoke");
  await press(root, "#confirm");
  await done(root, /taken back/);
  assert.equal(await root.locator('a[href$="/revoke"]').count(), 1);
});
await check("the last administrator cannot lose the role", async () => {
  await open(root, "/admin/roles/super-administrator");
  assert.equal(await root.locator("#edit, #delete").count(), 0);
  await press(root, 'a[href$="/revoke"]');
  await press(root, "#confirm");
  assert.match(await root.locator("#problems").innerText(), /Nobody would be left/);
});

await step("an organisation: made, closed, opened, deleted", async () => {
  await open(root, "/admin/organisations/new");
  await look("organisation-new");
  await fill(root, { name: "acme", title: "Acme Works" });
  await press(root, "#save");
  await done(root);
  await press(root, 'a[href$="/acme/edit"]');
  await fill(root, { closed: true });
  await look("organisation-edit");
  await press(root, "#save");
  await done(root);
  await look("organisations");
  await confirm(root, 'a[href$="/acme/delete"]');
});
