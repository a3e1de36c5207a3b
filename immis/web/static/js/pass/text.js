/* How a pass is written as text, read as immis/challans/signed/text.py reads it: one way to write it, and what hands and
   scanners make of it. No page, no network. */
const SMALL_PREFIX = "IM1:";
export const VERIFY_PATH = "/verify";
const MAX_TEXT_CHARS = 4096;
const MAX_PASS_BYTES = 1400;
const MOST_BLANKS = 24;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** Why a text is no genuine pass: the code of a reason. */
export class NotGenuine extends Error {}

export function oneCase(text) {
  if (text.slice(0, SMALL_PREFIX.length).toUpperCase() === SMALL_PREFIX) {
    return SMALL_PREFIX + text.slice(SMALL_PREFIX.length);
  }
  return text.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/#?]*/, (head) => head.toLowerCase());
}

export function carriesPass(text) {
  const plain = oneCase(text.trim());
  return plain.startsWith(SMALL_PREFIX) || plain.includes(`${VERIFY_PATH}#`) || /^#?[A-Z2-7]{60,}$/.test(plain);
}

function* ownSigns(count) {
  yield [];
  const most = Math.min(count, MOST_BLANKS);
  for (let one = 0; one < most; one += 1) yield [one];
  for (let one = 0; one < most; one += 1) for (let two = one + 1; two < most; two += 1) yield [one, two];
}

/** A text as it came, and without what scanners and messengers do to blanks and broken lines. */
export function* waysToRead(text) {
  if (text.length > MAX_TEXT_CHARS) throw new NotGenuine("too_long");
  const plain = oneCase(text.trim().replace(/[\r\n]/g, ""));
  yield plain;
  const parts = plain.split("%20");
  if (parts.length === 1) return;
  for (const kept of ownSigns(parts.length - 1)) {
    const glue = (part, place) => part + (place === parts.length - 1 ? "" : kept.includes(place) ? "%20" : " ");
    yield oneCase(parts.map(glue).join("").trim());
  }
}

function fromBase32(text) {
  const bytes = [];
  let held = 0;
  let bits = 0;
  for (const sign of text) {
    const value = BASE32.indexOf(sign);
    if (value < 0) throw new NotGenuine("unreadable");
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
      held &= (1 << bits) - 1;
    }
  }
  if (held || bits >= 5) throw new NotGenuine("unreadable"); // another way to write the same bytes
  return Uint8Array.from(bytes);
}

function fromBase45(text) {
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const digits = [...text.slice(at, at + 3)].map((sign) => BASE45.indexOf(sign));
    const value = digits.reduce((sum, digit, place) => sum + digit * 45 ** place, 0);
    const whole = digits.length === 3;
    if (digits.length < 2 || digits.includes(-1) || value > (whole ? 65535 : 255)) throw new NotGenuine("unreadable");
    bytes.push(...(whole ? [value >> 8, value & 255] : [value]));
  }
  return Uint8Array.from(bytes);
}

/** The address before # ("" without one) and the bytes of a pass. Throws NotGenuine. */
export function bytesIn(text) {
  const small = text.startsWith(SMALL_PREFIX);
  const plain = small ? text : text.split(/\s+/).join("");
  const hash = small ? -1 : plain.lastIndexOf("#");
  const raw = small ? fromBase45(text.slice(SMALL_PREFIX.length)) : fromBase32(plain.slice(hash + 1));
  if (!raw.length) throw new NotGenuine("unreadable");
  if (raw.length > MAX_PASS_BYTES) throw new NotGenuine("too_long");
  return [plain.slice(0, Math.max(hash, 0)), raw];
}
