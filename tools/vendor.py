"""Copy what pages need from ``node_modules`` to ``immis/web/static/vendor``; its own list, so that nothing else ships.

Run by ``make setup`` after ``npm ci --ignore-scripts``. The fonts for the PDFs
stay whole (TTF); pages get the small subsets (WOFF2).
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FROM = ROOT / "node_modules"
TO = ROOT / "immis" / "web" / "static" / "vendor"

FILES = {
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl/maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl/maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl/maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl/LICENSE.txt",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "@noble/ed25519/index.js": "pass/ed25519.js",
    "@noble/ed25519/LICENSE": "pass/ed25519.LICENSE",
    "cbor-x/dist/index-no-eval.min.js": "pass/cbor.js",
    "cbor-x/LICENSE": "pass/cbor.LICENSE",
    "idb/build/index.js": "pass/idb.js",
    "idb/LICENSE": "pass/idb.LICENSE",
    "zxing-wasm/dist/es/reader/index.js": "pass/es/reader/index.js",
    "zxing-wasm/dist/es/share.js": "pass/es/share.js",
    "zxing-wasm/dist/reader/zxing_reader.wasm": "pass/zxing_reader.wasm",
    "zxing-wasm/LICENSE": "pass/zxing.LICENSE",
    "qrcode-generator/dist/qrcode.mjs": "gate/qrcode.js",
    "workbox-core/build/workbox-core.prod.js": "workbox/core.js",
    "workbox-core/LICENSE": "workbox/LICENSE",
    "workbox-precaching/build/workbox-precaching.prod.js": "workbox/precaching.js",
    "workbox-routing/build/workbox-routing.prod.js": "workbox/routing.js",
    "workbox-strategies/build/workbox-strategies.prod.js": "workbox/strategies.js",
    "@fontsource/noto-sans/files/noto-sans-latin-400-normal.woff2": "fonts/noto-sans-latin-400-normal.woff2",
    "@fontsource/noto-sans/files/noto-sans-latin-600-normal.woff2": "fonts/noto-sans-latin-600-normal.woff2",
    "@fontsource/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-400-normal.woff2": (
        "fonts/noto-sans-devanagari-devanagari-400-normal.woff2"
    ),
    "@fontsource/noto-sans-devanagari/files/noto-sans-devanagari-devanagari-600-normal.woff2": (
        "fonts/noto-sans-devanagari-devanagari-600-normal.woff2"
    ),
    "@fontsource/noto-sans-devanagari/LICENSE": "fonts/LICENSE",
}
WEIGHTS = ("400Regular", "600SemiBold", "700Bold", "800ExtraBold")
for package, stem in (("noto-sans", "NotoSans"), ("noto-sans-devanagari", "NotoSansDevanagari")):
    for weight in WEIGHTS:
        FILES[f"@expo-google-fonts/{package}/{weight}/{stem}_{weight}.ttf"] = f"fonts/{stem}_{weight}.ttf"


def main() -> int:
    missing = [name for name in FILES if not (FROM / name).is_file()]
    if missing:
        print(f"node_modules lacks {', '.join(missing)}; run npm ci --ignore-scripts first", file=sys.stderr)
        return 2
    shutil.rmtree(TO, ignore_errors=True)
    for name, place in FILES.items():
        (TO / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FROM / name, TO / place)
    for script in TO.rglob("*.*js"):  # the maps of the scripts do not ship
        text = script.read_text(encoding="utf8")
        script.write_text(text.split("//# sourceMappingURL=")[0], encoding="utf8")
    print(f"{len(FILES)} files, {sum(f.stat().st_size for f in TO.rglob('*') if f.is_file()) // 1024} KB in {TO.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
