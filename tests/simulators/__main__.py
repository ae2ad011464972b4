"""Runs one simulator until it is interrupted."""

import sys

from tests.simulators.serve import main

sys.exit(main())
