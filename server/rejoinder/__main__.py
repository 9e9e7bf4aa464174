"""`python -m rejoinder`, the same as the command `rejoinder`."""

import sys

from rejoinder.cli import main

sys.exit(main())
