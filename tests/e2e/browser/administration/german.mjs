// In another language, whose words are longer.
import { gallery } from "../gallery.mjs";
import { assert, check, input } from "../harness.mjs";
import { auroras } from "./applications.mjs";
import { enter, status } from "./desk.mjs";

const german = await enter(input.people.root, { locale: "de-DE" });
const lookAtGerman = gallery(german);
const PAGES = {
  overview: "/admin", clients: "/admin/clients", client: auroras, "client-edit": `${auroras}/edit`, "client-renew": `${auroras}/secret`,
  users: "/admin/users", role: "/admin/roles/night-shift", grant: "/admin/roles/night-shift/grant", rotate: "/admin/keys/rotate",
  keys: "/admin/keys", audit: "/admin/audit", resources: "/admin/resources",
};
for (const [name, where] of Object.entries(PAGES)) {
  await check(`in German: ${name}`, async () => {
    assert.equal(await status(german, where), 200);
    assert.equal(await german.locator("html").getAttribute("lang"), "de");
  });
  await lookAtGerman(`de-${name}`);
}
