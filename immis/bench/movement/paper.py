"""What a process of its own does in the store of a bench: it is asked by a file, and answers in it."""

import json
import os
from pathlib import Path

from immis.bench.movement import issue_world, live, store

ACTS = {
    "seed": issue_world.seed,
    "count": issue_world.count,
    "costs": issue_world.costs,
    "seed_live": live.seed,
    "looked_at": live.looked_at,
    "sample": store.sample,
}


def answer_paper() -> None:
    """Do what the file named by IMMIS_BENCH_PAPER asks, and write the answer into it."""
    path = Path(os.environ["IMMIS_BENCH_PAPER"])
    asked = json.loads(path.read_text())
    path.write_text(json.dumps(ACTS[asked.pop("act")](**asked)))
