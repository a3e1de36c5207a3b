"""A Spark cluster on this machine: one master and two workers, each a process of its own."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_UP_S = 60
#: Four small Java machines that live for seconds: start fast, compile little, share what Java has read before.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -XX:-UsePerfData"


@contextmanager
def spark_cluster(folder: Path, workers: int = 2) -> Iterator[str]:
    """``spark://…`` of a cluster that is up; its processes end with this."""
    import pyspark

    home = str(Path(pyspark.__file__).parent)
    env = {**os.environ, "SPARK_HOME": home, "SPARK_LOG_DIR": str(folder), "SPARK_NO_DAEMONIZE": "1"}
    env |= {"SPARK_DAEMON_MEMORY": "128m", "JAVA_TOOL_OPTIONS": JAVA}
    port, running = _free_port(), []

    def start(name: str, *arguments: str) -> None:
        with (folder / f"{name}.log").open("wb") as log:
            argv = [f"{home}/bin/spark-class", *arguments, "--host", "127.0.0.1", "--webui-port", "0"]
            running.append(subprocess.Popen(argv, env=env, cwd=folder, stdout=log, stderr=log, start_new_session=True))

    try:
        start("master", "org.apache.spark.deploy.master.Master", "--port", str(port))
        _until(folder / "master.log", "elected leader", 1)  # a worker that comes too early waits long for its next try
        for n in range(workers):
            start(f"worker{n}", "org.apache.spark.deploy.worker.Worker", f"spark://127.0.0.1:{port}", "--cores", "1",
                  "--memory", "1g", "--work-dir", str(folder / f"work{n}"))  # fmt: skip
        _until(folder / "master.log", "Registering worker", workers)
        yield f"spark://127.0.0.1:{port}"
    finally:
        for process in running:
            process.kill()
            process.wait()


def _until(log: Path, words: str, times: int) -> None:
    until = time.monotonic() + _UP_S
    while log.read_text().count(words) < times:
        if time.monotonic() > until:
            raise TimeoutError(log.read_text()[-2000:])
        time.sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])
