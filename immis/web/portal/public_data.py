"""Open data: what is published, as files under ``$IMMIS_DATA/public`` and as pages that list them."""

import mimetypes
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils._os import safe_join
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from immis.core.signing.keyring import published_keys
from immis.registry.selectors import blocks
from immis.web.registry.features import block_feature
from immis.web.shell.views import PUBLIC, page

_LIMIT = 500
_SHARED = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60"}
mimetypes.add_type("application/geo+json", ".geojson")


def _public_dir() -> Path:
    return Path(settings.PUBLIC_DIR)


def _files() -> list[dict[str, Any]]:
    root = _public_dir()
    result = sorted(path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))
    return [_listed(path, path.relative_to(root).as_posix()) for path in result[:_LIMIT]]


def _listed(path: Path, name: str) -> dict[str, Any]:
    result = path.stat()
    changed = datetime.fromtimestamp(result.st_mtime, tz=UTC)
    return {"name": name, "folder": name.rpartition("/")[0], "bytes": result.st_size, "changed": changed}


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than any file's
        return False


@page(PUBLIC)
def index(request: HttpRequest) -> HttpResponse:
    """What is published and in which format."""
    files = _files()
    kinds = {"ocds": [], "auctions": [], "": []}
    for file in files:
        kinds[file["folder"] if file["folder"] in kinds else ""].append(file)
    context = {"releases": kinds["ocds"], "audits": kinds["auctions"], "files": kinds[""], "limit": _LIMIT}
    context |= {"signing_keys": published_keys(_public_dir())}
    context |= {"prefix": settings.OCID_PREFIX, "registered": settings.OCID_PREFIX != settings.OCID_PLACEHOLDER}
    return render(request, "portal/data.html", {**context, "cut": len(files) == _LIMIT})


@page(PUBLIC)
def published(request: HttpRequest, name: str) -> HttpResponseBase:
    """One published file; nothing outside the public folder can be named."""
    try:
        path = Path(safe_join(_public_dir(), name))
    except SuspiciousFileOperation as error:
        raise Http404("not a published file") from error
    if not _is_file(path) or any(part.startswith(".") for part in path.relative_to(_public_dir().resolve()).parts):
        raise Http404("not a published file")
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind in {"text/html", "image/svg+xml"}:
        kind = "text/plain"
    file = path.open("rb")  # the facts below are those of the opened file, even if a newer one takes its place
    result = os.fstat(file.fileno())
    etag, changed = f'"{result.st_mtime_ns:x}-{result.st_size:x}"', int(result.st_mtime)
    known = get_conditional_response(request, etag=etag, last_modified=changed)
    response = known or FileResponse(file, content_type=kind)
    if known is not None:
        file.close()
    for name, value in (_SHARED | {"ETag": etag, "Last-Modified": http_date(changed)}).items():
        response.headers[name] = value
    return response


@page(PUBLIC)
def ghats_geojson(request: HttpRequest) -> HttpResponse:
    """All sand ghats (or those of ``?district=``) as GeoJSON, WGS 84; names in both languages."""
    only = {key: request.GET[key] for key in ("district", "code") if request.GET.get(key)}
    features = [block_feature(block) for block in blocks(**only)]
    body = {"type": "FeatureCollection", "features": features}
    headers = {"Access-Control-Allow-Origin": "*"}
    return JsonResponse(
        body, content_type="application/geo+json", headers=headers, json_dumps_params={"ensure_ascii": False}
    )
