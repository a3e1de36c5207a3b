"""``immis figures``: what the records of this installation hold, counted, and whether they are whole."""

import json
from typing import Any

import click

from immis import clock, setup_django


@click.command(epilog="Example: immis figures --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Count ghats, auctions and settlements by district, and money, e-challans, positions, triggers and holds.

    Says too whether the ledger balances and the chain of the action log is whole. Exit 0 when both are so, else 1.
    """
    setup_django()
    from django.db import DatabaseError

    try:
        result = figures()
    except DatabaseError as error:
        raise click.UsageError(f"the records cannot be read: {error}; start once with `immis run`") from None
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else "\n".join(_lines(result)))
    raise SystemExit(0 if result["ledger_balanced"] and result["log_verified"] else 1)


def figures() -> dict[str, Any]:
    """The figures by their names; those of ``districts`` by district."""
    from immis.challans import selectors as challans
    from immis.core.access.permissions import SYSTEM
    from immis.core.selectors import broken_link
    from immis.enforcement import selectors as enforcement
    from immis.gateway.store.parquet import count_positions
    from immis.holds import selectors as holds
    from immis.ledger import selectors as ledger
    from immis.registry import selectors as registry
    from immis.tracking import selectors as tracking

    spells = holds.spells()
    return {
        "districts": {name: _of_district(name) for name in sorted({block.district for block in registry.blocks()})},
        "receipts_verified": ledger.receipts(SYSTEM, state__in=["verified", "reconciled"]).count(),
        "challans_issued": challans.challans(SYSTEM).count(),
        "positions_stored": count_positions(clock.data_dir()),
        "trips_completed": tracking.trips(ended_at__isnull=False).count(),
        "triggers": enforcement.trigger_counts(),
        "holds": {"placed": spells.count(), "lifted": spells.filter(ended_at__isnull=False).count()},
        "ledger_balanced": not ledger.problems(),
        "log_verified": broken_link() is None,
    }


def _of_district(district: str) -> dict[str, Any]:
    """Ghats, auctions by their result, letters of intent and deeds of one district."""
    from immis.auctions import selectors as auctions
    from immis.core.access.permissions import SYSTEM
    from immis.leases import selectors as leases
    from immis.registry import selectors as registry

    lots = auctions.lots(SYSTEM, notice__district=district)
    settled = leases.leases(SYSTEM, district=district)
    return {
        "ghats": registry.blocks(district=district).count(),
        "auctions": {
            "held": lots.filter(result="sold").count(),
            "extended": lots.filter(extended_at__isnull=False).count(),
            "single_tender": lots.filter(result="single_bid").count(),
            "no_bid": lots.filter(result="no_bids").count(),
        },
        "lois": settled.filter(loi_on__isnull=False).count(),
        "leases": settled.filter(deed_on__isnull=False).count(),
    }


def _lines(result: dict[str, Any]) -> list[str]:
    rows = {
        f"{district}: {name}": value for district, row in result["districts"].items() for name, value in row.items()
    }
    rows |= {name: value for name, value in result.items() if name != "districts"}
    return [f"{name:<28} {json.dumps(value)}" for name, value in rows.items()]
