"""The office keeps its line to the gateway's file open, and yet reads the file that lies there now."""

import os
import shutil
import threading

from immis.gateway.state.fleet import Fleet
from immis.gateway.store.outbox import Outbox, fact_of


def written(folder, value):
    outbox = Outbox(folder)
    outbox.commit(events=[], fleet=Fleet(), rests={}, facts={"mark": value})
    outbox.close()


def test_what_was_committed_last_is_read_and_another_file_in_its_place_too(tmp_path):
    assert fact_of(tmp_path, "mark", "none") == "none"
    written(tmp_path, "first")
    assert fact_of(tmp_path, "mark", "none") == "first"
    written(tmp_path, "second")
    assert fact_of(tmp_path, "mark", "none") == "second"
    shutil.move(tmp_path / "gateway", tmp_path / "before")
    assert fact_of(tmp_path, "mark", "none") == "none"
    written(tmp_path, "restored")
    assert fact_of(tmp_path, "mark", "none") == "restored"


def test_two_folders_and_two_threads_do_not_meet(tmp_path):
    for name in ("a", "b"):
        written(tmp_path / name, name)
    heard = []

    def read():
        heard.append([fact_of(tmp_path / name, "mark", "") for name in "abab"])

    threads = [threading.Thread(target=read) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert heard == [list("abab")] * 3


def test_a_child_that_was_forked_has_a_line_of_its_own(tmp_path):
    written(tmp_path, "kept")
    assert fact_of(tmp_path, "mark", "") == "kept"
    if (child := os.fork()) == 0:
        os._exit(0 if fact_of(tmp_path, "mark", "") == "kept" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert fact_of(tmp_path, "mark", "") == "kept"
