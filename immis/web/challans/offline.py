"""The check that anybody installs on a phone: one page, its worker and its manifest; it works with no network."""

import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from immis import clock
from immis.challans.signed.words import REASONS
from immis.rules.policy import NotInForce, book
from immis.web import static_dir
from immis.web.challans.words import HEADLINES
from immis.web.shell.request.middleware import content_security_policy
from immis.web.shell.views import PUBLIC, page

#: What the page loads; the worker keeps it on the phone.
_FILES = (
    "css/tokens.css",
    "css/fonts.css",
    "css/app.css",
    "img/seal.svg",
    *(f"js/pass/{name}.js" for name in ("page", "text", "signed", "check", "store", "lists", "read", "shown", "send")),
    *(f"vendor/pass/{name}.js" for name in ("ed25519", "cbor", "idb", "es/share", "es/reader/index")),
    "vendor/pass/zxing_reader.wasm",
    "vendor/fonts/noto-sans-devanagari-devanagari-400-normal.woff2",
    "vendor/fonts/noto-sans-devanagari-devanagari-600-normal.woff2",
)
_WORKER_FILES = ("core", "routing", "strategies", "precaching")
_SCANNING = ("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")


def scanning_policy() -> str:
    """The policy of a page that reads QRs itself: WebAssembly may run there, and nothing else is let through."""
    return content_security_policy().replace(*_SCANNING)


def _answers() -> dict[str, str]:
    return {
        "yes": _("yes"),
        "no": _("no"),
        "unknown": _("cannot be said"),
        "until": _("until {at}"),
        "ended": _("no, it ended {at}"),
        "no_list": _("no list on this phone"),
        "clock_wrong": _("The clock of this phone is wrong: set it and check again."),
        "minutes": _("{count} min old"),
        "hours": _("{count} h old"),
        "days": _("{count} days old"),
        "load": _("{mineral}, {quantity} m³"),
        "load_t": _("{mineral}, {quantity} t"),
        "istp": _("{number}: transit pass (ISTP) with challan {origin}, ends with it"),
        "way": _("{place}, {km} km"),
        "not_genuine": _("Not genuine"),
    }


def _notes() -> dict[str, str]:
    return {
        "camera": _("Open the camera"),
        "stop_camera": _("Close the camera"),
        "no_camera": _("The camera does not open: take a photo, or type the code."),
        "no_qr": _("The picture shows no QR; go closer and hold still."),
        "several": _("The picture shows several QRs: take one e-challan alone."),
        "no_picture": _("This file is no picture."),
        "no_keys": _("Open this page once with a network: the keys of the department are not on this phone yet."),
        "ready": _("Works without a network. Keys and list: {age}."),
        "waiting": _("{count} checks wait to be sent."),
        "all_sent": _("All checks are sent."),
        "of_another": _("{count} checks of another officer wait on this phone; he sends them after he has logged in."),
        "refused": _("{count} checks were not taken: {why}"),
        "kept": _("Recorded on this phone."),
        "seen_elsewhere": _("The office says: {text}"),
    }


def _own_headlines() -> dict[str, tuple[str, str]]:
    return {
        "clock_behind": ("warn", _("The clock of this phone is wrong")),
        "seen_before": ("warn", _("Look again: this e-challan was shown before")),
        "no_list": ("warn", _("Genuine and in time; whether it was cancelled is not known")),
        "for_the_office": ("warn", _("A number alone proves nothing")),
        "other_plate": ("bad", _("The e-challan of another vehicle: do not let it pass")),
        "issued_offline": ("good", _("Genuine: issued by the ghat in an outage")),
    }


def _own_sentences() -> dict[str, str]:
    return {
        "clock_behind": _(
            "The list of the department is younger than this clock: {age}. Set the clock and check again."
        ),
        "seen_before": _("This phone saw it at {at}. One e-challan is for one load: ask for that of this load."),
        "no_list": _("Open this page once with a network, so that the list of cancelled e-challans comes."),
        "for_the_office": _("Take a photo of the QR; only the office can tell what stands behind a number."),
        "other_plate": _("The plate of the vehicle must be the one on the e-challan."),
    }


def _old_after_hours(at: datetime) -> float:
    try:
        return int(book().value("CH-60", at)) / 60
    except NotInForce:
        return float("inf")


def _words(lang: str, at: datetime) -> dict[str, Any]:
    headlines = {reason: (state, str(words)) for reason, (state, words) in HEADLINES.items()}
    return {
        **_answers(),
        **_notes(),
        "headlines": headlines | _own_headlines(),
        "what": {reason: said[lang] for reason, said in REASONS.items()} | _own_sentences(),
        "old_after_hours": _old_after_hours(at),
    }


def _context(lang: str) -> dict[str, Any]:
    return {"lang": lang, "other_lang": "en" if lang == "hi" else "hi", "words": _words(lang, clock.now())}


@page(PUBLIC)
def pass_checker(request: HttpRequest, lang: str) -> HttpResponse:
    """The page itself, the same for everybody, so that a phone may keep it (E-118)."""
    if lang not in dict(settings.LANGUAGES):
        raise Http404(lang)
    with translation.override(lang):
        context = _context(lang) | {"drawn_at": datetime.now(UTC)}
        response = render(request, "challans/offline.html", context)
    response["Content-Security-Policy"] = scanning_policy()
    response["Cache-Control"] = "public, no-cache"
    return response


@cache
def file_hash(name: str) -> str:
    """What tells one version of a file of ours from the next."""
    return hashlib.sha256((static_dir() / name).read_bytes()).hexdigest()[:16]


def _page_hash(lang: str) -> str:
    with translation.override(lang):
        text = render_to_string("challans/offline.html", _context(lang))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _assets() -> list[dict[str, str]]:
    """Every address that the phone keeps, with what changes when it changes."""
    files = [{"url": static(name), "revision": file_hash(name)} for name in _FILES]
    pages = [
        {"url": reverse("pass_checker", args=[lang]), "revision": _page_hash(lang)} for lang in dict(settings.LANGUAGES)
    ]
    return files + pages + [{"url": reverse("pass_manifest"), "revision": file_hash("img/seal.svg")}]


@page(PUBLIC)
def pass_worker(request: HttpRequest) -> HttpResponse:
    """The worker: it changes whenever something that it keeps does, and the phone then fetches that anew."""
    names = [static(f"vendor/workbox/{name}.js") for name in _WORKER_FILES] + [static("js/pass/worker.js")]
    pages = [reverse("pass_checker", args=[lang]) for lang in dict(settings.LANGUAGES)]
    lines = [
        f"// {file_hash('js/pass/worker.js')}",
        f"const ASSETS = {json.dumps(_assets())};",
        f"const PAGES = {json.dumps(pages)};",
        f"importScripts({', '.join(map(json.dumps, names))});",
    ]
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/verify"
    response["Cache-Control"] = "public, no-cache"
    return response


@page(PUBLIC)
def pass_manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to put the page on its first screen."""
    address = reverse("pass_checker", args=["hi"])
    with translation.override("hi"):
        name = _("Check an e-challan")
    icon = {"src": static("img/seal.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    body = {
        "id": address,
        "name": name,
        "short_name": name,
        "lang": "hi",
        "start_url": address,
        "scope": "/verify",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b4f6c",
        "icons": [icon],
    }
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})
