"""``immis bench``: measures one part on this machine, figure and conditions together."""

import contextlib
import json
import platform
import resource
import subprocess
from collections.abc import Callable
from typing import Any

import click

from immis.bench.own_postgres import Lacking

Result = dict[str, Any]


def _telemetry() -> Result:
    from immis.bench.gateway import telemetry

    return telemetry.run()


def _cluster() -> Result:
    from immis.bench.gateway import cluster

    return cluster.run()


def _fences() -> Result:
    from immis.bench.gateway import positions

    return positions.fences()


def _history() -> Result:
    from immis.bench.gateway import positions

    return positions.history()


def _latency() -> Result:
    from immis.bench import screen

    return screen.latency()


def _replay() -> Result:
    from immis.bench import screen

    return screen.latency(replaying=50, rate=25_000, seconds=20.0)


def _storm() -> Result:
    from immis.bench.gateway import trouble

    return trouble.storm()


def _kill() -> Result:
    from immis.bench.gateway import trouble

    return trouble.kill()


def _fuzz() -> Result:
    from immis.bench.gateway import trouble

    return trouble.fuzz()


def _pass() -> Result:
    from immis.bench.passes import sign

    return sign.run()


def _deadlines() -> Result:
    from immis.bench.movement import live

    return live.run()


def _verify() -> Result:
    from immis.bench.passes import verify

    return verify.verify()


def _auction() -> Result:
    from immis.bench import auction

    return auction.run()


def _ledger() -> Result:
    from immis.bench import money

    return money.ledger()


def _desk() -> Result:
    from immis.bench.office import desk

    return desk.run()


def _dues() -> Result:
    from immis.bench import money

    return money.dues()


def _night() -> Result:
    from immis.bench import money

    return money.night()


def _trust() -> Result:
    from immis.bench.gateway import labelled

    each = 20
    result = labelled.run(each=each, seed=1)
    matrix, scenes = result["matrix"], result["scenes"]
    right = 100 * (matrix["true_told"] + matrix["true_quiet"]) / sum(matrix.values())
    conditions = (
        f"{each} drives a scene; tampering told {matrix['true_told']}, missed {matrix['false_quiet']}; "
        f"honest told {matrix['false_told']}, quiet {matrix['true_quiet']}"
    )
    parts = [{"scene": name, "tampering": row["tampering"], "told": row["told"]} for name, row in scenes.items()]
    return {
        "name": "trust",
        "figure": round(right, 1),
        "unit": "% judged right",
        "conditions": conditions,
        "parts": parts,
    }


def _uploads() -> Result:
    from immis.bench import uploads

    return uploads.run()


def _registers() -> Result:
    from immis.bench import registers

    return registers.registers()


def _search() -> Result:
    from immis.bench import search

    return search.search()


def _sheets() -> Result:
    from immis.bench import sheets

    return sheets.sheets()


def _year() -> Result:
    from immis.bench import year

    return year.year()


def _challan() -> Result:
    from immis.bench.movement import issue

    return issue.run()


def _weighbridge() -> Result:
    from immis.bench.weighbridge import state

    return state.run()


BENCHES: dict[str, Callable[[], Result]] = {
    "auction": _auction,
    "challan": _challan,
    "cluster": _cluster,
    "deadlines": _deadlines,
    "desk": _desk,
    "dues": _dues,
    "fences": _fences,
    "fuzz": _fuzz,
    "history": _history,
    "kill": _kill,
    "latency": _latency,
    "ledger": _ledger,
    "night": _night,
    "pass": _pass,
    "registers": _registers,
    "replay": _replay,
    "search": _search,
    "sheets": _sheets,
    "storm": _storm,
    "telemetry": _telemetry,
    "trust": _trust,
    "uploads": _uploads,
    "verify": _verify,
    "weighbridge": _weighbridge,
    "year": _year,
}


@click.command()
@click.argument("name", required=False, type=click.Choice(sorted(BENCHES)))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each benchmark.")
def command(name: str | None, as_json: bool) -> None:
    """Measure one part, or all of them, on this machine.

    Example: immis bench telemetry --json
    """
    raise_open_files()
    results = [_show(row, as_json=as_json) for row in ([name] if name else sorted(BENCHES))]
    if not all(results):
        raise SystemExit(1)


def raise_open_files() -> int:
    """Let this process and its children open as many files as the system allows this account; answers how many."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # a system that allows less than it says
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _show(row: str, *, as_json: bool) -> bool:
    """Run one benchmark and print its figure, or why there is none; answers whether it was measured."""
    try:
        result = BENCHES[row]()
    except (Lacking, ModuleNotFoundError) as missing:
        why = str(missing) if isinstance(missing, Lacking) else f"the package {missing.name}; run: make setup-dev"
        return _without(row, f"needs {why}", as_json=as_json)
    except (click.ClickException, OSError, RuntimeError, subprocess.SubprocessError) as fault:
        return _without(row, f"failed: {getattr(fault, 'message', fault)}", as_json=as_json)
    _print(result, as_json=as_json)
    return not any("failed" in part for part in result.get("parts", ()))


def _without(row: str, why: str, *, as_json: bool) -> bool:
    click.echo(json.dumps({"name": row, "figure": None, "why": why}) if as_json else f"{row:<12} not measured: {why}")
    return False


def _print(result: Result, *, as_json: bool) -> None:
    result["conditions"] = f"{result['conditions']}; {platform.machine()}, Python {platform.python_version()}"
    if as_json:
        click.echo(json.dumps(result))
    else:
        click.echo(f"{result['name']:<12} {result['figure']:>12,} {result['unit']:<28} {result['conditions']}")
        for part in result.get("parts", ()):
            click.echo("  " + ", ".join(f"{name} {value}" for name, value in part.items()))
