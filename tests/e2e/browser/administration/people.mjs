// People: invited, edited, signed out, disabled, reset.
import { fillSignIn, press, text } from "../chromium.mjs";
import { assert, input, step } from "../harness.mjs";
import { remember } from "../vault.mjs";
import { browser, confirm, done, enter, fill, open, path } from "./desk.mjs";
import { findPerson, look, mailbox, root, visit } from "./root.mjs";

await step("an invitation: refused, put right, and its letter leads to a password", async () => {
  await open(root, "/admin/users");
  await press(root, "#new");
  await look("user-new");
  await fill(root, { username: "ada", email: "grace@example.com", name: "Grace Hopper" });
  await press(root, "#invite");
  await root.locator("#problems").waitFor();
  assert.equal(await root.locator("#name").inputValue(), "Grace Hopper");
  await look("user-new-refused");
  await fill(root, { username: "grace" });
  await press(root, "#invite");
  await done(root);
  const guest = await (await browser.newContext()).newPage();
  await guest.goto((await mailbox.take("grace@example.com")).link);
  const password = `${Date.now()} unrelated words`;
  remember(password);
  input.people.grace = { username: "grace", password };
  await guest.locator("#password").fill(password);
  await press(guest, "#reset");
  await guest.context().close();
});
const grace = await enter(input.people.grace);
await step("her page; an edit with a mistake, and one without", async () => {
  await findPerson("grac");
  await look("user");
  await press(root, "#edit");
  await look("user-edit");
  await fill(root, { profile: '{"name": ' });
  await press(root, "#save");
  await root.locator("#problems").waitFor();
  assert.equal(await root.locator("#profile").inputValue(), '{"name": ');
  await look("user-edit-refused");
  await fill(root, { profile: JSON.stringify({ name: "Grace Brewster Hopper", nickname: "Compilers" }) });
  await press(root, "#save");
  await done(root);
  assert.match(await text(root), /Compilers/);
});
await step("signed out everywhere", async () => {
  await press(root, "#end-all");
  await done(root, /Signed out/);
  await open(grace, "/account");
  assert.equal(path(grace), "/sign-in");
});
const there = await enter(input.people.grace);
await step("a session is found", async () => {
  await open(root, "/admin/sessions");
  await fill(root, { q: "grac" });
  await press(root, "#search");
  assert.equal(await root.locator("#sessions li").count(), 1);
  assert.match(await root.locator("#sessions").innerText(), /Grace Brewster Hopper[^]*Password/);
});
await visit("/admin/sessions", "sessions");
await visit("/admin/sessions?q=grac", "sessions-found");
await step("ended, and its browser is signed out at its next request", async () => {
  await press(root, "#sessions .end");
  await look("session-end");
  await press(root, "#confirm");
  await done(root, /Signed out/);
  await open(there, "/account");
  assert.equal(path(there), "/sign-in");
  await there.context().close();
});
await visit("/admin/sessions/end-all", "sessions-end-all");
await step("disabled and enabled", async () => {
  await findPerson("grac");
  await press(root, "#disable");
  await look("user-disable");
  await press(root, "#confirm");
  await done(root);
  await open(root, "/admin/users?state=disabled");
  assert.equal(await root.locator("#users li").count(), 1);
  await press(root, "#users a");
  await confirm(root, "#enable");
});
await step("the password reset: a letter, and the old one is gone", async () => {
  await confirm(root, "#reset");
  await mailbox.take("grace@example.com", /password/);
  await open(grace, "/sign-in");
  await fillSignIn(grace, input.people.grace);
  await press(grace, "#login");
  assert.equal(path(grace), "/sign-in");
});
await visit("/admin/users", "users");
