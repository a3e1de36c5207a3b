/* Maps with a list: what the page's GeoJSON holds, linked with the page's list. */
import { maplibre, moveMs, openMap } from "./map-base.js";

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

class ListedMap {
  constructor(figure) {
    this.figure = figure;
    this.list = document.getElementById(figure.dataset.list);
    this.fitted = false;
    this.chosen = null;
    this.features = [];
    this.duration = moveMs();
    this.map = openMap(figure, () => this.begin());
    this.popup = new maplibre.Popup({ closeButton: false, focusAfterOpen: false, maxWidth: "18rem" });
  }

  begin() {
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
