/* What every map of the service stands on: rivers and towns from shipped files, the arrow of a vehicle, MapLibre's words. */
import * as maplibre from "../vendor/maplibre-gl/maplibre-gl.mjs";

export { maplibre };

const here = new URL(".", import.meta.url);
maplibre.setWorkerUrl(new URL("../vendor/maplibre-gl/maplibre-gl-worker.mjs", here).href);

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("../vendor/maplibre-gl/maplibre-gl.css", here).href;
document.head.append(style);

export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export const colours = () => ["match", ["get", "state"], "good", token("--good"), "warn", token("--warn"), "bad", token("--bad"), "info", token("--info"), token("--river")];
export const EMPTY = { type: "FeatureCollection", features: [] };
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
export function arrow() {
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

/* Town labels are drawn by the browser itself, so that Devanagari is shaped right and no glyphs have to be fetched. */
export function labelImage(text, { size = 13, weight = 600, colour = token("--ink-2"), halo = "#fff" } = {}) {
  const scale = 2;
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true }); // read back at once
  const font = `${weight} ${size * scale}px ${getComputedStyle(document.body).fontFamily}`;
  pen.font = font;
  pen.canvas.width = Math.ceil(pen.measureText(text).width) + 8 * scale;
  pen.canvas.height = Math.ceil(size * 1.8) * scale;
  Object.assign(pen, { font, textBaseline: "middle", lineJoin: "round", lineWidth: 3 * scale, strokeStyle: halo, fillStyle: colour });
  if (halo) pen.strokeText(text, 4 * scale, pen.canvas.height / 2);
  pen.fillText(text, 4 * scale, pen.canvas.height / 2);
  return { image: pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height), options: { pixelRatio: scale } };
}

async function addTowns(map, address) {
  try {
    const towns = await (await fetch(address)).json();
    const lang = document.documentElement.lang === "en" ? "en" : "hi";
    await document.fonts?.load(`600 13px ${getComputedStyle(document.body).fontFamily}`, "मुंगेर");
    for (const { properties: town } of towns.features) {
      const { image, options } = labelImage(town[lang], { size: town.rank === 1 ? 14 : 12 });
      if (!map.hasImage(`town:${town.en}`)) map.addImage(`town:${town.en}`, image, options);
    }
    const below = ["areas", "fences"].find((id) => map.getLayer(id));
    map.addSource("towns", { type: "geojson", data: towns });
    map.addLayer({
      id: "towns", type: "symbol", source: "towns", minzoom: 6,
      filter: ["<=", ["get", "rank"], ["step", ["zoom"], 1, 7.5, 2, 9, 3]],
      layout: { "icon-image": ["concat", "town:", ["get", "en"]], "icon-padding": 4, "symbol-sort-key": ["get", "rank"] },
    }, below);
  } catch {
    // a map without names is still a map
  }
}

/* A desk without a graphics card draws with its processor, and each frame costs by its pixels: where the frames of a
   moving map come late, it is drawn coarser until it rests. */
const [LATE_MS, COARSE, REST_MS] = [30, 0.6, 200];

function lightenMoves(map) {
  const full = map.getPixelRatio();
  let [before, usual, busy, timer] = [0, 0, false, 0];
  const draw = (ratio) => { if (map.getPixelRatio() !== ratio) { busy = true; map.setPixelRatio(ratio); busy = false; } };
  map.on("render", () => {
    const now = performance.now();
    if (map.isMoving() && now - before < 500) usual = 0.7 * usual + 0.3 * (now - before);
    before = now;
    if (map.isMoving() && usual > LATE_MS) draw(full * COARSE);
  });
  map.on("movestart", () => { if (!busy) clearTimeout(timer); });
  map.on("moveend", () => {
    if (busy) return;
    clearTimeout(timer);
    timer = setTimeout(() => { if (!map.isMoving()) draw(full); }, REST_MS);
  });
}

export const moveMs = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 500);

/* A map in a figure of the component "map and list"; ``begin`` is called when it is ready. */
export function openMap(figure, begin, options = {}) {
  const address = (name) => new URL(figure.dataset[name], location.href).href;
  const map = new maplibre.Map({
    container: figure.querySelector(".map-canvas"),
    style: baseStyle(figure.dataset.tiles, address("base")),
    locale: words(figure.dataset),
    center: [86.47, 25.37], zoom: 8, maxZoom: 17, attributionControl: false, cooperativeGestures: matchMedia("(pointer: coarse)").matches,
    ...options,
  });
  map.addControl(new maplibre.NavigationControl({ showCompass: false }));
  map.addControl(new maplibre.ScaleControl({ maxWidth: 100 }));
  lightenMoves(map);
  map.on("load", () => {
    map.addImage("arrow", arrow());
    if (figure.dataset.towns) addTowns(map, address("towns"));
    begin(map);
  });
  return map;
}
