"""The office's end of a cluster: events and last positions of all partitions into one file, its snapshot to all."""

import asyncio
import fcntl
import json
import logging
import signal
import sys
from base64 import b64decode
from pathlib import Path

import uvloop
from nats.js.errors import APIError

from immis.gateway.cluster.jetstream import FAULTS, Cluster, end_all, end_with_input, follow
from immis.gateway.cluster.snapshots import publish_snapshots
from immis.gateway.store.outbox import Outbox

_EVENTS, _LAST = "IMMIS_EVENTS", "IMMIS_LAST"


class Office:
    """Merges what partitions tell into ``$DIR/gateway/gateway.db``, in one transaction with how far it came."""

    def __init__(self, data_dir: str | Path, *, url: str) -> None:
        self._data_dir, self._url = Path(data_dir), url
        (self._data_dir / "gateway").mkdir(parents=True, exist_ok=True)
        self._lock = (self._data_dir / "gateway" / "office.lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._outbox = Outbox(data_dir)

    async def work(self) -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        end_with_input(loop, stop)
        cluster = await Cluster.open(self._url, name="office")
        tasks = [
            asyncio.create_task(self._merge_events(cluster)),
            asyncio.create_task(self._merge_devices(cluster)),
            asyncio.create_task(publish_snapshots(cluster, self._data_dir)),
        ]
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        await self._caught_up(cluster)
        await end_all([*tasks, stopped])
        self._outbox.close()
        await cluster.close()

    async def _merge_events(self, cluster: Cluster) -> None:
        async for messages in follow(cluster, _EVENTS, first=self._outbox.fact(_place(_EVENTS), 0) + 1):
            rows = [tuple(row) for _, payload, _ in messages for row in json.loads(payload)]
            self._outbox.merge(events=rows, devices=[], facts={_place(_EVENTS): messages[-1][0]})

    async def _merge_devices(self, cluster: Cluster) -> None:
        async for messages in follow(cluster, _LAST, first=self._outbox.fact(_place(_LAST), 0) + 1):
            for number, payload, _ in messages:
                text = json.loads(payload)
                devices = [(imei, b64decode(hot), b64decode(kept)) for imei, hot, kept in text["devices"]]
                self._outbox.merge(events=[], devices=devices, facts={**text["layouts"], _place(_LAST): number})

    async def _caught_up(self, cluster: Cluster) -> None:
        """Wait a moment for what the streams already have."""
        for _ in range(60):
            try:
                states = [(s, (await cluster.js.stream_info(s)).state) for s in (_EVENTS, _LAST)]
            except (*FAULTS, APIError):
                return
            if all(self._outbox.fact(_place(name), 0) >= state.last_seq for name, state in states):
                return
            await asyncio.sleep(0.05)


def _place(stream: str) -> str:
    """The fact that says how far a stream is merged."""
    return f"cluster.{stream}"


def main(data_dir: str, url: str) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    uvloop.run(Office(data_dir, url=url).work())


if __name__ == "__main__":
    main(*sys.argv[1:])
