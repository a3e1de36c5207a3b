/* The live map: the whole fleet in typed arrays, read in columns, only news after the first reading; drawn on the
   graphics card, clustered by squares of the screen where it is dense, filtered without asking the server. */
import { EMPTY, labelImage, maplibre, moveMs, openMap, token } from "./map-base.js";

const STATES = ["trouble", "silent", "moving", "standing"];
const COLOURS = { trouble: "--bad", silent: "--warn", moving: "--good", standing: "--info" };
const EVERY_MS = 2000;
const CELL_PX = 72;
const CLUSTER_FROM = 10; // in one square of the screen
const POINTS_FROM_ZOOM = 11; // from here on every vehicle is drawn alone
const PICK_PX = 16;
const ORIGIN = maplibre.MercatorCoordinate.fromLngLat([86, 25.5]);

const rgb = (name) => [1, 3, 5].map((at) => parseInt(token(name).slice(at, at + 2), 16) / 255);

/* The fleet as it came: see tracking.live.packed. */
export class Fleet {
  constructor() {
    this.count = 0;
    this.head = { version: 0, set: 0 };
  }

  take(buffer) {
    const view = new DataView(buffer);
    if (view.getUint32(0, false) !== 0x494d4c31) throw new Error("not a fleet");
    const length = view.getUint32(4, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
    const n = head.count;
    let at = 8 + length;
    const column = (Kind, size) => { const made = new Kind(buffer, at, n); at += n * size; return made; };
    const news = { id: column(Uint32Array, 4), at: column(Uint32Array, 4), lon: column(Float32Array, 4), lat: column(Float32Array, 4), speed: column(Uint8Array, 1), heading: column(Uint8Array, 1), trouble: column(Uint8Array, 1), district: column(Uint8Array, 1) };
    if (head.whole) this.begin(news, new Uint8Array(buffer, at, n * 12));
    else this.merge(news);
    this.head = head;
    this.received = performance.now();
    return n;
  }

  begin(news, plates) {
    Object.assign(this, news);
    this.count = news.id.length;
    const text = new TextDecoder().decode(plates);
    this.plate = Array.from({ length: this.count }, (_one, i) => text.slice(12 * i, 12 * i + 12).replace(/\0+$/, ""));
    this.row = new Map();
    this.id.forEach((id, i) => this.row.set(id, i));
    this.state = new Uint8Array(this.count);
    this.x = new Float32Array(this.count);
    this.y = new Float32Array(this.count);
    for (let i = 0; i < this.count; i += 1) this.place(i);
  }

  merge(news) {
    news.id.forEach((id, n) => {
      const i = this.row.get(id);
      if (i === undefined) return;
      for (const name of ["at", "lon", "lat", "speed", "heading", "trouble", "district"]) this[name][i] = news[name][n];
      this.place(i);
    });
  }

  /* Mercator places relative to the middle of the State: single precision then reaches centimetres. */
  place(i) {
    const sine = Math.sin((this.lat[i] * Math.PI) / 180);
    this.x[i] = (180 + this.lon[i]) / 360 - ORIGIN.x;
    this.y[i] = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) - ORIGIN.y;
  }

  states() {
    const { now, silent_s, moving_kmh } = this.head;
    for (let i = 0; i < this.count; i += 1) {
      const trouble = this.trouble[i] & 127; // the bit above says that a phone reports
      this.state[i] = trouble > 1 ? 0 : trouble === 1 || this.at[i] + silent_s < now ? 1 : this.speed[i] >= moving_kmh ? 2 : 3;
    }
  }
}

const VERTEX = `
  attribute vec2 place; attribute float state; uniform mat4 world; uniform float size; uniform vec3 colours[4]; varying vec3 colour;
  void main() { gl_Position = world * vec4(place, 0.0, 1.0); gl_PointSize = size; int at = int(state + 0.5);
    colour = at == 0 ? colours[0] : at == 1 ? colours[1] : at == 2 ? colours[2] : colours[3]; }`;
const FRAGMENT = `
  precision mediump float; varying vec3 colour;
  void main() { float far = length(gl_PointCoord - 0.5); if (far > 0.5) discard; gl_FragColor = vec4(far > 0.38 ? vec3(1.0) : colour, 1.0); }`;

/* One draw call for all vehicles that stand alone. */
class Points {
  constructor() {
    Object.assign(this, { id: "fleet", type: "custom", renderingMode: "2d", count: 0 });
    this.colours = new Float32Array(STATES.flatMap((state) => rgb(COLOURS[state])));
  }

  onAdd(map, gl) {
    this.map = map;
    const shader = (kind, source) => { const made = gl.createShader(kind); gl.shaderSource(made, source); gl.compileShader(made); return made; };
    this.program = gl.createProgram();
    gl.attachShader(this.program, shader(gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(this.program, shader(gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(this.program);
    this.spots = ["world", "size", "colours"].map((name) => gl.getUniformLocation(this.program, name));
    this.inputs = ["place", "state"].map((name) => gl.getAttribLocation(this.program, name));
    this.buffer = gl.createBuffer();
    if (this.data) this.load(gl);
  }

  set(data) {
    this.data = data;
    this.count = data.length / 3;
    this.fresh = true;
    this.map?.triggerRepaint();
  }

  load(gl) {
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.data, gl.DYNAMIC_DRAW);
    this.fresh = false;
  }

  render(gl, args) {
    if (!this.count) return;
    const main = args.defaultProjectionData?.mainMatrix ?? args;
    const world = new Float32Array(main); // moved to the origin of the places, in double precision
    for (let row = 0; row < 4; row += 1) world[12 + row] = main[row] * ORIGIN.x + main[4 + row] * ORIGIN.y + main[12 + row];
    gl.useProgram(this.program);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    if (this.fresh) this.load(gl);
    gl.uniformMatrix4fv(this.spots[0], false, world);
    gl.uniform1f(this.spots[1], Math.min(6 + Math.max(this.map.getZoom() - 7, 0) * 1.6, 20) * this.map.getPixelRatio());
    gl.uniform3fv(this.spots[2], this.colours);
    this.inputs.forEach((input, n) => {
      gl.enableVertexAttribArray(input);
      gl.vertexAttribPointer(input, n ? 1 : 2, gl.FLOAT, false, 12, n ? 8 : 0);
    });
    gl.enable(gl.BLEND);
    gl.drawArrays(gl.POINTS, 0, this.count);
  }
}

export class LiveMap {
  constructor(host) {
    this.host = host;
    this.fleet = new Fleet();
    this.points = new Points();
    this.filter = { state: "", district: "", text: "", ghat: "" };
    this.follow = host.dataset.follow;
    this.popup = new maplibre.Popup({ focusAfterOpen: false, maxWidth: "18rem" });
    this.first = this.ask(); // while the map is being made
    this.map = openMap(host.querySelector("figure"), () => this.begin(), { fadeDuration: 0 });
  }

  async begin() {
    const { map } = this;
    map.addSource("trail", { type: "geojson", data: EMPTY });
    map.addLayer({ id: "live-trail", type: "line", source: "trail", paint: { "line-color": token("--river"), "line-width": 4 } });
    map.addLayer(this.points);
    map.addSource("clusters", { type: "geojson", data: EMPTY });
    map.addLayer({ id: "clusters", type: "circle", source: "clusters", paint: { "circle-radius": ["interpolate", ["linear"], ["get", "size"], 1, 14, 4, 30], "circle-color": ["get", "colour"], "circle-stroke-color": "#fff", "circle-stroke-width": 3 } });
    map.addLayer({ id: "cluster-counts", type: "symbol", source: "clusters", layout: { "icon-image": ["concat", "count:", ["get", "text"]], "icon-allow-overlap": true, "icon-ignore-placement": true } });
    map.addSource("chosen", { type: "geojson", data: EMPTY });
    map.addLayer({ id: "chosen", type: "circle", source: "chosen", paint: { "circle-radius": 14, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": token("--ink"), "circle-stroke-width": 3 } });
    map.on("moveend", () => this.draw());
    map.on("click", (event) => this.click(event));
    this.ghats();
    await this.read();
    setInterval(() => document.hidden || this.read(), EVERY_MS);
  }

  /* Ghats and fences under the vehicles. */
  async ghats() {
    const read = async (address) => {
      try {
        return (await (await fetch(address)).json()).features;
      } catch {
        return []; // the vehicles matter more
      }
    };
    const [ghats, fences] = await Promise.all([read(this.host.dataset.ghats), read(this.host.dataset.fences)]);
    for (const one of ghats) one.properties.kind = "ghat";
    this.map.getSource("things").setData({ type: "FeatureCollection", features: [...ghats, ...fences] });
  }

  /* What is new since the last reading; nothing where the network fails. */
  ask() {
    const { version, set } = this.fleet.head;
    const ghat = this.filter.ghat ? `&ghat=${encodeURIComponent(this.filter.ghat)}` : "";
    return fetch(`${this.host.dataset.source}?since=${version}&set=${set}${ghat}`).catch(() => null);
  }

  async read() {
    if (this.reading) return;
    this.reading = true;
    try {
      const first = this.filter.ghat ? null : await this.first; // asked before the filter was known
      this.first = null;
      const answer = first ?? (await this.ask());
      if (!answer?.ok) throw new Error(String(answer?.status));
      this.fleet.take(await answer.arrayBuffer());
      this.fleet.states();
      if (!this.fitted && this.fleet.count) this.fit();
      this.draw();
      this.followOn();
      this.host.dataset.shown = String(this.fleet.count);
      this.host.dispatchEvent(new CustomEvent("fleet", { bubbles: true, detail: this }));
    } catch {
      this.host.dataset.failed = "1"; // what is drawn stays; the next reading tries again
    } finally {
      this.reading = false;
    }
  }

  set(filter) {
    const elsewhere = filter.ghat !== undefined && filter.ghat !== this.filter.ghat;
    Object.assign(this.filter, filter);
    if (elsewhere && this.fleet.count) this.read();
    if (!this.fleet.count) return;
    this.draw();
    this.host.dispatchEvent(new CustomEvent("fleet", { bubbles: true, detail: this }));
  }

  /* The rows that the filters let through, without the filter of state when they are to be counted by it. */
  *rows({ anyState = false } = {}) {
    const { fleet, filter } = this;
    const state = anyState ? -1 : STATES.indexOf(filter.state);
    const district = filter.district ? fleet.head.districts.indexOf(filter.district) + 1 : -1;
    for (let i = 0; i < fleet.count; i += 1) {
      if (state >= 0 && fleet.state[i] !== state) continue;
      if (district >= 0 && fleet.district[i] !== district) continue;
      if (filter.text && !fleet.plate[i].includes(filter.text)) continue;
      yield i;
    }
  }

  counts() {
    const found = [0, 0, 0, 0];
    for (const i of this.rows({ anyState: true })) found[this.fleet.state[i]] += 1;
    return Object.fromEntries(STATES.map((state, n) => [state, found[n]]));
  }

  draw() {
    const { fleet, map } = this;
    const zoom = map.getZoom();
    const alone = zoom >= POINTS_FROM_ZOOM;
    const side = CELL_PX / (512 * 2 ** Math.floor(zoom * 2) / 2 ** (Math.floor(zoom * 2) / 2)); // squares of the world, stable within half a zoom
    const cells = new Map();
    const kept = [];
    for (const i of this.rows()) {
      if (alone) { kept.push(i); continue; }
      const key = Math.floor(fleet.x[i] / side) * 1e6 + Math.floor(fleet.y[i] / side);
      const cell = cells.get(key);
      if (cell) cell.push(i);
      else cells.set(key, [i]);
    }
    const features = [];
    for (const cell of cells.values()) {
      if (cell.length < CLUSTER_FROM) kept.push(...cell);
      else features.push(this.cluster(cell));
    }
    const data = new Float32Array(kept.length * 3);
    kept.forEach((i, n) => { data[3 * n] = fleet.x[i]; data[3 * n + 1] = fleet.y[i]; data[3 * n + 2] = fleet.state[i]; });
    this.drawn = kept;
    this.points.set(data);
    map.getSource("clusters").setData({ type: "FeatureCollection", features });
  }

  cluster(cell) {
    const { fleet } = this;
    let [lon, lat] = [0, 0];
    const by = [0, 0, 0, 0];
    for (const i of cell) { lon += fleet.lon[i]; lat += fleet.lat[i]; by[fleet.state[i]] += 1; }
    const state = by[0] ? 0 : by.indexOf(Math.max(...by)); // trouble is never hidden in a crowd
    const n = cell.length;
    const text = n < 1000 ? String(n) : `${(n / 1000).toFixed(n < 10_000 ? 1 : 0)}k`;
    if (!this.map.hasImage(`count:${text}`)) {
      const { image, options } = labelImage(text, { size: 13, weight: 700, colour: "#fff", halo: "" });
      this.map.addImage(`count:${text}`, image, options);
    }
    return { type: "Feature", geometry: { type: "Point", coordinates: [lon / n, lat / n] }, properties: { text, size: Math.log10(n), colour: token(COLOURS[STATES[state]]) } };
  }

  click(event) {
    const [cluster] = this.map.queryRenderedFeatures(event.point, { layers: ["clusters"] });
    if (cluster) return this.map.easeTo({ center: cluster.geometry.coordinates, zoom: Math.min(this.map.getZoom() + 2, 16), duration: moveMs() });
    const { fleet } = this;
    let [best, near] = [-1, PICK_PX];
    for (const i of this.drawn ?? []) {
      const at = this.map.project([fleet.lon[i], fleet.lat[i]]);
      const far = Math.hypot(at.x - event.point.x, at.y - event.point.y);
      if (far < near) [best, near] = [i, far];
    }
    return best >= 0 ? this.choose(best) : undefined;
  }

  choose(i) {
    const { fleet, host } = this;
    const [plate, words] = [fleet.plate[i], host.dataset];
    this.chosen = plate;
    const body = document.createElement("div");
    const button = (text, act) => { const made = document.createElement("button"); made.className = "link"; made.type = "button"; made.textContent = text; made.addEventListener("click", () => act(made)); body.append(made); };
    const head = document.createElement("b");
    const state = STATES[fleet.state[i]];
    head.textContent = `${plate} · ${words[`state${state[0].toUpperCase()}${state.slice(1)}`]} · ${fleet.speed[i]} ${words.unit}${fleet.trouble[i] & 128 ? ` · ${words.wordPhone}` : ""}`;
    const open = document.createElement("a");
    open.className = "link";
    open.href = words.vehicle.replace("PLATE", plate);
    open.textContent = words.wordOpen;
    body.append(head, document.createElement("br"), open);
    button(this.follow === plate ? words.wordUnfollow : words.wordFollow, (made) => { this.follow = this.follow === plate ? "" : plate; made.textContent = this.follow ? words.wordUnfollow : words.wordFollow; this.followOn(); });
    button(words.wordTrail, (made) => this.trail(plate, made));
    this.popup.setDOMContent(body).setLngLat([fleet.lon[i], fleet.lat[i]]).addTo(this.map);
    this.mark(i);
  }

  mark(i) {
    this.map.getSource("chosen").setData({ type: "Feature", geometry: { type: "Point", coordinates: [this.fleet.lon[i], this.fleet.lat[i]] }, properties: {} });
  }

  find(plate) {
    return plate ? this.fleet.plate?.indexOf(plate) ?? -1 : -1;
  }

  followOn() {
    const i = this.find(this.follow || this.chosen);
    if (i < 0) return;
    const place = [this.fleet.lon[i], this.fleet.lat[i]];
    this.mark(i);
    if (this.popup.isOpen()) this.popup.setLngLat(place);
    if (this.follow) this.map.easeTo({ center: place, zoom: Math.max(this.map.getZoom(), 13), duration: moveMs() });
  }

  async trail(plate, button) {
    const { host } = this;
    const answer = await fetch(`${host.dataset.trail.replace("PLATE", plate)}?hours=1`, { headers: { Accept: "application/json" } });
    if (answer.status === 409) { // whoever reads a trail says why
      const why = document.createElement("a");
      why.className = "link";
      why.href = `${host.dataset.vehicle.replace("PLATE", plate)}why/?next=${encodeURIComponent(`${location.pathname}?follow=${plate}`)}`;
      why.textContent = host.dataset.wordWhy;
      button.replaceWith(why);
      return;
    }
    if (!answer.ok) return;
    const line = (await answer.json()).features.filter((one) => one.properties.kind === "trail");
    this.map.getSource("trail").setData({ type: "FeatureCollection", features: line });
    if (!line.length) button.textContent = host.dataset.wordNone;
  }

  fit() {
    const box = new maplibre.LngLatBounds();
    for (const i of this.rows()) box.extend([this.fleet.lon[i], this.fleet.lat[i]]);
    if (!box.isEmpty()) this.map.fitBounds(box, { padding: { top: 48, bottom: 56, left: 48, right: 64 }, maxZoom: 13, duration: 0 });
    this.fitted = true;
  }
}

const host = document.querySelector("[data-live-map]");
export const live = host ? new LiveMap(host) : null;
if (host) {
  window.immisLive = live; // for whoever measures frames
  document.addEventListener("fleet", () => {
    for (const [state, n] of Object.entries(live.counts())) {
      for (const count of document.querySelectorAll(`[data-count="${state}"]`)) count.textContent = n.toLocaleString("en-IN");
    }
  });
}
