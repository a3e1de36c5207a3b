"""The office's snapshot of devices and fences, on its way through the cluster to every partition."""

import asyncio
import contextlib
import os
import zlib
from pathlib import Path

from nats.js.errors import APIError, NotFoundError
from nats.js.object_store import ObjectStore

from immis.gateway.cluster.jetstream import FAULTS, Cluster
from immis.gateway.store.snapshot import snapshot_path
from immis.gateway.tolerances import SNAPSHOT_EVERY_S

_STORE = "immis_office"
_SNAPSHOT = "snapshot"


async def publish_snapshots(cluster: Cluster, data_dir: Path) -> None:
    """Hand each new snapshot of the office to all partitions."""
    published: tuple[int, int] | None = None
    while True:
        with contextlib.suppress(FileNotFoundError, *FAULTS, APIError):
            stat = snapshot_path(data_dir).stat()
            if (stat.st_mtime_ns, stat.st_size) != published:
                store = await _store(cluster)
                await store.put(_SNAPSHOT, zlib.compress(snapshot_path(data_dir).read_bytes()))
                published = stat.st_mtime_ns, stat.st_size
        await asyncio.sleep(SNAPSHOT_EVERY_S)


async def fetch_snapshots(cluster: Cluster, data_dir: Path, *, digest: str | None) -> None:
    """Keep the snapshot in a partition's folder the one that the office published last."""
    while True:
        digest = await fetch_snapshot(cluster, data_dir, digest=digest)
        await asyncio.sleep(SNAPSHOT_EVERY_S)


async def fetch_snapshot(cluster: Cluster, data_dir: Path, *, digest: str | None) -> str | None:
    """Fetch the snapshot where it is not the one of this digest; gives the digest of what is there now."""
    path = snapshot_path(data_dir)
    with contextlib.suppress(NotFoundError, *FAULTS, APIError):
        store = await _store(cluster)
        info = await store.get_info(_SNAPSHOT)
        if info.digest != digest:
            result = await store.get(_SNAPSHOT)
            part = path.with_suffix(".fetched")
            part.write_bytes(zlib.decompress(result.data or b""))
            os.replace(part, path)
        return info.digest
    return digest


async def _store(cluster: Cluster) -> ObjectStore:
    try:
        return await cluster.js.object_store(_STORE)
    except NotFoundError:
        made: ObjectStore = await cluster.with_copies(
            lambda copies: cluster.js.create_object_store(_STORE, replicas=copies)
        )
        return made
