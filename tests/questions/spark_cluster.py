"""A Spark cluster on this machine: one master and two workers, each a process of its own."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_UP_S = 60


@contextmanager
def spark_cluster(folder: Path, workers: int = 2) -> Iterator[str]:
    """``spark://…`` of a cluster that is up; its processes end with this."""
    import pyspark

    home = str(Path(pyspark.__file__).parent)
    env = {**os.environ, "SPARK_HOME": home, "SPARK_LOG_DIR": str(folder), "SPARK_NO_DAEMONIZE": "1"}
    env["SPARK_DAEMON_MEMORY"] = "256m"
    port, running = _free_port(), []

    def start(name: str, *arguments: str) -> None:
        with (folder / f"{name}.log").open("wb") as log:
            argv = [f"{home}/bin/spark-class", *arguments, "--host", "127.0.0.1", "--webui-port", "0"]
            running.append(subprocess.Popen(argv, env=env, cwd=folder, stdout=log, stderr=log, start_new_session=True))

    try:
        start("master", "org.apache.spark.deploy.master.Master", "--port", str(port))
        for n in range(workers):
            start(f"worker{n}", "org.apache.spark.deploy.worker.Worker", f"spark://127.0.0.1:{port}", "--cores", "1",
                  "--memory", "1g", "--work-dir", str(folder / f"work{n}"))  # fmt: skip
        _until_registered(folder / "master.log", workers)
        yield f"spark://127.0.0.1:{port}"
    finally:
        for process in running:
            process.kill()
            process.wait()


def _until_registered(log: Path, workers: int) -> None:
    until = time.monotonic() + _UP_S
    while len(re.findall("Registering worker", log.read_text())) < workers:
        if time.monotonic() > until:
            raise TimeoutError(log.read_text()[-2000:])
        time.sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])
