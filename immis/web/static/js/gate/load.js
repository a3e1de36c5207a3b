/* The load on the scale: an empty weight and a laden one become a net weight and its cubic metres, as the office reckons. */
import { findingsOf, isAlive, isPaired, weigh, weightOf, whyNoWeight } from "../scale/desk.js";
import { now } from "./clock.js";
import { keep, kept } from "./store.js";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** The load that was weighed and waits for its e-challan; null where there is none, or its weight serves no more. */
export async function waitingLoad(known) {
  const load = await kept("load");
  const minutes = known?.weights?.gross_minutes ?? Infinity; // the office says how long a weight serves (WB-20)
  return load && now() - load.at < minutes * MINUTE_MS ? load : null;
}
export const forget = () => keep("load", null);

/** The empty weight that serves for a truck: of this scale, or the one that the office knows. */
async function tareOf(truck, known) {
  const days = known?.weights?.tare_days ?? Infinity;
  return (await weightOf("tare", truck.mark, days * DAY_MINUTES))?.weight_kg ?? truck.tare_kg ?? null;
}

/** What comes next for a truck: its "tare", its "gross", or to "issue". */
export async function nextStep(truck, known) {
  const load = await waitingLoad(known);
  if (!isPaired() || !isAlive() || load?.mark === truck.mark) return "issue";
  return (await tareOf(truck, known)) ? "gross" : "tare";
}

/* What was weighed as the e-challan has it: thousandths of a cubic metre by the density of the office. */
function loadOf(truck, tareKg, grossKg, known) {
  const net = grossKg - tareKg;
  const quantity = known?.density ? Math.round((net * 1000) / known.density) : 0;
  return { mark: truck.mark, tare_kg: tareKg, gross_kg: grossKg, net_kg: net, quantity, at: now() };
}

/** Weigh a truck. Answers { why } where it cannot be, else the weighment, what was said of it, and the load it makes. */
export async function weighTruck(kind, truck, known) {
  const why = whyNoWeight(truck.mark);
  if (why) return { why };
  const tare = kind === "gross" ? await tareOf(truck, known) : null;
  const reading = await weigh(kind, truck.mark);
  const findings = (await findingsOf(reading)) ?? [];
  const stops = findings.filter((row) => row.stops);
  const load = tare && !stops.length && reading.weight_kg > tare ? loadOf(truck, tare, reading.weight_kg, known) : null;
  if (load) await keep("load", load);
  return { reading, stops, load };
}
