"""How libraries are loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Load without the collection of garbage, which would go through all that is loaded again and again.

    What is there at the end stays for good: it is not looked at later either, nor copied where workers are forked.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collected:
            gc.enable()
