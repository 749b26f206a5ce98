// An administrator of one organisation: its people, applications and groups, and nothing of anybody else's.
import { press, text } from "../chromium.mjs";
import { gallery } from "../gallery.mjs";
import { assert, check, input, step, until } from "../harness.mjs";
import { confirm, done, enter, fill, navigation, OF_THE_DEPLOYMENT, open, path, SECTIONS, status } from "./desk.mjs";

const { people, ours, theirs } = input;
await step("somebody who administers everything makes a group in each organisation", async () => {
  const root = await enter(people.root);
  for (const [of, name] of [[ours, "Acme Staff"], [theirs, "Globex Staff"]]) {
    await open(root, `/admin/groups?organisation=${of.organisation}`);
    await press(root, "#new");
    await fill(root, { name });
    await press(root, "#save");
    await done(root, /Created/);
    of.group = path(root).split("/").at(-1);
  }
  await root.context().close();
});
const tess = await enter(people.tess);
const look = gallery(tess);
const names = () => tess.locator(".desk .list .name").allInnerTexts();
const NOBODY = "01890000-0000-7000-8000-000000000000";

await check("the navigation has what is theirs, and the sections of the deployment answer as if they were not there", async () => {
  await open(tess, "/admin");
  assert.deepEqual(await navigation(tess), ["/admin", ...SECTIONS.filter((name) => !OF_THE_DEPLOYMENT.includes(name))]);
  for (const section of OF_THE_DEPLOYMENT) assert.equal(await status(tess, `/admin/${section}`), 404, section);
  for (const deed of ["keys/rotate", `keys/${input.kid}/revoke`, "settings/looks", "settings/logo"]) {
    assert.equal(await status(tess, `/admin/${deed}`), 404, deed);
  }
});
await open(tess, "/admin");
await look("organisation-overview");

await check("each list has what is theirs, and a search finds nothing else", async () => {
  for (const [section, own] of [["users", ["Otis Example", "Tess Example"]], ["clients", ["Acme Shop"]], ["groups", ["Acme Staff"]]]) {
    await open(tess, `/admin/${section}`);
    assert.deepEqual((await names()).sort(), own, section);
  }
  for (const where of ["users?q=zoe", "clients?q=globex"]) {
    await open(tess, `/admin/${where}`);
    assert.match(await tess.locator(".empty").innerText(), /Nothing was found/);
  }
  await open(tess, "/admin/organisations");
  const shown = await tess.locator(".desk").innerText();
  assert.match(shown, /Acme Works/);
  assert.doesNotMatch(shown, /Globex/);
});

await check("what belongs to another organisation answers like what is not there at all", async () => {
  const said = async (where) => {
    const answer = await open(tess, where);
    await tess.locator("#request-id").evaluate((id) => id.remove());
    return [answer.status(), await tess.locator("main").innerText()];
  };
  const pages = (client, user, group) => [
    `clients/${client}`, `clients/${client}/edit`, `clients/${client}/secret`, `clients/${client}/try`, `clients/${client}/delete`,
    `users/${user}`, `users/${user}/edit`, `users/${user}/reset`, `users/${user}/delete`, `groups/${group}`, `groups/${group}/edit`, `groups/${group}/delete`,
  ];
  const foreign = pages(theirs.client, theirs.user, theirs.group);
  const absent = pages(NOBODY, NOBODY, NOBODY);
  for (const [at, where] of foreign.entries()) {
    const answer = await said(`/admin/${where}`);
    assert.equal(answer[0], 404, where);
    assert.deepEqual(answer, await said(`/admin/${absent[at]}`), where);
  }
  for (const where of ["/admin/organisations/globex/edit", "/admin/organisations/nowhere/edit"]) assert.equal(await status(tess, where), 404, where);
  assert.equal(await status(tess, `/admin/users?organisation=${theirs.organisation}`), 403);
});

await step("what they do is done in their organisation: an application, a group with somebody in it, a person", async () => {
  await open(tess, "/admin/clients/new?kind=spa");
  await fill(tess, { client_name: "Acme Board", redirect_uris: "https://board.acme.example/" });
  await press(tess, "#create");
  await done(tess, /Created/);
  await open(tess, `/admin/clients/${ours.client}/edit`);
  await fill(tess, { client_name: "Acme Store" });
  await press(tess, "#save");
  await done(tess, /Saved/);
  await open(tess, `/admin/groups/${ours.group}/edit`);
  await fill(tess, { member: "zoe" });
  await press(tess, "#add");
  await tess.locator("#problems").waitFor();
  await fill(tess, { member: "otis" });
  await press(tess, "#add");
  await done(tess);
  await open(tess, `/admin/users/${ours.user}`);
  await confirm(tess, "#disable");
  await confirm(tess, "#enable");
});
await look("organisation-person");
await check("they give roles within it, and only there", async () => {
  await open(tess, "/admin/roles/auditor/grant");
  await fill(tess, { holder: "zoe" });
  await press(tess, "#grant-role");
  await tess.locator("#problems").waitFor();
  await fill(tess, { holder: "otis" });
  await press(tess, "#grant-role");
  await done(tess, /given/);
  const otis = await enter(people.otis);
  await open(otis, "/admin/users");
  assert.deepEqual((await otis.locator(".desk .list .name").allInnerTexts()).sort(), ["Otis Example", "Tess Example"]);
  assert.equal(await status(otis, "/admin/settings"), 404);
  await otis.context().close();
});
await check("the audit log has what happened here, and nothing of anybody else", async () => {
  // An event is noted a second after it is written.
  await until("tess and otis got their roles here", async () => {
    await open(tess, "/admin/audit?kind=role.granted");
    return (await tess.locator("#events > li").count()) === 2;
  });
  await open(tess, "/admin/audit");
  const shown = await tess.content();
  assert.ok(shown.includes("client.changed"));
  // Their organisation is named by the attempt of above to look into it: that was made here.
  for (const foreign of [theirs.client, theirs.user, theirs.group]) assert.ok(!shown.includes(foreign), foreign);
  await open(tess, `/admin/audit?about=${theirs.user}`);
  assert.equal(await tess.locator("#events > li").count(), 0);
});
await check("who looks from above sees where it was made", async () => {
  const root = await enter(people.root);
  await open(root, "/admin/clients?q=acme");
  assert.deepEqual((await root.locator("#clients .name").allInnerTexts()).sort(), ["Acme Board", "Acme Store"]);
  await root.locator("#organisation").selectOption(theirs.organisation);
  if (!new URL(root.url()).searchParams.get("organisation")) await press(root, "#choose-place");
  await open(root, `/admin/clients?organisation=${theirs.organisation}`);
  assert.deepEqual(await root.locator("#clients .name").allInnerTexts(), ["Globex Portal"]);
  await root.context().close();
});

// The role is taken away while a page of it is open.

await step("a role that was taken away: the form that is open does nothing any more, nor does any link", async () => {
  await open(tess, `/admin/users/${ours.user}/edit`);
  await fill(tess, { email: "changed@example.com" });
  const root = await enter(people.root);
  await open(root, "/admin/roles/super-administrator");
  await press(root, `li:has-text("tess") a[href$="/revoke"]`);
  await press(root, "#confirm");
  await done(root, /taken back/);
  await press(tess, "#save");
  assert.match(await text(tess), /not allowed|may not|forbidden/i);
  assert.equal(path(tess), `/admin/users/${ours.user}/edit`);
  for (const where of ["/admin", "/admin/users", `/admin/users/${ours.user}`]) assert.equal(await status(tess, where), 403, where);
  await open(root, `/admin/users/${ours.user}`);
  assert.ok(!(await text(root)).includes("changed@example.com"), "it was saved");
  await root.context().close();
});
await check("a link of a page that was open before: refused as well", async () => {
  const mira = await enter(people.mira);
  await open(mira, "/admin/clients");
  const root = await enter(people.root);
  await open(root, "/admin/roles/client-manager");
  await press(root, `a[href$="/revoke"]`);
  await press(root, "#confirm");
  await done(root);
  const [answer] = await Promise.all([mira.waitForNavigation(), mira.locator("#clients a").first().click()]);
  assert.equal(answer.status(), 403);
  for (const context of [mira, root]) await context.context().close();
});
await look("organisation-role-gone");
await tess.context().close();
