/* The worker of the gate's page: all that it needs lies on the device. ASSETS come from the address that loads this. */
const { core, precaching } = workbox;

core.setCacheNameDetails({ prefix: "immis-gate" });
self.skipWaiting();
core.clientsClaim();

// What the page has loaded already is only asked whether it is still the same: it goes over the wire once.
precaching.addPlugins([
  { requestWillFetch: async ({ request }) => new Request(request.url, { cache: "no-cache", credentials: "omit" }) },
]);
precaching.precacheAndRoute(ASSETS, { cleanURLs: false, directoryIndex: null, ignoreURLParametersMatching: [/./] });
precaching.cleanupOutdatedCaches();
