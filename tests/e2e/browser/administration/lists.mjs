// Lists longer than a page: forth by the link, back by the browser; nothing twice, nothing missing.
import { press } from "../chromium.mjs";
import { assert, check, input, step } from "../harness.mjs";
import { enter, fill, open } from "./desk.mjs";

const { people, many } = input;
const PAGE = 50;
const root = await enter(people.root);
const addresses = () => root.$$eval("#users a, #clients a", (links) => links.map((link) => link.pathname));
const events = () => root.$$eval("#events > li", (rows) => rows.map((row) => row.dataset.event));

/** What each page shows, to the last one; each but the last is full. */
async function pages(rows) {
  const all = [await rows()];
  while (await root.locator("#next").count()) {
    assert.equal(all.at(-1).length, PAGE);
    await press(root, "#next");
    all.push(await rows());
    assert.ok(all.length < 20, "there is no end");
  }
  const flat = all.flat();
  assert.equal(new Set(flat).size, flat.length, "something comes twice");
  return all;
}

/** The browser's way back shows what was there. */
async function andBack(all, rows) {
  for (const page of all.slice(0, -1).reverse()) {
    await root.goBack();
    assert.deepEqual(await rows(), page);
  }
}

/** A list with a search in force: exactly those whom it finds, on every page. */
async function searched(section, values, wanted) {
  await open(root, `/admin/${section}`);
  await fill(root, values);
  await press(root, "#search");
  const all = await pages(addresses);
  assert.equal(all.length, Math.ceil(wanted.length / PAGE));
  assert.deepEqual(all.flat().sort(), wanted.map((id) => `/admin/${section}/${id}`).sort());
  for (const [id, value] of Object.entries(values)) assert.equal(await root.locator(`#${id}`).inputValue(), value, `${id} is still in force`);
  await andBack(all, addresses);
}

await step("everybody, page by page, and back", async () => {
  await open(root, "/admin/users");
  const all = await pages(addresses);
  assert.equal(all.flat().length, many.everybody);
  await andBack(all, addresses);
});
await step("people, with a word and a state in force", () => searched("users", { q: "smith", state: "enabled" }, many.smiths));
await check("and those whom the state leaves out", () => searched("users", { q: "smith", state: "disabled" }, many.disabled));

await step("applications, with a word and a kind in force", () => searched("clients", { q: "robot", kind: "machine" }, many.robots));
await check("every application, page by page", async () => {
  await open(root, "/admin/clients");
  assert.equal((await pages(addresses)).flat().length, many.applications);
});

await step("the audit log, by kind: newest first, and the filter stays", async () => {
  // By itself the page would go on growing.
  await root.context().route("**/admin/audit/export*", (route) => route.abort());
  await open(root, "/admin/audit?kind=client.created");
  const all = await pages(events);
  assert.equal(await root.locator("#kind").inputValue(), "client.created");
  assert.equal(all.flat().length, many.applications);
  assert.deepEqual(all.flat(), all.flat().sort().reverse(), "newest first");
  const kinds = await root.locator("#events .kind").allInnerTexts();
  assert.ok(kinds.every((kind) => kind.startsWith("client.created")), kinds.join());
  await andBack(all, events);
  await open(root, "/admin/audit?kind=client.created");
  await press(root, "#next");
  await press(root, "#newest");
  assert.deepEqual(await events(), all[0]);
});
await root.context().close();
