/* The worker of the installed page: what the page needs lies on the phone, and /verify opens without a network too.
   ASSETS and PAGES come from the address that loads this file. */
const { core, precaching, routing, strategies } = workbox;

core.setCacheNameDetails({ prefix: "immis-pass" });
self.skipWaiting();
core.clientsClaim();

// What the page has loaded already is only asked whether it is still the same: it goes over the wire once.
precaching.addPlugins([
  { requestWillFetch: async ({ request }) => new Request(request.url, { cache: "no-cache", credentials: "omit" }) },
]);
precaching.precacheAndRoute(ASSETS, { cleanURLs: false, directoryIndex: null, ignoreURLParametersMatching: [] });
precaching.cleanupOutdatedCaches();

const network = new strategies.NetworkOnly({ networkTimeoutSeconds: 5 });
const isCheck = ({ request, url }) =>
  request.mode === "navigate" && request.method === "GET" && url.pathname === "/verify";

routing.registerRoute(isCheck, async (asked) => {
  try {
    return await network.handle(asked);
  } catch {
    return precaching.matchPrecache(PAGES[0]); // the part after # stays with the page
  }
});
