// A mail server that keeps what it is given (RFC 5321, as far as one honest client needs it).
import { createServer } from "node:net";
import { until } from "./harness.mjs";
import { remember } from "./vault.mjs";

export class Mailbox {
  /** `{ to, text, html }`, in the order in which they came. */
  letters = [];
  sockets = new Set();

  async listen(port) {
    this.server = createServer((socket) => this.#talk(socket));
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    return this;
  }

  close() {
    this.server.close();
    // Who sends keeps its connection for the next letter.
    this.sockets.forEach((socket) => socket.destroy());
  }

  /** The next letter to an address, of those that say `words`; it is taken out. */
  async take(to, words = /./) {
    const at = () => this.letters.findIndex((letter) => letter.to === to && words.test(letter.text));
    await until(`a letter to ${to} with ${words}`, () => at() >= 0);
    return this.letters.splice(at(), 1)[0];
  }

  #talk(socket) {
    let [heard, to, inside] = ["", "", false];
    const say = (line) => socket.write(`${line}\r\n`);
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      heard += bytes.toString("latin1");
      for (;;) {
        const end = inside ? "\r\n.\r\n" : "\r\n";
        const index = heard.indexOf(end);
        if (index < 0) return;
        const piece = heard.slice(0, index);
        heard = heard.slice(index + end.length);
        if (inside) {
          this.letters.push(opened(to, piece.replace(/^\.\./gm, ".")));
          inside = false;
          say("250 kept");
          continue;
        }
        const command = piece.slice(0, 4).toUpperCase();
        if (command === "RCPT") to = /<([^>]*)>/.exec(piece)[1];
        inside = command === "DATA";
        say(inside ? "354 go on" : command === "QUIT" ? "221 bye" : "250 well");
        if (command === "QUIT") socket.end();
      }
    });
    say("220 mailbox");
  }
}

/** A multipart/alternative message (RFC 2046 section 5.1.4), with the one-time link in it. */
function opened(to, message) {
  const boundary = /boundary="([^"]+)"/.exec(message)[1];
  const parts = message.split(`--${boundary}`).slice(1, -1).map((part) => {
    const [, head, body] = /^\r\n(.*?)\r\n\r\n(.*)$/s.exec(part);
    return { html: /text\/html/i.test(head), body: decoded(body, /transfer-encoding: *(\S+)/i.exec(head)?.[1].toLowerCase()) };
  });
  const text = parts.find(({ html }) => !html).body;
  const link = /https?:\/\/\S+/.exec(text)?.[0];
  if (link) remember(new URL(link).searchParams.get("token"));
  return { to, text, link, html: parts.find(({ html }) => html).body };
}

function decoded(body, encoding) {
  if (encoding === "base64") return Buffer.from(body, "base64").toString();
  if (encoding !== "quoted-printable") return Buffer.from(body, "latin1").toString();
  const bytes = body.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}
