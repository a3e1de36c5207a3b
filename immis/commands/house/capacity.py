"""``immis capacity``: a sizing proposal from the load of this installation and a table of growth (A-29)."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from immis import clock, setup_django


@click.command(epilog="Example: immis capacity --pdf proposal.pdf")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.option("--challans", type=click.IntRange(0), help="E-challans of the busiest day, in place of those counted.")
@click.option("--devices", type=click.IntRange(0), help="Devices that report, in place of those on record.")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write the proposal as a paper.")
def command(as_json: bool, challans: int | None, devices: int | None, pdf: Path | None) -> None:
    """Propose machines and storage for the years to come, with three options."""
    setup_django()
    from django.db import DatabaseError

    from immis.analytics.capacity import load_of
    from immis.analytics.capacity_paper import proposal_pdf
    from immis.rules.capacity import Load, options_of, years_of
    from immis.rules.policy import book

    at = clock.now()
    try:
        load = load_of(at)
    except DatabaseError as error:
        click.echo(f"immis capacity: no installation here: {error}", err=True)
        raise click.exceptions.Exit(2) from None
    given = {"challans_a_day": challans, "devices": devices}
    load = Load(**{**asdict(load), **{name: value for name, value in given.items() if value is not None}})
    terms = book().value("CAP-01", at)
    rows = years_of(load, terms)
    options = options_of(rows, terms)
    if pdf:
        pdf.write_bytes(proposal_pdf(load, rows, options, at=at))
    report: dict[str, Any] = {
        "load": asdict(load),
        "years": [asdict(row) for row in rows],
        "options": [asdict(row) for row in options],
        "status": book().at("CAP-01", at).status,
    }
    click.echo(json.dumps(report, indent=1) if as_json else _table(report))


def _table(report: dict[str, Any]) -> str:
    load = report["load"]
    stored = f"{load['records_gb']:.2f} + {load['positions_gb']:.2f} + {load['files_gb']:.2f} GB"
    lines = [f"now: {load['challans_a_day']} e-challans on the busiest day, {load['devices']} devices, {stored}"]
    lines += [
        f"year {row['year']}: {row['challans_a_day']} e-challans, {row['devices']} devices: "
        f"{row['cores']} cores, {row['memory_gb']} GB memory, {row['storage_gb']} GB storage"
        for row in report["years"]
    ]
    lines += [
        f"option {row['code']}: {row['machines']} x {row['cores']} cores, {row['memory_gb']} GB, "
        f"{row['storage_gb']} GB each; answers {row['available_percent']} % of the year"
        for row in report["options"]
    ]
    return "\n".join(lines)
