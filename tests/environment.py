"""Read before Django's settings are: every test process keeps its data in a folder of its own."""

import atexit
import os
import shutil
import tempfile

_HOME = tempfile.mkdtemp(prefix="immis-test-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["IMMIS_DATA"] = _HOME
os.environ.setdefault("IMMIS_SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.pop("IMMIS_CLOCK", None)
os.environ.pop("IMMIS_DEMO", None)
os.environ.pop("IMMIS_PRODUCTION", None)
os.environ["IMMIS_NO_SECOND_FACTOR"] = "1"  # tests of the second factor switch it on
