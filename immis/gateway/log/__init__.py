"""The log of what devices sent: the port that both ends know, and the segment files behind it."""

from pathlib import Path

from immis.gateway.log.port import Log, LogReader
from immis.gateway.log.rawlog import RawLog, RawLogReader


def open_log(data_dir: str | Path, *, at_least: int = 0) -> Log:
    """The writing end over a data folder; positions below ``at_least`` (a checkpoint) are never given again."""
    return RawLog(Path(data_dir), at_least=at_least)


def open_reader(data_dir: str | Path) -> LogReader:
    """The reading end of the same log."""
    return RawLogReader(Path(data_dir))
