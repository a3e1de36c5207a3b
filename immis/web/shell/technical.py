"""What a machine wrote for machines (facts by their keys, hashes, codes), folded away in a cell of a list."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from immis.web.shell.log_facts import flat


def folded(facts: Mapping[str, Any], *more: str) -> SafeString | str:
    """The facts of a line of the log, with its code and hash, under technical details; empty where there are none."""
    words = ", ".join(f"{name}: {value}" for name, value in flat(facts))
    text = " · ".join(filter(None, (words, *more)))
    if not text:
        return ""
    return format_html(
        '<details class="technical"><summary>{}</summary><code>{}</code></details>', _("Technical details"), text
    )
