"""The way to the page beside a scale, and the agent with what proves it."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import get_language

from immis import clock
from immis.agent import VERSION
from immis.agent.packing import packed
from immis.web.shell.views import PUBLIC, page

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
    """To the gate's screen, where one weighs (E-158); the browser takes the six digits behind ``#`` along."""
    return redirect("gate_app", lang=get_language() or "hi")


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
