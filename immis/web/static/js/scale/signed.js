/* Canonical text, hash, signature, and the device's key: made here, not to be taken out, kept in this browser. */

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNED = { name: "ECDSA", hash: "SHA-256" };
const VALUES = ["counter", "at", "kind", "weight_kg", "stable", "plate", "challan", "raw", "format", "min_kg", "max_kg"];
export const NOTHING_BEFORE = "0".repeat(64);

export function asText(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function canonical(reading) {
  const place = reading.place ? reading.place.map((part) => part.toFixed(6)).join(",") : "";
  const lines = ["immis-weighment-1", ...VALUES.map((name) => String(reading[name])), place, reading.previous];
  return new TextEncoder().encode(lines.join("\n"));
}

export async function hashOf(reading) {
  const digest = await crypto.subtle.digest("SHA-256", canonical(reading));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const makeKey = () => crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
export const publicText = async (pair) => asText(await crypto.subtle.exportKey("raw", pair.publicKey));
export const sign = async (pair, bytes) => asText(await crypto.subtle.sign(SIGNED, pair.privateKey, bytes));

/* An instant in the time of India, as the protocol writes it. */
export function written(at = new Date()) {
  const india = new Date(at.getTime() + 330 * 60000);
  return `${india.toISOString().slice(0, -1)}+05:30`;
}
