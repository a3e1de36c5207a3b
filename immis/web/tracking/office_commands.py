"""Commands to a device as its page shows them, with what became of each (DEV-18)."""

from typing import Any

from django.utils.translation import gettext_lazy

from immis import clock
from immis.tracking.acts import COMMANDS
from immis.tracking.services import commands

STATES = {
    "queued": ("info", gettext_lazy("waits for the device")),
    "sent": ("warn", gettext_lazy("sent, not answered yet")),
    "answered": ("good", gettext_lazy("answered")),
    "failed": ("bad", gettext_lazy("given up")),
}


def command_items(device: Any) -> list[dict[str, Any]]:
    """The last commands of a device as its page shows them."""
    at = clock.now()
    results = []
    for row in commands.commands_of(device)[:20]:
        over = row.state in ("queued", "sent") and row.until < at
        results.append(
            {"row": row, "label": COMMANDS.get(row.act, row.act), "chip": STATES["failed" if over else row.state]}
        )
    return results
