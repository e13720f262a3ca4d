"""``python -m ebit`` is the command ``ebit``."""

import sys

from ebit.cli import main

sys.exit(main())
