"""The gate's page that anybody may keep on a device: the same bytes for all; what it holds comes by its line."""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from immis.web.challans.offline import file_hash
from immis.web.shell.views import PUBLIC, page

_FILES = (
    "css/tokens.css",
    "css/fonts.css",
    "css/app.css",
    "css/gate.css",
    "img/seal.svg",
    *(f"js/gate/{name}.js" for name in ("page", "book", "checks", "clock", "key", "line", "pass", "slip", "store")),
    "js/gate/words.js",
    *(f"js/pass/{name}.js" for name in ("text", "signed", "check", "store", "lists")),
    *(f"vendor/pass/{name}.js" for name in ("ed25519", "cbor", "idb")),
    "vendor/gate/qrcode.js",
    "vendor/fonts/noto-sans-devanagari-devanagari-400-normal.woff2",
    "vendor/fonts/noto-sans-devanagari-devanagari-600-normal.woff2",
)
_WORKER_FILES = ("core", "routing", "strategies", "precaching")


def _against() -> dict[str, str]:
    """What the page itself finds against a load; the other findings come from the department in words."""
    return {
        "set_back": _("The clock of this device was set back: set it right, and connect once."),
        "not_begun": _("The quota has not begun yet."),
        "over": _("The days of the quota are over."),
        "too_old": _("The data of the department are too old: connect once."),
        "used_up": _("The quota is used up."),
        "answers": _("The service answers: issue the e-challan in the usual way."),
        "no_truck": _("Choose a vehicle that the department knows."),
        "on_trip": _("It is on e-challan {number}."),
        "no_place": _("Choose a destination."),
        "no_driver": _("Enter the driver's name."),
        "too_much": _("More than the vehicle may carry."),
        "nothing_left": _("More than is left of the permitted quantity."),
    }


def _words() -> dict[str, Any]:
    keys = {
        "asked": _("The district office has this key and has not decided yet. Tell it the code."),
        "refused": _("The district office refused this key."),
        "revoked": _("This key is revoked: nothing can be issued from this device."),
    }
    states = {
        "waiting": _("waits to be sent"),
        "taken": _("in the register"),
        "held": _("not taken, with the office"),
    }
    return {
        **_against(),
        "keys": keys,
        "states": states,
        "on_line": _("Connected: {name}. Issue e-challans in the usual way."),
        "nobody": _("The service answers, but nobody is logged in at this device."),
        "off_line": _("No connection: this page issues from its quota."),
        "left": _("{left} of {most} e-challans left"),
        "held": _("Data of {at}, good until {until}"),
        "waiting": _("{count} wait to be sent."),
        "choose": _("choose"),
        "cubic": _("{m3} m³"),
        "print": _("Print again"),
        "qr": _("QR of the signed pass"),
        "not_taken": _("The office did not take it; look at the entries."),
    }


def _context(lang: str) -> dict[str, Any]:
    return {"lang": lang, "other_lang": "en" if lang == "hi" else "hi", "words": _words()}


@page(PUBLIC)
def gate_app(request: HttpRequest, lang: str) -> HttpResponse:
    """The page itself, the same for everybody, so that a device may keep it; it issues where a key was approved."""
    if lang not in dict(settings.LANGUAGES):
        raise Http404(lang)
    with translation.override(lang):
        response = render(request, "gates/app.html", _context(lang))
    response["Cache-Control"] = "public, no-cache"
    return response


def _page_hash(lang: str) -> str:
    with translation.override(lang):
        text = render_to_string("gates/app.html", _context(lang))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _assets() -> list[dict[str, str]]:
    files = [{"url": static(name), "revision": file_hash(name)} for name in _FILES]
    pages = [
        {"url": reverse("gate_app", args=[lang]), "revision": _page_hash(lang)} for lang in dict(settings.LANGUAGES)
    ]
    return files + pages + [{"url": reverse("gate_app_manifest"), "revision": file_hash("img/seal.svg")}]


@page(PUBLIC)
def gate_app_worker(request: HttpRequest) -> HttpResponse:
    """The worker: it changes whenever something that it keeps does, and the device then fetches that anew."""
    names = [static(f"vendor/workbox/{name}.js") for name in _WORKER_FILES] + [static("js/gate/worker.js")]
    lines = [
        f"// {file_hash('js/gate/worker.js')}",
        f"const ASSETS = {json.dumps(_assets())};",
        f"importScripts({', '.join(map(json.dumps, names))});",
    ]
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/gate/app/"
    response["Cache-Control"] = "public, no-cache"
    return response


@page(PUBLIC)
def gate_app_manifest(request: HttpRequest) -> JsonResponse:
    """What a device needs to put the page on its first screen."""
    address = reverse("gate_app", args=["hi"])
    with translation.override("hi"):
        name = _("Gate in an outage")
    icon = {"src": static("img/seal.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    body = {
        "id": address, "name": name, "short_name": name, "lang": "hi", "start_url": address, "scope": "/gate/app/",
        "display": "standalone", "background_color": "#ffffff", "theme_color": "#0b4f6c", "icons": [icon],
    }  # fmt: skip
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})
