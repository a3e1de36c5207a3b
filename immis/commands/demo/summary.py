"""What a season left behind: the figures of the contract, as ``immis figures`` counts them."""

import json
import os
import subprocess
import sys
from typing import Any

from immis.commands.demo.cast import DISTRICT
from immis.commands.demo.stage import Stage

_FIGURES = [sys.executable, "-m", "immis.cli", "figures", "--json"]


def counted(stage: Stage) -> dict[str, Any]:
    """The summary of the contract, without ``seconds``; ghats and auctions are those of the notice of Munger."""
    done = subprocess.run(_FIGURES, env={**os.environ, **stage.env}, stdout=subprocess.PIPE, text=True, check=False)
    figures = json.loads(done.stdout)
    districts = figures.pop("districts")
    own = {name: districts[DISTRICT][name] for name in ("ghats", "auctions")}
    settled = {name: sum(row[name] for row in districts.values()) for name in ("lois", "leases")}
    return {**own, **settled, **figures}
