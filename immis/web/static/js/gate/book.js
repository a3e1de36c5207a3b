/* The gate's book: each pass is a line with its counter, the digest of the line before, and the gate's signature. */
import { canonical } from "../pass/lists.js";
import { hex } from "../pass/signed.js";
import { base64url, sha256 } from "./key.js";
import { writePass } from "./pass.js";
import { bookOf, putLine } from "./store.js";

const bytesOf = (body) => new TextEncoder().encode(canonical(body));

/** Where the book of a quota stands: how many lines, and the digest of the last; what the office knows counts too. */
export async function headOf(pack) {
  const { number, used, head } = pack.quota;
  const last = (await bookOf(number)).at(-1);
  return last && last.counter >= used ? { used: last.counter, head: last.digest } : { used, head };
}

export const numberOf = ({ quota }, counter) => `${quota.series}-${String(quota.first + counter - 1).padStart(6, "0")}`;

/** Sign one more pass and keep its line before anything else is done with it. */
export async function issue(pack, load, key) {
  const { used, head } = await headOf(pack);
  const counter = used + 1;
  const whole = { ...load, number: numberOf(pack, counter) };
  const { text, passId } = await writePass(pack, whole, key);
  const line = {
    kind: "immis.gate-line",
    version: 1,
    quota: pack.quota.number,
    kid: key.kid,
    counter,
    prev: head,
    at: Math.floor(load.at),
    held: pack.held,
    text,
    place: load.place.code,
    driver: load.driver,
    licence: load.licence,
    phone: load.phone,
  };
  const bytes = bytesOf(line);
  const digest = hex(await sha256(bytes));
  const signature = base64url(await key.sign(bytes));
  const row = {
    quota: pack.quota.number,
    counter,
    digest,
    passId,
    state: "waiting",
    line: { ...line, signature },
    shown: { ...whole, ghat: pack.lease, settlee: pack.lease.settlee },
  };
  await putLine(row);
  return row;
}
