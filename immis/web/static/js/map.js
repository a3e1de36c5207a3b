/* Every map of the service: rivers from the shipped file, what the page's GeoJSON holds, linked with the page's list. */
import * as maplibre from "../vendor/maplibre-gl/maplibre-gl.mjs";

const here = new URL(".", import.meta.url);
maplibre.setWorkerUrl(new URL("../vendor/maplibre-gl/maplibre-gl-worker.mjs", here).href);

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("../vendor/maplibre-gl/maplibre-gl.css", here).href;
document.head.append(style);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colours = () => ["match", ["get", "state"], "good", token("--good"), "warn", token("--warn"), "bad", token("--bad"), "info", token("--info"), token("--river")];
const EMPTY = { type: "FeatureCollection", features: [] };
const kind = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];

function baseStyle(tiles, rivers) {
  const base = {
    version: 8,
    sources: { rivers: { type: "geojson", data: rivers }, things: { type: "geojson", data: EMPTY }, points: { type: "geojson", data: EMPTY } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": token("--ground") } },
      { id: "rivers", type: "fill", source: "rivers", paint: { "fill-color": "#bcd9e6", "fill-outline-color": "#8dbbd0" } },
      { id: "areas", type: "fill", source: "things", filter: ["all", ["==", ["geometry-type"], "Polygon"]], paint: { "fill-color": ["match", ["get", "kind"], "ghat", token("--sand"), colours()], "fill-opacity": 0.45 } },
      { id: "edges", type: "line", source: "things", filter: ["!", kind("trail")], paint: { "line-color": ["case", ["boolean", ["feature-state", "chosen"], false], token("--ink"), colours()], "line-width": ["case", ["boolean", ["feature-state", "chosen"], false], 4, 2] } },
      { id: "trails", type: "line", source: "things", filter: kind("trail"), paint: { "line-color": token("--river"), "line-width": 3, "line-dasharray": [2, 1] } },
      { id: "dots", type: "circle", source: "points", filter: ["!", kind("vehicle")], paint: { "circle-radius": ["case", ["boolean", ["feature-state", "chosen"], false], 10, 6], "circle-color": ["match", ["get", "kind"], "ghat", token("--sand"), colours()], "circle-stroke-color": token("--ink"), "circle-stroke-width": ["case", ["boolean", ["feature-state", "chosen"], false], 3, 1.5] } },
      { id: "halo", type: "circle", source: "points", filter: kind("vehicle"), paint: { "circle-radius": ["case", ["boolean", ["feature-state", "chosen"], false], 15, 11], "circle-color": colours(), "circle-stroke-color": "#fff", "circle-stroke-width": 2 } },
      { id: "arrows", type: "symbol", source: "points", filter: kind("vehicle"), layout: { "icon-image": "arrow", "icon-rotate": ["coalesce", ["get", "heading"], 0], "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-rotation-alignment": "map" } },
    ],
  };
  if (tiles) {
    base.sources.tiles = { type: "raster", tiles: [tiles], tileSize: 256, maxzoom: 19 };
    base.layers.splice(1, 0, { id: "tiles", type: "raster", source: "tiles" });
    base.layers[2].paint["fill-opacity"] = 0;
  }
  return base;
}

/* An arrow that points north, drawn here so that no sprite has to be fetched. */
function arrow() {
  const size = 20;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.beginPath();
  for (const [x, y] of [[10, 3], [16, 16], [10, 12], [4, 16]]) pen.lineTo(x, y);
  pen.fill();
  return pen.getImageData(0, 0, size, size);
}

function corners(geometry, found = []) {
  const walk = (part) => (typeof part[0] === "number" ? found.push(part) : part.forEach(walk));
  if (geometry?.coordinates) walk(geometry.coordinates);
  return found;
}

/* Small areas vanish on a district map: each also gets a dot in its middle. */
function middles(features) {
  return features.flatMap((one) => {
    if (one.geometry?.type === "Point") return [one];
    if (one.properties.kind === "trail" || one.geometry?.type !== "Polygon") return [];
    const ring = one.geometry.coordinates[0].slice(0, -1);
    const mean = (axis) => ring.reduce((sum, corner) => sum + corner[axis], 0) / ring.length;
    return [{ ...one, geometry: { type: "Point", coordinates: [mean(0), mean(1)] } }];
  });
}

/* MapLibre's own words, in the language of the page. */
function words({ wordMap, wordIn, wordOut, wordFingers, wordWheel, wordM, wordKm }) {
  return {
    "Map.Title": wordMap,
    "NavigationControl.ZoomIn": wordIn,
    "NavigationControl.ZoomOut": wordOut,
    "ScaleControl.Meters": wordM,
    "ScaleControl.Kilometers": wordKm,
    "CooperativeGesturesHandler.MobileHelpText": wordFingers,
    "CooperativeGesturesHandler.WindowsHelpText": wordWheel,
    "CooperativeGesturesHandler.MacHelpText": wordWheel,
  };
}

class ListedMap {
  constructor(figure) {
    this.figure = figure;
    this.list = document.getElementById(figure.dataset.list);
    this.fitted = false;
    this.chosen = null;
    this.features = [];
    const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.duration = reduced ? 0 : 500;
    this.map = new maplibre.Map({
      container: figure.querySelector(".map-canvas"),
      style: baseStyle(figure.dataset.tiles, new URL(figure.dataset.base, location.href).href),
      locale: words(figure.dataset),
      center: [86.47, 25.37], zoom: 8, maxZoom: 17, attributionControl: false, cooperativeGestures: matchMedia("(pointer: coarse)").matches,
    });
    this.map.addControl(new maplibre.NavigationControl({ showCompass: false }));
    this.map.addControl(new maplibre.ScaleControl({ maxWidth: 100 }));
    this.popup = new maplibre.Popup({ closeButton: false, focusAfterOpen: false, maxWidth: "18rem" });
    this.map.on("load", () => this.begin());
  }

  begin() {
    this.map.addImage("arrow", arrow());
    for (const layer of ["areas", "dots", "halo"]) {
      this.map.on("click", layer, (event) => this.choose(String(event.features[0].properties.id), true));
      this.map.on("mouseenter", layer, () => { this.map.getCanvas().style.cursor = "pointer"; });
      this.map.on("mouseleave", layer, () => { this.map.getCanvas().style.cursor = ""; });
    }
    for (const event of ["mouseover", "focusin"]) {
      this.list?.addEventListener(event, (over) => {
        const row = over.target.closest("[data-feature]");
        if (row) this.choose(row.dataset.feature, false);
      });
    }
    this.read();
    const every = Number(this.figure.dataset.live);
    if (every > 0) setInterval(() => document.hidden || this.read(), every * 1000);
  }

  async read() {
    try {
      const answer = await fetch(this.figure.dataset.geojson, { headers: { Accept: "application/geo+json, application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(await answer.json());
      this.figure.dataset.shown = String(this.features.length);
    } catch {
      this.figure.dataset.failed = "1"; // the list stays; the next reading tries again
    }
  }

  show(collection) {
    this.features = collection.features.map((one) => {
      const id = String(one.properties.id ?? one.id ?? "");
      return { ...one, id: undefined, properties: { ...one.properties, id } };
    });
    const source = (name, features) => this.map.getSource(name).setData({ type: "FeatureCollection", features });
    source("things", this.features.filter((one) => one.geometry?.type !== "Point"));
    source("points", middles(this.features));
    this.figure.dispatchEvent(new CustomEvent("map:shown", { bubbles: true, detail: collection }));
    if (this.chosen && this.popup.isOpen()) this.place(this.chosen);
    if (!this.fitted && this.features.length) this.fit();
  }

  fit() {
    const all = this.features.flatMap((one) => corners(one.geometry));
    const bounds = all.reduce((box, corner) => box.extend(corner), new maplibre.LngLatBounds(all[0], all[0]));
    this.map.fitBounds(bounds, { padding: 40, maxZoom: 15, duration: 0 });
    this.fitted = true;
  }

  place(id) {
    const one = middles(this.features).find((feature) => feature.properties.id === id);
    if (!one) return null;
    this.popup.setLngLat(one.geometry.coordinates);
    return one;
  }

  choose(id, fromMap) {
    const one = this.place(id);
    if (!one) return;
    this.chosen = id;
    const body = document.createElement(one.properties.url ? "a" : "span");
    body.textContent = one.properties.name ?? id;
    if (one.properties.url) body.href = one.properties.url;
    this.popup.setDOMContent(body).addTo(this.map);
    if (!fromMap && !this.map.getBounds().contains(one.geometry.coordinates)) this.map.easeTo({ center: one.geometry.coordinates, duration: this.duration });
    for (const row of this.list?.querySelectorAll("[data-feature]") ?? []) {
      const same = row.dataset.feature === id;
      row.classList.toggle("chosen", same);
      if (same && fromMap) row.scrollIntoView({ block: "nearest" });
    }
  }
}

for (const figure of document.querySelectorAll("[data-map]")) new ListedMap(figure);
