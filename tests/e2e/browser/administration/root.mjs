// A super administrator, and the letters that come of what they do.
import { gallery } from "../gallery.mjs";
import { input } from "../harness.mjs";
import { Mailbox } from "../mailbox.mjs";
import { enter, find, open } from "./desk.mjs";

export const mailbox = await new Mailbox().listen(input.mailPort);
export const root = await enter(input.people.root);
export const look = gallery(root);
export const visit = async (where, name) => {
  await open(root, where);
  await look(name);
};
export const findPerson = (word) => find(root, word);
