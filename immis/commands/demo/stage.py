"""The stage of a season: a data folder of its own, the real processes, and the outside systems beside them."""

import json
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from immis import clock
from immis.private import make_private

MARK = "demo.json"
FIRST_INSTANT = "2026-05-12T10:00:00+05:30"


class NotForDemo(Exception):
    """The data folder or database holds something that is no demo."""


@dataclass
class Stage:
    """Where a season is played: addresses and environment of every process."""

    data: Path
    port: int
    gateway_port: int
    treasury_port: int
    sms_port: int
    env: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway(self) -> str:
        return f"127.0.0.1:{self.gateway_port}"

    def user_ids(self) -> dict[str, str]:
        """The user IDs that the bidders of the season were mailed, by the names that the cast has for them."""
        mark = json.loads((self.data / MARK).read_text(encoding="utf8"))
        return dict(mark.get("user_ids", {}))

    def keep_user_ids(self, user_ids: Mapping[str, str]) -> None:
        """Write them down beside the data, for whoever plays on."""
        (self.data / MARK).write_text(json.dumps({"made_by": "immis demo", "user_ids": dict(user_ids)}))

    @property
    def treasury(self) -> str:
        return f"127.0.0.1:{self.treasury_port}"

    @property
    def treasury_argv(self) -> list[str]:
        """The command of the treasury simulator, an outside system with a process of its own."""
        notify = f"{self.url}/treasury/notify"
        own = [sys.executable, "-m", "immis.cli", "simulate", "treasury"]
        return [*own, "--listen", self.treasury, "--notify", notify]

    @property
    def sms_argv(self) -> list[str]:
        """The command of the stand-in for the operators of SMS."""
        return [sys.executable, "-m", "immis.cli", "simulate", "sms", "--listen", f"127.0.0.1:{self.sms_port}"]

    @property
    def sms_settings(self) -> dict[str, str]:
        """The office's settings for it: as C-DAC Mobile Seva, with the simulator's own secrets."""
        url = f"http://127.0.0.1:{self.sms_port}"
        return {
            "IMMIS_SMS_VENDOR": "cdac",
            "IMMIS_SMS_URL": f"{url}/esms/sendsmsrequestDLT",
            "IMMIS_SMS_REPORT_URL": f"{url}/ReportAPI/csvreport",
            "IMMIS_SMS_USER": "immis",
            "IMMIS_SMS_PASSWORD": "secret",
            "IMMIS_SMS_KEY": "key",
            "IMMIS_SMS_ENTITY": "1101000000000000001",
        }


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clear(data: Path) -> None:
    """Empty a folder that an earlier demo left. Raises NotForDemo when it holds anything else."""
    if not data.exists() or not any(data.iterdir()):
        make_private(data)
    elif (data / MARK).exists():
        for row in data.iterdir():
            shutil.rmtree(row) if row.is_dir() else row.unlink()
    else:
        raise NotForDemo(f"{data} holds data that no demo made; set IMMIS_DATA to another folder")
    (data / MARK).write_text(json.dumps({"made_by": "immis demo"}))


def build(*, port: int, more: Mapping[str, str] | None = None, keep: bool = False) -> Stage:
    """Prepare folder, addresses and environment for a season, in this process too.

    ``keep`` stands the stage on what an ended season left. Raises NotForDemo when
    real data would be in the way, or nothing is there to be kept.
    """
    data = clock.data_dir()
    if not keep:
        clear(data)
    elif not (data / MARK).exists():
        raise NotForDemo(f"{data} holds no season of a demo")
    stage = Stage(data=data, port=port, gateway_port=free_port(), treasury_port=free_port(), sms_port=free_port())
    stage.env = {
        "IMMIS_DATA": str(data),
        "IMMIS_DEMO": "1",
        "IMMIS_CLOCK": f"{FIRST_INSTANT};1",
        "IMMIS_PUBLIC_URL": stage.url,
        "IMMIS_TREASURY_URL": f"http://{stage.treasury}",
        "IMMIS_GATEWAY_LISTEN": stage.gateway,
        "IMMIS_LISTEN": f"127.0.0.1:{port}",
        **stage.sms_settings,
        **(more or {}),
    }
    os.environ.update(stage.env)
    clock.forget()
    return stage
