"""The figures of policy that the gateway works by; they reach it in the snapshot."""

from datetime import datetime
from typing import Any

from immis.rules.policy import book


def gateway_figures(at: datetime) -> dict[str, Any]:
    """How long positions stay on line, in days (TRG-120)."""
    return {"retention_days": int(book().value("TRG-120", at))}
