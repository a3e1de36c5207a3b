"""Starting with the computer, for this user alone and without an administrator."""

import os
import sys
from pathlib import Path
from typing import List

UNIT = """[Unit]
Description=IMMIS weighbridge agent
After=network-online.target

[Service]
ExecStart={command}
Restart=always
RestartSec=3
Nice=5

[Install]
WantedBy=default.target
"""
BATCH = """@echo off
rem IMMIS weighbridge agent: starts with this user, needs no administrator.
start "" /min {command}
"""


def quoted(parts: List[str]) -> str:
    """A command line for both kinds of file."""
    return " ".join(f'"{part}"' for part in parts)


def start_command(home: Path) -> List[str]:
    """How this very agent is started again."""
    packed = Path(sys.argv[0]).resolve()
    python = Path(sys.executable)
    quiet = python.with_name("pythonw.exe")
    program = [str(packed)] if packed.suffix == ".pyz" else ["-m", __package__]
    return [str(quiet if quiet.exists() else python), *program, "--home", str(home.resolve()), "run"]


def install(home: Path, windows: bool = os.name == "nt") -> Path:
    """Write the file that starts the agent; where it lies."""
    command = quoted(start_command(home))
    if windows:
        start = Path(os.environ["APPDATA"]) / "Microsoft/Windows/Start Menu/Programs/Startup"
        path, text = start / "immis-agent.bat", BATCH.format(command=command).replace("\n", "\r\n")
    else:
        config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        path, text = config / "systemd/user/immis-agent.service", UNIT.format(command=command)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf8"))
    return path
