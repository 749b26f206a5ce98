// Applications: registered, mended, edited, disabled.
import { press } from "../chromium.mjs";
import { assert, check, input, step } from "../harness.mjs";
import { remember } from "../vault.mjs";
import { confirm, done, fill, open, path } from "./desk.mjs";
import { look, root, visit } from "./root.mjs";

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
export const auroras = `/admin/clients/${aurora.id}`;

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
  await open(root, `/admin/clients/${input.weak}`);
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
