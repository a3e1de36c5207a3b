"""What the worker does for weighbridges: it reads the feed of load cells."""

import logging
from datetime import datetime

from immis.adapters.loadcells.port import LoadCellsUnreachable
from immis.weighbridges.services.cells import last_mark, load_cells, take_weights

log = logging.getLogger(__name__)


def pull_load_cells(*, at: datetime) -> int:
    """Read what the feed of load cells has that is new; answers how much. One that is away is asked again later."""
    port = load_cells()
    if port is None:
        return 0
    try:
        rows = port.weights(last_mark())
    except LoadCellsUnreachable as fault:
        log.warning("the feed of load cells: %s", fault)
        return 0
    return take_weights(rows, at=at) if rows else 0
