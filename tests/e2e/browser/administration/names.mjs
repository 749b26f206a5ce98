// Names that want to be more than text.
import { press } from "../chromium.mjs";
import { assert, check, step } from "../harness.mjs";
import { done, fill, open, path } from "./desk.mjs";
import { look, root, visit } from "./root.mjs";

const SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>";
const EVIL = "\u202Eevil";
const dialogs = [];
root.on("dialog", (dialog) => {
  dialogs.push(dialog.message());
  dialog.dismiss();
});
const LONG = "Unbreakable".repeat(15);

await step("an application: HTML is text, a mark that turns text around is refused", async () => {
  await open(root, "/admin/clients/new?kind=native");
  await fill(root, { client_name: EVIL, redirect_uris: "com.example.evil:/callback" });
  await press(root, "#create");
  await root.locator("#problems").waitFor();
  await fill(root, { client_name: SCRIPT });
  await press(root, "#create");
  await done(root);
  assert.ok((await root.locator("h1").innerText()).startsWith(SCRIPT));
});
await look("client-html");
await press(root, "#edit");
await look("client-html-edit");
await open(root, path(root).replace(/edit$/, "delete"));
await look("client-html-delete");
await step("a long name without a place to break", async () => {
  await open(root, "/admin/clients/new?kind=native");
  await fill(root, { client_name: LONG, redirect_uris: `com.example.${LONG.toLowerCase()}:/callback` });
  await press(root, "#create");
  await done(root);
});
await look("client-long");
for (const action of ["edit", "delete"]) {
  const where = path(root).replace(/\/(edit|delete)$/, "");
  await visit(`${where}/${action}`, `client-long-${action}`);
}
await visit("/admin/clients", "clients-hostile");

await step("a group", async () => {
  for (const [name, may] of [[EVIL, false], [SCRIPT, true], ["W".repeat(100), true]]) {
    await open(root, "/admin/groups/new");
    await fill(root, { name });
    await press(root, "#save");
    if (may) await done(root);
    else await root.locator("#problems").waitFor();
  }
});
await look("group-long");
await visit("/admin/groups", "groups-hostile");
await step("a role's description", async () => {
  await open(root, "/admin/roles/new");
  await fill(root, { name: "w".repeat(64), description: EVIL, permissions: `${"a".repeat(40)}:${"b".repeat(20)}` });
  await press(root, "#save");
  await root.locator("#problems").waitFor();
  await fill(root, { description: `${SCRIPT} ${LONG}` });
  await press(root, "#save");
  await done(root);
});
await look("role-hostile");
await press(root, "#edit");
await look("role-hostile-edit");
await press(root, "#save");
await press(root, "#grant");
await look("role-hostile-grant");
await visit("/admin/roles", "roles-hostile");
await step("a person", async () => {
  await open(root, "/admin/users/new");
  await fill(root, { username: "mallory", email: `${"m".repeat(60)}@mallory.example`, name: EVIL });
  await press(root, "#invite");
  await root.locator("#problems").waitFor();
  await fill(root, { name: SCRIPT });
  await press(root, "#invite");
  await done(root);
});
await look("user-hostile");
await visit("/admin/users", "users-hostile");
await visit("/admin/audit?about=%3Cscript%3Ealert(1)%3C/script%3E", "audit-hostile");
await visit("/admin/clients?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "clients-hostile-search");
await check("nothing was executed", () => assert.deepEqual(dialogs, []));
