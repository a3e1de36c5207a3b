/* Writes a pass as immis/challans/signed writes it: a CWT in COSE_Sign1 with the gate's key, short enough for its QR. */
import { cbor } from "../pass/check.js";
import { hex } from "../pass/signed.js";

const { Tag } = globalThis.CBOR;
const [ALG, KID, EDDSA, COSE_SIGN1] = [1, 4, -8, 18];
const [ISS, EXP, IAT, CTI, PASS] = [1, 4, 6, 7, -65537];
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const NAME_LENGTHS = [40, 30, 24, 18, 12, 8];
const [QR_BITS, QR_HEADS] = [3320, 40]; // version 15 at level M

function base32(bytes) {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(held >> bits) & 31];
      held &= (1 << bits) - 1;
    }
  }
  return bits ? text + BASE32[(held << (5 - bits)) & 31] : text;
}

const short = (text, most) => {
  const signs = [...text];
  return signs.length <= most ? text : `${signs.slice(0, most - 1).join("")}…`;
};
const seconds = (ms) => Math.floor(ms / 1000);
const kidBytes = (kid) => Uint8Array.from(kid.match(/../g), (pair) => Number.parseInt(pair, 16));

function claims(pack, load, passId, most) {
  const { lease } = pack;
  const trip = new Map([
    [0, 1],
    [1, load.number],
    [2, load.mark],
    [3, short(pack.mineral, most)],
    [4, load.quantity],
    [6, short(lease.hi, most)],
    [7, lease.place],
    [8, lease.number],
    [9, short(load.place.hi, most)],
    [10, load.place.metres],
    [12, short(lease.settlee, most)],
  ]);
  const head = pack.issuer ? [[ISS, pack.issuer]] : [];
  return cbor.encode(new Map([...head, [EXP, seconds(load.until)], [IAT, seconds(load.at)], [CTI, passId], [PASS, trip]]));
}

async function signed(pack, load, passId, key, most) {
  const header = cbor.encode(new Map([[ALG, EDDSA], [KID, kidBytes(key.kid)]]));
  const payload = claims(pack, load, passId, most);
  const signature = await key.sign(cbor.encode(["Signature1", header, new Uint8Array(), payload]));
  return cbor.encode(new Tag([header, new Map(), payload, signature], COSE_SIGN1));
}

function fits(text) {
  const [head, body] = text.split("#");
  const bytes = new TextEncoder().encode(head).length + 1;
  return 8 * bytes + Math.floor((11 * body.length + 1) / 2) + QR_HEADS <= QR_BITS;
}

/** The text of a pass's QR and its id. `load`: number, mark, quantity (thousandths), place, at, until (ms). */
export async function writePass(pack, load, key) {
  const passId = crypto.getRandomValues(new Uint8Array(8));
  let text = "";
  for (const most of NAME_LENGTHS) {
    text = `${pack.issuer}/verify#${base32(await signed(pack, load, passId, key, most))}`;
    if (fits(text)) break;
  }
  return { text, passId: hex(passId) };
}
