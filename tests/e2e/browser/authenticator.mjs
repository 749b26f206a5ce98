// An authenticator app, as a person holds one (RFC 4226, RFC 6238).
import { createHmac } from "node:crypto";
import { assert } from "./harness.mjs";
import { remember } from "./vault.mjs";

/** RFC 4226. */
export function hotp(key, counter) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(counter));
  const digest = createHmac("sha1", key).update(bytes).digest();
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** RFC 4648 section 6. */
function base32(text) {
  const bits = [...text].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/** An app: it never gives the code of one step twice, because nobody would take it. */
class Authenticator {
  constructor(seed) {
    remember(seed);
    this.key = base32(seed);
    this.last = 0;
  }

  code() {
    // One step ahead is let in, so nobody has to wait for the clock.
    const now = Math.floor(Date.now() / 30_000);
    this.last = Math.max(this.last + 1, now);
    assert.ok(this.last <= now + 1, "too many codes at once");
    return hotp(this.key, this.last);
  }
}

/** The app that has scanned what the page shows. */
export const scan = async (page) => new Authenticator((await page.locator("#seed").innerText()).replaceAll(" ", ""));
