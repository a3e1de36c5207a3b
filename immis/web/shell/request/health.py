"""Whether the service lives, whether it can work, and its figures."""

import time
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from immis import __version__, clock
from immis.core.access.permissions import SYSTEM
from immis.core.installation.readiness import warnings
from immis.core.selectors import action_log
from immis.enforcement.selectors import pending_count
from immis.registry.selectors import blocks, vehicles
from immis.web.shell.views import PUBLIC, page

_STARTED_S = time.monotonic()


@page(PUBLIC)
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"ok": True, "version": __version__})


@page(PUBLIC)
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration; 503 with the reason otherwise. What ends soon is warned of."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return JsonResponse({"ready": False, "reason": type(error).__name__}, status=503)
    answer: dict[str, Any] = {"ready": not missing, "migrations_missing": len(missing)}
    if not missing and (warned := warnings(at=clock.now())):
        answer["warnings"] = warned
    return JsonResponse(answer, status=503 if missing else 200)


def figures() -> dict[str, float]:
    """What a machine watches: work that waits, sizes, age of the process."""
    newest = action_log(SYSTEM).first()
    return {
        "web_uptime_seconds": round(time.monotonic() - _STARTED_S, 1),
        "clock_seconds": round(clock.now().timestamp(), 3),
        "outbox_waiting": pending_count(),
        "action_log_lines": newest.seq if newest else 0,
        "blocks": blocks().count(),
        "vehicles": vehicles().count(),
    }


@page(PUBLIC)
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures of the service in the text format that Prometheus reads."""
    lines = ["# TYPE immis_info gauge", f'immis_info{{version="{__version__}"}} 1']
    for name, value in figures().items():
        lines += [f"# TYPE immis_{name} gauge", f"immis_{name} {value}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")
