/* Plays a track: a marker that runs along it, a scrubber, the speed over time with fences, stops and signals on it. */
import { maplibre, moveMs, openMap } from "./map-base.js";

const card = document.querySelector("[data-player]");
const part = (name) => card.querySelector(`[data-${name}]`);
const shown = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Kolkata", day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const SVG = "http://www.w3.org/2000/svg";

function draw(svg, tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  svg.append(made);
  return made;
}

class Player {
  constructor(track) {
    this.track = track;
    [this.first, this.last] = [track.t[0], track.t.at(-1)];
    this.at = this.first;
    this.playing = false;
    this.chart();
    this.map = openMap(card.querySelector("figure"), () => this.begin());
    const scrub = part("scrub");
    scrub.disabled = part("play").disabled = false;
    scrub.addEventListener("input", () => this.seek(this.first + (scrub.value / 1000) * (this.last - this.first)));
    part("play").addEventListener("click", () => this.play(!this.playing));
    part("chart").addEventListener("click", (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      this.seek(this.first + ((event.clientX - box.left) / box.width) * (this.last - this.first));
    });
    document.addEventListener("keydown", (event) => this.key(event));
    this.show();
  }

  begin() {
    const { map, track } = this;
    const feature = (geometry, properties) => ({ type: "Feature", geometry, properties });
    map.getSource("things").setData({ type: "FeatureCollection", features: [...track.ghats, feature({ type: "LineString", coordinates: track.line }, { kind: "trail" })] });
    map.getSource("points").setData({ type: "FeatureCollection", features: track.stops.map((one) => feature({ type: "Point", coordinates: [one.lon, one.lat] }, { kind: "stop", state: "info", label: one.label })) });
    map.addSource("now", { type: "geojson", data: this.place() });
    const kind = ["==", ["get", "kind"], "vehicle"];
    map.addLayer({ ...map.getStyle().layers.find((one) => one.id === "halo"), id: "now-halo", source: "now", filter: kind });
    map.addLayer({ ...map.getStyle().layers.find((one) => one.id === "arrows"), id: "now-arrow", source: "now", filter: kind });
    const popup = new maplibre.Popup({ closeButton: false });
    map.on("click", "dots", (event) => popup.setLngLat(event.lngLat).setText(event.features[0].properties.label).addTo(map));
    const bounds = track.line.reduce((box, one) => box.extend(one), new maplibre.LngLatBounds(track.line[0], track.line[0]));
    map.fitBounds(bounds, { padding: 40, maxZoom: 15, duration: 0 });
    card.dataset.ready = "1";
  }

  /* The last point at or before the instant that is shown. */
  index() {
    let [low, high] = [0, this.track.t.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.track.t[middle] <= this.at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  place() {
    const { t, lat, lon, heading } = this.track;
    const i = this.index();
    const next = Math.min(i + 1, t.length - 1);
    const gap = t[next] - t[i];
    const share = gap > 0 && gap < 600 ? (this.at - t[i]) / gap : 0; // over a long gap nobody knows where it was
    const between = (column) => column[i] + (column[next] - column[i]) * share;
    return { type: "Feature", geometry: { type: "Point", coordinates: [between(lon), between(lat)] }, properties: { kind: "vehicle", state: "info", heading: heading[i] } };
  }

  chart() {
    const svg = part("chart");
    const { t, speed, marks } = this.track;
    const x = (at) => (1000 * (at - this.first)) / Math.max(this.last - this.first, 1);
    const top = Math.max(60, ...speed);
    const step = Math.max(1, Math.floor(t.length / 1500));
    const points = t.map((at, i) => [at, speed[i]]).filter((_one, i) => i % step === 0);
    draw(svg, "polyline", { class: "speed", points: points.map(([at, v]) => `${x(at).toFixed(1)},${(115 - (105 * v) / top).toFixed(1)}`).join(" ") });
    for (const mark of marks) {
      if (mark.t < this.first || mark.t > this.last) continue;
      draw(draw(svg, "line", { class: mark.state, x1: x(mark.t), x2: x(mark.t), y1: 0, y2: 28 }), "title", {}).textContent = mark.label;
    }
    this.cursor = draw(svg, "line", { class: "cursor", y1: 0, y2: 120 });
    this.x = x;
  }

  show() {
    const i = this.index();
    const { speed, late, phone } = this.track;
    part("now").textContent = `${shown.format(this.at * 1000)} · ${Math.round(speed[i])} ${card.dataset.unit}${late[i] ? ` · ${card.dataset.late}` : ""}${phone[i] ? ` · ${card.dataset.phone}` : ""}`;
    part("scrub").value = this.x(this.at);
    for (const edge of ["x1", "x2"]) this.cursor.setAttribute(edge, this.x(this.at));
    const here = this.place();
    this.map.getSource("now")?.setData(here);
    if (this.playing && !this.map.getBounds().contains(here.geometry.coordinates)) this.map.easeTo({ center: here.geometry.coordinates, duration: moveMs() });
  }

  seek(at) {
    this.at = Math.min(Math.max(at, this.first), this.last);
    this.show();
  }

  play(on) {
    this.playing = on;
    if (on && this.at >= this.last) this.at = this.first;
    const button = part("play");
    button.textContent = on ? button.dataset.pauseWord : button.dataset.playWord;
    this.before = performance.now();
    if (on) requestAnimationFrame((now) => this.run(now));
  }

  run(now) {
    if (!this.playing) return;
    this.seek(this.at + (Math.max(now - this.before, 0) / 1000) * Number(part("rate").value));
    this.before = now;
    if (this.at >= this.last) this.play(false);
    else requestAnimationFrame((next) => this.run(next));
  }

  key(event) {
    if (event.target.closest("input, select, textarea, button, a, .map-canvas") || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = { " ": () => this.play(!this.playing), ArrowRight: () => this.seek(this.track.t[Math.min(this.index() + 1, this.track.t.length - 1)]), ArrowLeft: () => this.seek(this.track.t[Math.max(this.index() - 1, 0)]) };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }
}

if (card) {
  const answer = await fetch(card.dataset.player, { headers: { Accept: "application/json" } });
  if (answer.ok) {
    const track = await answer.json();
    if (track.t.length) new Player(track);
  }
}
