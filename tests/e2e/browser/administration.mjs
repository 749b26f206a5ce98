// The administration's pages, by the ids that docs/automation.md promises: a super administrator, those of the
// built-in roles, somebody without scripts, and names that want to be more than text.
import { fillSignIn, launch, press, text } from "./chromium.mjs";
import { gallery } from "./gallery.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { Mailbox } from "./mailbox.mjs";
import { remember, rememberCookies } from "./vault.mjs";

const { issuer, people, weak, key, mailPort } = input;
const SECTIONS = ["clients", "resources", "users", "sessions", "groups", "roles", "organisations", "keys", "audit", "settings"];
/** One transparent pixel. */
const LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const browser = await launch();
const mailbox = await new Mailbox().listen(mailPort);

/** Somebody's browser, signed in. */
async function enter(person, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`${issuer}/sign-in`);
  await fillSignIn(page, person);
  await press(page, "#login");
  await rememberCookies(context);
  return page;
}

const path = (page) => new URL(page.url()).pathname;
const open = (page, where) => page.goto(issuer + where);

async function fill(page, values) {
  for (const [id, value] of Object.entries(values)) {
    const field = page.locator(`[id="${id}"]`);
    if (value === true) await field.check();
    else if (await field.evaluate((element) => element.tagName === "SELECT")) await field.selectOption(value);
    else await field.fill(value);
  }
}

/** The page says that it is done. */
async function done(page, words = /./) {
  const note = page.locator(".note.good").first();
  await note.waitFor({ timeout: 10_000 }).catch(async () => {
    throw new Error(`nothing was done at ${page.url()}: ${await text(page)}`);
  });
  assert.match(await note.innerText(), words);
}

async function confirm(page, link) {
  await press(page, link);
  await press(page, "#confirm");
  await done(page);
}

const root = await enter(people.root);
const look = gallery(root);
const visit = async (where, name) => {
  await open(root, where);
  await look(name);
};

await step("the overview: a day, a month, and every section", async () => {
  await open(root, "/admin");
  const sections = await root.$$eval(".sections a", (links) => links.map((link) => new URL(link.href).pathname));
  assert.deepEqual(sections, ["/admin", ...SECTIONS.map((name) => `/admin/${name}`)]);
  assert.equal(await root.locator(".chart").count(), 4);
});
await look("overview");
await visit("/admin?span=month", "overview-month");
for (const section of ["resources", "groups", "organisations"]) await visit(`/admin/${section}`, `${section}-empty`);

// Applications

await visit("/admin/clients/new", "client-new");
for (const kind of ["spa", "native", "machine", "web"]) await visit(`/admin/clients/new?kind=${kind}`, `client-new-${kind}`);

await step("a registration with a mistake says what is wrong, and keeps what was typed", async () => {
  await fill(root, { client_name: "Aurora Notes", redirect_uris: "https://aurora.example/callback#here", skip_consent: true });
  await press(root, "#create");
  await root.locator("#problems").waitFor();
  assert.match(await root.locator("#problems").innerText(), /fragment/i);
  assert.equal(await root.locator("#redirect_uris").inputValue(), "https://aurora.example/callback#here");
  assert.ok(await root.locator("#skip_consent").isChecked());
});
await look("client-new-refused");

const aurora = await step("put right: the secret is shown, once", async () => {
  await fill(root, { redirect_uris: "https://aurora.example/callback" });
  await press(root, "#create");
  const secret = await root.locator("#client-secret").innerText();
  remember(secret);
  return { id: await root.locator("#client-id").innerText(), secret };
});
await look("client-secret");
const auroras = `/admin/clients/${aurora.id}`;

await step("its page: a grade, how to connect it, and no secret any more", async () => {
  await press(root, "#done");
  assert.equal(path(root), auroras);
  assert.ok(!(await root.content()).includes(aurora.secret));
  assert.match(await root.locator("#grade").innerText(), /Security grade [ABCDF]/);
  assert.ok((await root.locator("section[aria-labelledby=snippets] details").count()) >= 4);
  for (const summary of await root.locator("section details > summary").all()) await summary.click();
});
await look("client-open");

await step("findings are mended by their buttons, and the grade is better", async () => {
  await open(root, `/admin/clients/${weak}`);
  const before = await root.locator(".grade.big").innerText();
  await look("client-weak");
  for (let left = await root.locator("[id^=mend-]").count(); left > 0; left = await root.locator("[id^=mend-]").count()) {
    await press(root, "[id^=mend-] >> nth=0");
    // No new secret: the application goes on with the one it has.
    await done(root);
    assert.ok((await root.locator("[id^=mend-]").count()) < left, "nothing was mended");
  }
  const after = await root.locator(".grade.big").innerText();
  assert.ok(after < before, `${before} became ${after}`);
});

await step("an edit with a mistake: what is wrong is said, what was typed stays", async () => {
  await open(root, auroras);
  await press(root, "#edit");
  await look("client-edit");
  await fill(root, { client_name: "Aurora", client_uri: "nonsense" });
  await press(root, "#save");
  assert.match(await root.locator("#problems").innerText(), /client_uri/);
  assert.equal(await root.locator("#client_name").inputValue(), "Aurora");
  assert.equal(await root.locator("#client_uri").inputValue(), "nonsense");
});
await look("client-edit-refused");
await check("JSON that is none is kept as well", async () => {
  await fill(root, { client_uri: "https://aurora.example", jwks: '{"keys": [' });
  await press(root, "#save");
  assert.match(await root.locator("#problems").innerText(), /jwks/i);
  assert.equal(await root.locator("#jwks").inputValue(), '{"keys": [');
  assert.equal(await root.locator("#client_name").inputValue(), "Aurora");
});
await step("the edit put right", async () => {
  await fill(root, { jwks: "", client_uri: "https://aurora.example" });
  await press(root, "#save");
  await done(root, /Saved/);
  assert.match(await root.locator("h1").innerText(), /^Aurora/);
});

await step("two people edit: the second one is told", async () => {
  const other = await root.context().newPage();
  await Promise.all([open(root, `${auroras}/edit`), open(other, `${auroras}/edit`)]);
  await fill(other, { policy_uri: "https://aurora.example/privacy" });
  await press(other, "#save");
  await done(other);
  await fill(root, { tos_uri: "https://aurora.example/terms" });
  await press(root, "#save");
  assert.match(await root.locator("#problems").innerText(), /meanwhile/);
  await other.close();
});

await step("a new secret beside the old one", async () => {
  await open(root, auroras);
  await press(root, "#renew-secret");
  await look("client-renew");
  await press(root, "#renew");
  const secret = await root.locator("#client-secret").innerText();
  remember(secret);
  assert.notEqual(secret, aurora.secret);
  await press(root, "#done");
  assert.equal(await root.locator("section[aria-labelledby=secrets] li").count(), 2);
});

await step("disabled, found as such in the list, and enabled", async () => {
  await press(root, "#disable");
  await look("client-disable");
  await press(root, "#confirm");
  await done(root);
  await open(root, "/admin/clients");
  await fill(root, { q: "auro", state: "disabled" });
  await press(root, "#search");
  assert.equal(await root.locator("#clients li").count(), 1);
  await look("clients-found");
  await press(root, "#clients a");
  await confirm(root, "#enable");
});
await check("a search that finds nothing says so", async () => {
  await open(root, "/admin/clients?q=zzz");
  assert.match(await root.locator(".empty").innerText(), /Nothing was found/);
});
await step("applications of the other kinds", async () => {
  for (const [kind, values] of Object.entries({
    spa: { client_name: "Aurora Board", redirect_uris: "https://board.aurora.example/" },
    native: { client_name: "Aurora Pocket", redirect_uris: "com.example.aurora:/callback" },
    machine: { client_name: "Nightly report", scope: "" },
  })) {
    await open(root, `/admin/clients/new?kind=${kind}`);
    await fill(root, values);
    await press(root, "#create");
    if (kind !== "machine") await done(root, /Created/);
    else {
      remember(await root.locator("#client-secret").innerText());
      await press(root, "#done");
    }
  }
});
await visit("/admin/clients", "clients");

// APIs

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

// People

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
  people.grace = { username: "grace", password };
  await guest.locator("#password").fill(password);
  await press(guest, "#reset");
  await guest.context().close();
});
const find = async (word) => {
  await open(root, `/admin/users?q=${word}`);
  assert.equal(await root.locator("#users li").count(), 1);
  await press(root, "#users a");
};
const grace = await enter(people.grace);
await step("her page; an edit with a mistake, and one without", async () => {
  await find("grac");
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
const there = await enter(people.grace);
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
  await find("grac");
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
  await fillSignIn(grace, people.grace);
  await press(grace, "#login");
  assert.equal(path(grace), "/sign-in");
});
await visit("/admin/users", "users");

// Groups, roles, organisations

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
await visit("/admin/groups", "groups");

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
await visit("/admin/roles", "roles");

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

// Keys, audit log, settings

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
  const { readFileSync } = await import("node:fs");
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
  await find("grac");
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
  for (const summary of await root.locator("details > summary").all()) await summary.click();
  assert.ok((await root.locator("dl.facts > div").count()) > 20);
  const shown = await root.locator(".desk").innerText();
  assert.match(shown, /secret\s+"\[secret\]"/);
  assert.ok(!shown.includes(key), "the key stands there");
});
await look("settings-open");

// How it looks

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

// Names that want to be more than text

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

// Those who may do a part of it

const ROLES = {
  mira: { sees: ["clients", "resources"], writes: ["clients", "resources"] },
  ugo: { sees: ["users", "sessions", "groups", "roles"], writes: ["users", "sessions", "groups"] },
  aldo: { sees: SECTIONS, writes: [] },
};
for (const [name, { sees, writes }] of Object.entries(ROLES)) {
  const page = await enter(people[name]);
  const lookAt = gallery(page);
  await check(`${name}: the navigation has what is allowed, and the rest cannot be reached`, async () => {
    assert.equal((await open(page, "/admin")).status(), 200);
    const shown = await page.$$eval(".sections a", (links) => links.map((link) => new URL(link.href).pathname.replace("/admin/", "")));
    assert.deepEqual(shown, ["/admin", ...sees]);
    for (const section of SECTIONS) {
      assert.equal((await open(page, `/admin/${section}`)).status(), sees.includes(section) ? 200 : 403, section);
      const makes = { clients: "new", resources: "new", users: "new", sessions: "end-all", groups: "new", roles: "new", organisations: "new", keys: "rotate" }[section];
      if (!makes) continue;
      if (sees.includes(section)) assert.equal(await page.locator(`#${makes}`).count(), writes.includes(section) ? 1 : 0, section);
      assert.equal((await open(page, `/admin/${section}/${makes}`)).status(), writes.includes(section) ? 200 : 403, `${section}/${makes}`);
    }
  });
  await open(page, "/admin");
  await lookAt(`overview-${name}`);
  await check(`${name}: the overview leads on`, async () => {
    assert.equal(await page.locator(".desk .list a").count(), name === "aldo" ? 0 : sees.length);
  });
  await check(`${name}: no page has a button that is not for them`, async () => {
    for (const section of sees.filter((one) => !writes.includes(one))) {
      await open(page, `/admin/${section}`);
      const pages = await page.$$eval(".desk .list a", (links) => links.slice(0, 3).map((link) => link.href));
      for (const one of [page.url(), ...pages]) {
        await page.goto(one);
        assert.equal(await page.locator('.desk form[method="post"]').count(), 0, one);
        const acting = await page.$$eval(".desk a", (links) => links.map((link) => link.href).filter((href) => /\/(new|edit|delete|disable|enable|reset|secret|grant|revoke|rotate)$/.test(href)));
        assert.deepEqual(acting, [], one);
      }
    }
  });
  if (name === "aldo") {
    await open(page, auroras);
    await lookAt("client-auditor");
    for (const action of ["edit", "secret", "delete", "disable"]) {
      await check(`aldo: ${action} of an application is refused`, async () => assert.equal((await open(page, `${auroras}/${action}`)).status(), 403));
    }
  }
  await page.context().close();
}
await check("mira registers an application, ugo invites somebody", async () => {
  const mira = await enter(people.mira);
  await open(mira, "/admin/clients/new?kind=spa");
  await fill(mira, { client_name: "Mira's", redirect_uris: "https://mira.example/" });
  await press(mira, "#create");
  await done(mira);
  const ugo = await enter(people.ugo);
  await open(ugo, "/admin/users/new");
  await fill(ugo, { username: "ines", email: "ines@example.com" });
  await press(ugo, "#invite");
  await done(ugo);
  await mailbox.take("ines@example.com");
});

// In another language, whose words are longer

const german = await enter(people.root, { locale: "de-DE" });
const lookAtGerman = gallery(german);
const PAGES = {
  overview: "/admin", clients: "/admin/clients", client: auroras, "client-edit": `${auroras}/edit`, "client-renew": `${auroras}/secret`,
  users: "/admin/users", role: "/admin/roles/night-shift", grant: "/admin/roles/night-shift/grant", rotate: "/admin/keys/rotate",
  keys: "/admin/keys", audit: "/admin/audit", resources: "/admin/resources",
};
for (const [name, where] of Object.entries(PAGES)) {
  await check(`in German: ${name}`, async () => {
    assert.equal((await open(german, where)).status(), 200);
    assert.equal(await german.locator("html").getAttribute("lang"), "de");
  });
  await lookAtGerman(`de-${name}`);
}

// Without scripts

const plain = await enter(people.root, { javaScriptEnabled: false });
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

// What is deleted is gone

await check("deleted: the role, the group, the API, the person, the application", async () => {
  await open(root, "/admin/roles/night-shift");
  await confirm(root, "#delete");
  await open(root, "/admin/groups");
  await press(root, '.list a:has-text("Editors")');
  await confirm(root, "#delete");
  await open(root, "/admin/resources");
  await confirm(root, '#resources a[href$="/delete"]');
  await find("grac");
  await confirm(root, "#delete");
  await open(root, auroras);
  await confirm(root, "#delete");
  assert.equal((await open(root, auroras)).status(), 404);
});
await look("clients-deleted");
await check("somebody whose role is gone: no page of the administration", async () => {
  const ada = await enter(people.ada);
  for (const section of ["", ...SECTIONS.map((one) => `/${one}`)]) assert.equal((await open(ada, `/admin${section}`)).status(), 403, section);
});


mailbox.close();
await browser.close();
