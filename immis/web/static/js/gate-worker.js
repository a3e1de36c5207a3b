/* Keeps the page of the gate log and what it is drawn with on the device: the network first, else what was kept. */
const KEPT = "gate-log-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim().then(fill)));

/* The page that installed this was loaded before it: what it is drawn with is fetched once more. */
async function fill() {
  const cache = await caches.open(KEPT);
  const page = await fetch(self.registration.scope);
  if (!page.ok || page.redirected) return;
  const text = await page.clone().text();
  await cache.put(self.registration.scope, page);
  const found = [...text.matchAll(/(?:src|href)="(\/static\/[^"]+\.(?:js|css|mjs|woff2|svg))"/g)].map((match) => match[1]);
  await Promise.all([...new Set(found)].map((path) => cache.add(path).catch(() => undefined)));
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const own = event.request.mode === "navigate" ? url.href.startsWith(self.registration.scope) : url.pathname.startsWith("/static/");
  if (event.request.method === "GET" && own) event.respondWith(answer(event.request));
});

async function answer(request) {
  const cache = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await cache.put(request, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
    if (kept) return kept;
    throw error;
  }
}
