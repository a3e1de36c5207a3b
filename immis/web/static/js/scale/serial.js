/* A scale on Web Serial: its speed and format are found by listening, then it is followed until the page is left. */
import { Cutter, bestFormat, latin } from "./frames.js";
import { fact, keep } from "./queue.js";

const LISTEN_MS = 1600;
const ENOUGH = 240;
const LOST_MS = 20_000;
const RECENT = 400;

/* On the wire 7E1 is 8N1 whose highest bit is the parity. */
const plain = (bytes, bits) => (bits.startsWith("7") ? bytes.map((byte) => byte & 0x7f) : bytes);

/* How much bytes look like text: by this the speed of an unknown indicator is told. */
const LIKE_TEXT = /[\x20-\x7e\x02\x03\r\n]/;
const likeText = (text) => [...text].reduce((sum, sign) => sum + (LIKE_TEXT.test(sign) ? 1 : -3), 0);

/* DTR and RTS stay low, for raising them restarts some indicators. */
async function open(port, speed) {
  await port.open({ baudRate: speed, dataBits: 8, parity: "none", stopBits: 1, flowControl: "none" });
  await port.setSignals({ dataTerminalReady: false, requestToSend: false }).catch(() => {});
}

async function read(port, each, until) {
  const reader = port.readable.getReader();
  const tick = setInterval(() => until() && reader.cancel().catch(() => {}), 100);
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      each(part.value);
    }
  } finally {
    clearInterval(tick);
    reader.releaseLock();
  }
}

async function listen(port, speed) {
  const heard = [];
  const ends = Date.now() + LISTEN_MS;
  await open(port, speed);
  await read(port, (bytes) => heard.push(...bytes), () => Date.now() > ends || heard.length > ENOUGH);
  await port.close();
  return Uint8Array.from(heard);
}

/** One scale: ``seen(frame)`` is called for each of its frames; ``garbled`` says that it speaks no known format. */
export class Indicator {
  constructor(declared, seen) {
    this.declared = declared;
    this.seen = seen;
    this.heardAt = 0;
    this.garbled = false;
    this.recent = ""; // what came last, for learn mode
    this.again = false;
  }

  /* Until the page is left: a cable that was pulled out comes back. */
  async work(port) {
    for (;;) {
      await this.follow(port).catch(() => port.close().catch(() => {}));
      await new Promise((wait) => setTimeout(wait, 1000));
    }
  }

  /** A format was learned: the port is looked at anew. */
  lookAgain() {
    this.again = true;
  }

  async find(port) {
    const learned = await fact("learned");
    let most = 0;
    for (const speed of this.declared.speeds) {
      const bytes = await listen(port, speed);
      for (const bits of this.declared.settings) {
        const heard = plain(bytes, bits);
        const form = bestFormat(heard, learned ? [learned] : this.declared.formats);
        if (form) {
          return { speed, bits, form };
        }
        const text = latin(heard);
        if (likeText(text) > most) {
          [this.recent, most] = [text, likeText(text)];
        }
      }
    }
    return null;
  }

  async follow(port) {
    const link = (await fact("link")) || (await this.find(port));
    this.garbled = !link;
    if (!link) {
      return;
    }
    await keep("link", link);
    const cutter = new Cutter(link.form);
    this.heardAt = Date.now();
    this.again = false;
    await open(port, link.speed);
    await read(port, (bytes) => this.take(plain(bytes, link.bits), cutter), () => this.again || Date.now() - this.heardAt > LOST_MS);
    await port.close();
    await keep("link", null);
  }

  take(bytes, cutter) {
    this.recent = (this.recent + latin(bytes)).slice(-RECENT);
    for (const frame of cutter.feed(bytes)) {
      this.heardAt = Date.now();
      this.seen(frame);
    }
  }
}
