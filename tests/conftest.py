"""Settles how far property tests search, once for every suite.

The usual search is the same on every machine, so a red run is never bad luck; the long one
(``./dev test --long``) draws anew each time and prints how to repeat what it finds.
"""

import os

from hypothesis import settings

# No deadline: how long one example takes says more about the machine than about the code.
settings.register_profile("usual", deadline=None, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile("long" if os.environ.get("FRONTDESK_LONG") == "1" else "usual")
