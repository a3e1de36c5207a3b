"""A page that anybody installs on a device: the same bytes for all, its worker that keeps it, its manifest.

What the page needs lies on the device after the first visit; the worker changes whenever something that it keeps does,
and the device then fetches that anew.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response

from immis.web import static_dir

#: What every such page loads.
_SHARED = (
    "css/tokens.css",
    "css/fonts.css",
    "css/app.css",
    "img/seal.svg",
    "vendor/fonts/noto-sans-devanagari-devanagari-400-normal.woff2",
    "vendor/fonts/noto-sans-devanagari-devanagari-600-normal.woff2",
)
_WORKER_FRESH_S = 3600
_WORKBOX = ("core", "routing", "strategies", "precaching")


@cache
def file_hash(name: str) -> str:
    """What tells one version of a file of ours from the next."""
    return hashlib.sha256((static_dir() / name).read_bytes()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class InstalledPage:
    """One page with its worker and manifest: names of addresses, the files that it loads, what it is called.

    ``address`` takes the language; ``home`` is where its head leads; ``words`` gives what its scripts say. The template
    extends ``installed.html``.
    """

    template: str
    name: Any
    address: str
    worker_address: str
    manifest_address: str
    home: str
    scope: str
    script: str
    files: tuple[str, ...]
    words: Callable[[str], Mapping[str, Any]]

    @property
    def loaded(self) -> tuple[str, ...]:
        """Every file of ours that the device fetches the first time, its worker and the worker's parts among them."""
        return (*_SHARED, *self.files, self.script, *(f"vendor/workbox/{name}.js" for name in _WORKBOX))

    def page(self, request: HttpRequest, lang: str, **more: Any) -> HttpResponse:
        """The page itself. Raises Http404 for a language that there is not."""
        if lang not in dict(settings.LANGUAGES):
            raise Http404(lang)
        with translation.override(lang):
            response = render(request, self.template, {**self._context(lang), **more})
        response["Cache-Control"] = "public, no-cache"
        return response

    def worker(self, request: HttpRequest) -> HttpResponse:
        """The worker, with every address that the device keeps and what changes when it changes.

        It is asked for as seldom as any file of ours (ADR 4), where the page says so (``updateViaCache``).
        """
        names = [static(f"vendor/workbox/{name}.js") for name in _WORKBOX] + [static(self.script)]
        lines = [
            f"// {file_hash(self.script)}",
            f"const ASSETS = {json.dumps(self._assets())};",
            f"const PAGES = {json.dumps([self._url(lang) for lang in dict(settings.LANGUAGES)])};",
            f"importScripts({', '.join(map(json.dumps, names))});",
        ]
        text = "\n".join(lines) + "\n"
        response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
        response["Service-Worker-Allowed"] = self.scope
        response["Cache-Control"] = f"public, max-age={_WORKER_FRESH_S}"
        response["ETag"] = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
        return get_conditional_response(request, etag=response["ETag"], response=response)

    def manifest(self) -> JsonResponse:
        """What a device needs to put the page on its first screen."""
        with translation.override("hi"):
            name = str(self.name)
        icon = {"src": static("img/seal.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
        body = {
            "id": self._url("hi"),
            "name": name,
            "short_name": name,
            "lang": "hi",
            "start_url": self._url("hi"),
            "scope": self.scope,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0b4f6c",
            "icons": [icon],
        }
        return JsonResponse(body, json_dumps_params={"ensure_ascii": False})

    def _url(self, lang: str) -> str:
        return reverse(self.address, args=[lang])

    def _context(self, lang: str) -> dict[str, Any]:
        other = "en" if lang == "hi" else "hi"
        urls = {
            "worker": reverse(self.worker_address),
            "manifest": reverse(self.manifest_address),
            "home": reverse(self.home),
            "other": self._url(other),
        }
        return {"lang": lang, "other_lang": other, "words": self.words(lang), "urls": urls}

    def _page_hash(self, lang: str) -> str:
        with translation.override(lang):
            text = render_to_string(self.template, self._context(lang))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _assets(self) -> list[dict[str, str]]:
        files = [{"url": static(name), "revision": file_hash(name)} for name in (*_SHARED, *self.files)]
        pages = [{"url": self._url(lang), "revision": self._page_hash(lang)} for lang in dict(settings.LANGUAGES)]
        return [*files, *pages, {"url": reverse(self.manifest_address), "revision": file_hash("img/seal.svg")}]
