"""The telemetry figure: positions a second, counted from rows read back from the store."""

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

from immis.gateway.store import count_positions


def run(*, seconds: float = 10.0, rate: float = 20_000, devices: int = 500) -> dict[str, Any]:
    """Start a gateway and the device simulator, each as its own process, and count what was kept.

    The clock runs from the first packet until the gateway has stored the last one.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {k: v for k, v in os.environ.items() if k != "IMMIS_CLOCK"}
        gateway = subprocess.Popen(
            [sys.executable, "-m", "immis.commands.gateway", "--listen", "127.0.0.1:0", "--data", folder],
            stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        assert gateway.stdout is not None
        try:
            target = json.loads(gateway.stdout.readline())["listening"]
            begun = time.monotonic()
            simulator = subprocess.run(
                [sys.executable, "-m", "immis.commands.simulate", "devices", "--target", target, "--json",
                 "--devices", str(devices), "--rate", str(rate), "--seconds", str(seconds)],
                stdout=subprocess.PIPE, text=True, check=True, env=environment,
            )  # fmt: skip
            gateway.send_signal(signal.SIGTERM)
            gateway.wait(timeout=120)
            took = time.monotonic() - begun
        finally:
            if gateway.poll() is None:
                gateway.kill()
            gateway.wait()
            gateway.stdout.close()
        sent = json.loads(simulator.stdout)
        kept = count_positions(folder)
    conditions = {
        "sent": sent["sent"], "kept": kept, "seconds": round(took, 2), "devices": devices, "offered_per_s": rate,
        "late_ms_p99": sent["late_ms_p99"], "cores": os.cpu_count(), "python": platform.python_version(),
    }  # fmt: skip
    return {"name": "telemetry", "figure": round(kept / took), "unit": "positions/s", "conditions": conditions}
