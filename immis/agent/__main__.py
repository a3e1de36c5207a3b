"""``python -m immis.agent``; in the packed file ``immis-agent.pyz`` it is what runs."""

import sys

from .main import main

sys.exit(main())
