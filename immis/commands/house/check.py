"""``immis check``: what of this installation is not set, and what that means."""

import json
import sys
from typing import Any

import click

from immis import clock, setup_django
from immis.private import kind_of_settings, require_private_data

_MARKS = {"set": "ok", "weak": "weak", "missing": "NOT SET"}


@click.command(epilog="Example: immis check --try")
@click.option("--try", "attempt", is_flag=True, help="Also reach for mail, treasury and gateway, a few seconds each.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(attempt: bool, as_json: bool) -> None:
    """Say of each thing that an installation needs whether it is set, and what lacks without it.

    Exit 1 where something is not set that the department cannot begin without.
    """
    require_private_data()
    setup_django()
    from immis.core.installation.kind import installation, require_own_kind
    from immis.core.installation.readiness import ask_all

    require_own_kind()
    answers, row = ask_all(at=clock.now(), attempt=attempt), installation()
    payload: dict[str, Any] = {
        "kind": kind_of_settings(),
        "state": row.state if row else None,
        "districts": row.districts if row else [],
        "checks": [_line(answer) for answer in answers],
    }
    if as_json:
        click.echo(json.dumps(payload, ensure_ascii=False))
    else:
        begun = f"{row.state}, {len(row.districts)} districts" if row else "no department yet: immis setup"
        click.echo(f"{payload['kind']} installation; {begun}")
        for line in payload["checks"]:
            click.echo(_words(line))
    sys.exit(1 if row is None or any(answer.blocks for answer in answers) else 0)


def _line(answer: Any) -> dict[str, Any]:
    from django.utils.translation import override

    with override("en"):
        return {
            "name": answer.check.name,
            "title": str(answer.check.title),
            "state": "failed" if answer.failed else answer.finding.state,
            "needed": answer.check.needed,
            "now": str(answer.finding.now),
            "means": str(answer.check.means),
            "set_by": answer.check.mend,
            "tried": answer.tried,
        }


def _words(line: dict[str, Any]) -> str:
    mark = _MARKS.get(line["state"], "FAILED")
    said = f"{mark:8} {line['title']}: {line['now'] or '—'}" + (f" (tried: {line['tried']})" if line["tried"] else "")
    if line["state"] == "set":
        return said
    return f"{said}\n{'':9}{line['means']}\n{'':9}Set by: {line['set_by']}"
