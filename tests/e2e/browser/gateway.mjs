// The endpoint that text messages are posted to, written from docs/text-messages.md: it takes nothing that is not signed.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { assert, until } from "./harness.mjs";
import { remember } from "./vault.mjs";

export class Gateway {
  /** As they came, in order. */
  messages = [];
  /** Answers before the next 202. */
  trouble = [];
  /** Requests that were not genuine. */
  forged = 0;
  attempts = [];

  constructor(secret) {
    this.secret = secret;
  }

  async listen(port) {
    this.server = createServer((request, response) => this.#take(request, response));
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    return this;
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** The next message to a number; it is taken out. */
  async take(to) {
    const at = () => this.messages.findIndex((message) => message.to === to);
    await until(`a text message to ${to}`, () => at() >= 0, 30);
    return this.messages.splice(at(), 1)[0];
  }

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (!this.#isGenuine(request.headers["tessera-signature"] ?? "", body)) {
      this.forged += 1;
      response.writeHead(401).end();
      return;
    }
    const message = JSON.parse(body);
    this.attempts.push(message.id);
    const status = this.trouble.shift() ?? 202;
    if (status === 202) {
      assert.equal(request.headers["idempotency-key"], message.id);
      // Not the code alone: six digits are part of many a time stamp.
      remember(message.text);
      this.messages.push(message);
    }
    response.writeHead(status).end();
  }

  #isGenuine(header, body) {
    const { t, v1 } = Object.fromEntries(header.split(",").map((part) => part.split("=")));
    if (!t || !v1 || Math.abs(Date.now() / 1000 - Number(t)) > 300) return false;
    const expected = createHmac("sha256", this.secret).update(`${t}.`).update(body).digest();
    const given = Buffer.from(v1, "hex");
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}
