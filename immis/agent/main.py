"""The agent's command line; the same in the packed file and as ``immis weighbridge agent``."""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Dict, List, Optional

from . import VERSION, autostart, supervise
from .client import Refused
from .page import PORT, in_words, serve
from .scale import ports
from .store import Store
from .update import Versions, look
from .work import Agent, Home

_LOOK_SECONDS = 3600
UNUSABLE = 2


def _parser(name: str) -> argparse.ArgumentParser:
    example = f"Example: {name} pair https://immis.example 123456"
    parser = argparse.ArgumentParser(
        name, description="Read a scale, sign what it shows, hand it over.", epilog=example
    )
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument(
        "--home", type=Path, default=Path(os.environ.get("IMMIS_AGENT_HOME", Path.home() / ".immis-agent"))
    )
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    pair = acts.add_parser("pair", help="pair with the portal by the six digits that its page shows")
    pair.add_argument("url")
    pair.add_argument("code")
    pair.add_argument("--root", default="", help="the department's key for updates, where it is told by hand")
    for act, words in (
        ("run", "work, start again after a fault, take updates"),
        ("work", "work once, without a guard"),
    ):
        one = acts.add_parser(act, help=words)
        one.add_argument("--port", help="serial port; found by itself where it is not told")
        one.add_argument("--page", type=int, default=PORT, help="port of the page on this computer (0: any)")
    status = acts.add_parser("status", help="pairing, queue and port")
    status.add_argument("--json", action="store_true", help="JSON")
    find = acts.add_parser("find", help="which speed and format a port speaks")
    find.add_argument("--port")
    acts.add_parser("autostart", help="start with this computer's user, without an administrator")
    return parser


def main(arguments: Optional[List[str]] = None, name: str = "immis-agent") -> int:
    """0 where it did its job, 1 where a port makes no sense, 2 where the call or an answer was unusable."""
    call = _parser(name).parse_args(arguments)
    act = {"pair": _pair, "run": _run, "work": _work, "status": _status, "find": _find, "autostart": _autostart}[
        call.act
    ]
    try:
        return act(call)
    except (OSError, ValueError) as fault:
        said = in_words(fault.body) if isinstance(fault, Refused) else ""
        print(f"{name}: {said or fault}", file=sys.stderr)
        return UNUSABLE


def _pair(call: argparse.Namespace) -> int:
    home = Home(call.home)
    answer = home.pair(call.url, call.code)
    if call.root:
        home.store.keep(root=call.root)
    print(json.dumps({"device": answer["device"], "bridge": answer["bridge"]}, ensure_ascii=False))
    home.close()
    return 0


def _rest(call: argparse.Namespace) -> List[str]:
    return ["--page", str(call.page), *(["--port", call.port] if call.port else [])]


def _run(call: argparse.Namespace) -> int:
    call.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return supervise.supervise(call.home, _rest(call))


def _work(call: argparse.Namespace) -> int:
    agent, ended = Agent(call.home), threading.Event()
    if call.port and call.port != agent.home.store.fact("port"):
        agent.home.store.keep(port=call.port, link=None)
    page = serve(agent, call.page)
    threading.Thread(target=page.serve_forever, daemon=True, name="page").start()
    agent.start()
    print(json.dumps({"page": f"http://127.0.0.1:{page.server_address[1]}/", "version": VERSION}), flush=True)
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: ended.set())
    versions, status, waited = Versions(call.home), 0, 0
    while not ended.wait(1):
        waited += 1
        if agent.sender.online:
            versions.runs_well()
        if waited % _LOOK_SECONDS == 30 and _newer(agent, versions):
            status = supervise.NEWER
            break
    page.shutdown()
    agent.stop()
    return status


def _newer(agent: Agent, versions: Versions) -> bool:
    client, root = agent.home.client(), agent.home.store.fact("root")
    return bool(client and root and look(client, root, versions))


def _status(call: argparse.Namespace) -> int:
    if not (call.home / "agent.db").exists():
        raise ValueError(f"nothing is kept in {call.home} yet: pair first")
    store = Store(call.home / "agent.db")
    link: Dict[str, Any] = store.fact("link") or {}
    row = {"device": store.fact("device"), "url": store.fact("url"), "port": link.get("port"), "queued": store.queued()}
    row.update(taken_up_to=store.fact("taken_up_to", 0), drift_ms=store.fact("drift_ms"), version=VERSION)
    store.close()
    print(json.dumps(row) if call.json else "\n".join(f"{name:<12} {value}" for name, value in row.items()))
    return 0


def _find(call: argparse.Namespace) -> int:
    names = [call.port] if call.port else [name for name, _words in ports.ports()]
    for name in names:
        link, _heard = ports.find(name)
        if link is not None:
            row = {"port": name, "speed": link.setting.speed, "bits": link.setting.bits, "format": link.form["name"]}
            print(json.dumps(row))
            return 0
    print("no port makes sense: %s" % (", ".join(names) or "there is none"), file=sys.stderr)
    return 1


def _autostart(call: argparse.Namespace) -> int:
    path = autostart.install(call.home)
    print(path)
    if path.suffix == ".service":
        print("systemctl --user enable --now immis-agent; loginctl enable-linger")
    return 0
