// A signing key got out: an administrator revokes it, after one more question.
import { press } from "../chromium.mjs";
import { assert, check, input, step } from "../harness.mjs";
import { done, enter, open, path, status } from "./desk.mjs";
import { look, root } from "./root.mjs";

const published = async () => {
  const answer = await fetch(`${input.issuer}/jwks`);
  return (await answer.json()).keys.map(({ kid }) => kid);
};
const row = (word) => root.locator("tbody tr", { hasText: word });

const { kid, before } = await step("each key that is published has a way out, which asks first", async () => {
  await open(root, "/admin/keys");
  const kid = await row("signs").first().locator("th code").innerText();
  const before = await published();
  assert.ok(before.includes(kid));
  assert.equal(await root.locator('a[href$="/revoke"]').count(), before.length);
  await press(root, `a[href="/admin/keys/${kid}/revoke"]`);
  assert.equal(path(root), `/admin/keys/${kid}/revoke`);
  assert.match(await root.locator("h1").innerText(), new RegExp(kid));
  return { kid, before };
});
await look("key-revoke");
await check("cancelled, nothing has happened", async () => {
  await press(root, "#cancel");
  assert.equal(path(root), "/admin/keys");
  assert.deepEqual(await published(), before);
});
await step("confirmed: it is out of the key set at once, and another one signs", async () => {
  await press(root, `a[href="/admin/keys/${kid}/revoke"]`);
  await press(root, "#confirm");
  await done(root, /Revoked/);
  assert.match(await row(kid).innerText(), /revoked/);
  assert.equal(await row(kid).locator("a").count(), 0);
  const after = await published();
  assert.ok(!after.includes(kid), "still published");
  assert.ok(await row("signs").count(), "nothing signs");
  assert.ok(after.length >= before.length - 1);
});
await check("revoked is revoked: it has no way out any more, nor has a key that nobody knows", async () => {
  for (const gone of [kid, "nonsense"]) assert.equal(await status(root, `/admin/keys/${gone}/revoke`), 404);
});
await check("who only looks at keys sees no way to revoke one, and may not", async () => {
  const aldo = await enter(input.people.aldo);
  await open(aldo, "/admin/keys");
  assert.ok((await aldo.locator("tbody tr").count()) > 0);
  assert.equal(await aldo.locator('a[href$="/revoke"]').count(), 0);
  assert.equal(await status(aldo, `/admin/keys/${(await published())[0]}/revoke`), 403);
  await aldo.context().close();
});
