"""The page beside a scale, and the agent with what proves it."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from immis import clock
from immis.agent import VERSION
from immis.agent.packing import packed
from immis.agent.scale.frames import declared
from immis.web.shell.views import PUBLIC, page
from immis.web.station.words import station_words

#: Where ``immis weighbridge release`` lays the agent that the department signed.
RELEASED = "agent"


@cache
def _own() -> bytes:
    return packed()


def _released(name: str) -> bytes | None:
    path: Path = clock.data_dir() / RELEASED / name
    return path.read_bytes() if path.exists() else None


@page(PUBLIC)
def station(request: HttpRequest) -> HttpResponse:
    """Weighing in the browser; the key that signs is made here and cannot be taken out (E-158)."""
    return render(request, "station/station.html", {"words": station_words(), "formats": declared()})


@page(PUBLIC)
def manifest(request: HttpRequest) -> HttpResponse:
    """Version and SHA-256 of the agent, with the department's signature once it is released."""
    signed = _released("manifest.json")
    if signed is not None:
        return JsonResponse(json.loads(signed))
    return JsonResponse({"version": VERSION, "sha256": hashlib.sha256(_own()).hexdigest(), "signature": ""})


@page(PUBLIC)
def agent_file(request: HttpRequest) -> HttpResponse:
    """The agent as one file."""
    response = HttpResponse(_released("immis-agent.pyz") or _own(), content_type="application/octet-stream")
    response["Content-Disposition"] = 'attachment; filename="immis-agent.pyz"'
    return response
