"""The figures of policy that the gateway works by; they reach it in the snapshot, anew when a day brings others."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from immis.rules.calendar import india_day
from immis.rules.movement.readings import readings_at
from immis.rules.policy import book


def gateway_figures(at: datetime) -> dict[str, Any]:
    """How long positions stay on line, in days (TRG-120), how packets are read (MOV-20…MOV-28, MOV-30), how a
    command travels over HTTP (DEV-19), ranges of M2M SIMs (DEV-20)."""
    return {
        "retention_days": int(book().value("TRG-120", at)),
        "readings": asdict(readings_at(book(), india_day(at))),
        "networks": list(book().value("DEV-20", at)),
        "http_command": str(book().value("DEV-19", at)),
    }
