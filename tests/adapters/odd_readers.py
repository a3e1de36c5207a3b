"""Readers that misbehave, for a child to be ended."""

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path


def spin():
    while True:
        pass


def sleep():
    time.sleep(600)


def sleep_marked(path):
    Path(path + ".part").write_text(str(os.getpid()))
    os.replace(path + ".part", path)
    time.sleep(600)


def hoard():  # one large piece: the limit is what stops it, not the clock
    return len(bytes(10_000_000_000))


def flood():
    return "x" * 3_000_000


def pour():
    ctypes.CDLL(None).write(1, b"x" * 3_000_000, 3_000_000)
    ctypes.CDLL(None).write(1, b"x" * 3_000_000, 3_000_000)


def abort():
    os.abort()


def unknown_fault():
    raise ZeroDivisionError


def spawn():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)  # immis-odd-grandchild"])
    time.sleep(600)


def surroundings():
    return list(os.environ), sorted(sys.modules)
