/* Draws the corners of a fence: a click adds one, and the text field and the map always say the same. */
import { EMPTY, maplibre, openMap, token } from "./map-base.js";

const host = document.querySelector("[data-fence-editor]");
const field = document.querySelector("[data-corners]");
const kind = document.querySelector("select[name=kind]");

function corners() {
  return field.value.split("\n").map((line) => line.split(/[,;\s]+/).filter(Boolean).map(Number)).filter((one) => one.length === 2 && one.every(Number.isFinite));
}

function write(all) {
  field.value = all.map(([lat, lon]) => `${lat.toFixed(6)}, ${lon.toFixed(6)}`).join("\n");
  field.dispatchEvent(new Event("input"));
}

function drawn() {
  const places = corners().map(([lat, lon]) => [lon, lat]);
  const feature = (type, coordinates) => ({ type: "Feature", properties: {}, geometry: { type, coordinates } });
  const features = places.map((one) => feature("Point", one));
  if (places.length > 1) features.push(feature("LineString", places));
  const line = kind?.value === "restricted"; // a road has no inside
  if (places.length > 2 && !line) features.push(feature("Polygon", [[...places, places[0]]]));
  return { type: "FeatureCollection", features };
}

function begin(map) {
  map.addSource("draft", { type: "geojson", data: EMPTY });
  map.addLayer({ id: "draft-area", type: "fill", source: "draft", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": token("--sand"), "fill-opacity": 0.3 } });
  map.addLayer({ id: "draft-line", type: "line", source: "draft", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": token("--river"), "line-width": 3 } });
  map.addLayer({ id: "draft-corners", type: "circle", source: "draft", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 6, "circle-color": token("--river"), "circle-stroke-color": "#fff", "circle-stroke-width": 2 } });
  const show = () => map.getSource("draft").setData(drawn());
  field.addEventListener("input", show);
  kind?.addEventListener("change", show);
  map.on("click", (event) => write([...corners(), [event.lngLat.lat, event.lngLat.lng]]));
  show();
  const places = corners();
  if (places.length) {
    const box = new maplibre.LngLatBounds();
    for (const [lat, lon] of places) box.extend([lon, lat]);
    map.fitBounds(box, { padding: 60, maxZoom: 15, duration: 0 });
  }
}

if (host && field) {
  const map = openMap(host.querySelector("figure"), begin);
  map.getCanvas().style.cursor = "crosshair";
  host.querySelector("[data-undo]").addEventListener("click", () => write(corners().slice(0, -1)));
  host.querySelector("[data-clear]").addEventListener("click", () => write([]));
}
