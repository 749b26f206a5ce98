// A proof is worth something for a while: then who changes what matters is asked again, and comes back to the page that was asked for.
import { press } from "../chromium.mjs";
import { gallery } from "../gallery.mjs";
import { assert, check, input, step, until } from "../harness.mjs";
import { browser, done, enter, fill, open, path } from "./desk.mjs";

const { people, client, ada } = input;
const root = await enter(people.root);
const look = gallery(root);
const app = `/admin/clients/${client}`;

/** The server of this program takes a proof for recent for ten seconds. */
const itIsOver = async (page) => {
  await until("the proof is too old", async () => {
    const answer = await page.request.get(`${input.issuer}${app}/disable`, { maxRedirects: 0 });
    return answer.status() === 303;
  }, 20);
};
async function prove(page, password = people.root.password) {
  assert.equal(path(page), "/sign-in/step");
  await page.locator("#password").fill(password);
  await press(page, "#verify");
}

await step("fresh from the sign-in, the page that asks once more opens at once", async () => {
  await open(root, app);
  await press(root, "#disable");
  assert.equal(path(root), `${app}/disable`);
});
await step("after its time: asked again, a wrong password opens nothing, the right one leads to that page, and nothing was done", async () => {
  await open(root, app);
  await itIsOver(root);
  await press(root, "#disable");
  await prove(root, "wrong-on-purpose");
  await root.locator("#problems").waitFor();
  await prove(root);
  assert.equal(path(root), `${app}/disable`);
  const other = await root.context().newPage();
  await open(other, app);
  assert.equal(await other.locator("#disable").count(), 1, "disabled without a confirmation");
  await other.close();
  await press(root, "#confirm");
  await done(root);
  assert.equal(await root.locator("#enable").count(), 1);
});
await check("who goes away instead has done nothing; and an address with a query is come back to as it was", async () => {
  await itIsOver(root);
  await open(root, `/admin/users/${ada}/delete`);
  assert.equal(path(root), "/sign-in/step");
  await open(root, "/admin/users?q=ada");
  assert.equal(await root.locator("#users li").count(), 1);
  await open(root, "/admin/clients/new?kind=spa");
  await prove(root);
  assert.equal(root.url(), `${input.issuer}/admin/clients/new?kind=spa`);
});
await step("what was begun with a recent proof may take longer: nothing that was typed is lost", async () => {
  await fill(root, { client_name: "Slowly", redirect_uris: "https://slowly.example/" });
  await itIsOver(root);
  await press(root, "#create");
  await done(root, /Created/);
});
await check("a button that acts by itself: asked again, back to the person's page, and nothing is done until it is pressed there", async () => {
  const guest = await enter(people.ada);
  await open(root, `/admin/users/${ada}`);
  await press(root, "#end-all");
  assert.equal(path(root), "/sign-in/step");
  await look("administration-asked-again");
  await open(guest, "/account");
  assert.equal(path(guest), "/account", "signed out before anybody proved anything");
  await prove(root);
  assert.equal(path(root), `/admin/users/${ada}`);
  await press(root, "#end-all");
  await done(root, /Signed out/);
  await open(guest, "/account");
  assert.equal(path(guest), "/sign-in");
  await guest.context().close();
});
await browser.close();
