/* The check of a pass with no network: genuine, in time, cancelled; as immis/challans/signed/checking.py answers. */
import "../../vendor/pass/cbor.js";
import { hex, isSigned } from "./signed.js";
import { NotGenuine, VERIFY_PATH, bytesIn, oneCase, waysToRead } from "./text.js";

const [ALG, CRIT, KID, EDDSA, COSE_SIGN1] = [1, 2, 4, -8, 18];
const [ISS, EXP, IAT, CTI, PASS] = [1, 4, 6, 7, -65537];
const NAMES = ["form", "number", "vehicle", "mineral", "quantity", "weight", "source", "place", "lease", "destination"];
const [DISTANCE, SETTLEE, BY_HAND, ORIGIN, FORM] = [10, 12, 13, 20, 1];
const HOUR = 3_600_000;

export const cbor = new globalThis.CBOR.Encoder({
  mapsAsObjects: false,
  useRecords: false,
  variableMapSize: true,
  tagUint8Array: false,
});
const isBytes = (value) => value instanceof Uint8Array;

/** Decoded CBOR, only where encoding it again gives the same bytes. */
function canonical(raw) {
  let value;
  let again;
  try {
    value = cbor.decode(raw);
    again = cbor.encode(value);
  } catch {
    throw new NotGenuine("unreadable");
  }
  if (again.length !== raw.length || again.some((byte, at) => byte !== raw[at])) throw new NotGenuine("unreadable");
  return value;
}

function envelope(raw) {
  const message = canonical(raw);
  const parts = message?.value;
  if (message?.tag !== COSE_SIGN1 || !Array.isArray(parts) || parts.length !== 4) throw new NotGenuine("unreadable");
  const [bare, open, payload, signature] = parts;
  if (![bare, payload, signature].every(isBytes) || !(open instanceof Map) || open.size) {
    throw new NotGenuine("unreadable");
  }
  const header = canonical(bare);
  if (!(header instanceof Map)) throw new NotGenuine("unreadable");
  if (header.get(ALG) !== EDDSA || header.has(CRIT)) throw new NotGenuine("unsupported");
  if (!isBytes(header.get(KID))) throw new NotGenuine("unknown_key");
  return { kid: hex(header.get(KID)), payload, signature, signed: ["Signature1", bare, new Uint8Array(), payload] };
}

function factsOf(claims) {
  const trip = claims instanceof Map ? claims.get(PASS) : null;
  if (!(trip instanceof Map) || trip.get(0) !== FORM || !isBytes(claims.get(CTI))) throw new NotGenuine("unsupported");
  const facts = Object.fromEntries(NAMES.map((name, key) => [name, trip.get(key)]));
  return {
    ...facts,
    passId: hex(claims.get(CTI)),
    quantityM3: facts.quantity / 1000,
    distanceKm: trip.get(DISTANCE) / 1000,
    settlee: trip.get(SETTLEE),
    origin: trip.get(ORIGIN) ?? "",
    byHand: trip.get(BY_HAND) ?? "",
    issuedAt: claims.get(IAT) * 1000,
    validUntil: claims.get(EXP) * 1000,
    issuer: claims.get(ISS) ?? "",
  };
}

/** Whether a gate's quota has a pass: its settlement, a number of its series, an instant of its days. */
function inQuota(gate, facts) {
  const [, series, running] = /^(.*)-(\d+)$/.exec(facts.number) ?? [];
  const fits = (quota) =>
    quota.series === series &&
    quota.first <= Number(running) &&
    Number(running) <= quota.last &&
    quota.startsAt <= facts.issuedAt &&
    facts.issuedAt < quota.endsAt;
  return facts.lease === gate.lease && gate.quotas.some(fits);
}

async function genuine(way, keys, at) {
  const [address, raw] = bytesIn(way);
  const sent = envelope(raw);
  const key = keys.keys.get(sent.kid);
  if (!key) throw new NotGenuine("unknown_key");
  if (!(await isSigned(sent.signature, cbor.encode(sent.signed), key.x))) throw new NotGenuine("bad_signature");
  const facts = factsOf(canonical(sent.payload));
  if (address && address !== oneCase(facts.issuer + VERIFY_PATH)) throw new NotGenuine("address_altered");
  if (at >= key.notAfter || facts.issuedAt >= key.signsUntil) throw new NotGenuine("key_expired");
  if (at < key.notBefore || facts.issuedAt < key.notBefore) throw new NotGenuine("key_not_yet_valid");
  if (key.gate && !inQuota(key.gate, facts)) throw new NotGenuine("outside_quota");
  return { ...facts, kid: sent.kid, gate: key.gate };
}

async function firstGenuine(text, keys, at) {
  let fault;
  for (const way of waysToRead(text)) {
    try {
      return await genuine(way, keys, at);
    } catch (error) {
      if (!(error instanceof NotGenuine)) throw error;
      fault ??= error;
    }
  }
  throw fault;
}

function reasonOf(facts, revoked, cancelled, at) {
  if (revoked) return "key_revoked";
  if (cancelled) return "cancelled";
  if (at < facts.issuedAt) return "not_yet_valid";
  if (at >= facts.validUntil) return "expired";
  return facts.gate ? "issued_offline" : "ok";
}

/** What a check finds: the three answers apart. `keys` and `cancelled` (or null) are lists that were proven. */
export async function verifyPass(text, { keys, cancelled, at }) {
  const youngest = Math.max(keys.issuedAt, cancelled?.issuedAt ?? 0);
  const lists = {
    listAgeHours: cancelled ? (at - cancelled.issuedAt) / HOUR : null,
    clockBehindHours: youngest - at >= 1000 ? (youngest - at) / HOUR : 0,
  };
  try {
    const facts = await firstGenuine(text, keys, at);
    const revoked = Boolean(facts.gate?.revoked || cancelled?.revokedKeys.has(facts.kid));
    const listed = revoked || (cancelled ? cancelled.passIds.has(facts.passId) : null);
    const inTime = facts.issuedAt <= at && at < facts.validUntil;
    return { ...lists, genuine: true, inTime, cancelled: listed, facts, reason: reasonOf(facts, revoked, listed, at) };
  } catch (error) {
    if (!(error instanceof NotGenuine)) throw error;
    return { ...lists, genuine: false, inTime: null, cancelled: null, facts: null, reason: error.message };
  }
}
