"""Read before Django's settings are: every test process keeps its data in a folder of its own."""

import atexit
import gc
import os
import shutil
import sys
import tempfile

# What is compiled once is kept, whatever the machine's habit: a run starts some two hundred processes of the house,
# and each would compile the same eight hundred modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Rubbish is looked for after so many new objects: a page makes and drops thousands, hardly any of them in a circle;
# while modules are loaded and tests collected, not at all.
gc.set_threshold(50_000, 20, 50)
gc.disable()

_HOME = tempfile.mkdtemp(prefix="immis-test-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["IMMIS_DATA"] = _HOME
os.environ.setdefault("IMMIS_SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.pop("IMMIS_CLOCK", None)
os.environ.pop("IMMIS_DEMO", None)
os.environ.pop("IMMIS_PRODUCTION", None)
os.environ["IMMIS_NO_SECOND_FACTOR"] = "1"  # tests of the second factor switch it on
