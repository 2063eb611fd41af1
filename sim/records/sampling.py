"""How draws are spread over a distribution."""

from __future__ import annotations

PLAIN = "plain"  # each draw by itself: a row stays what it is when more are asked for
LATIN = "latin"  # Latin hypercube: for each name, one draw in each of as many slices as there are draws
SAMPLINGS = (PLAIN, LATIN)  # the first is taken where nothing is said

# what is above is a slip of the keyboard; a seed beyond 63 bits fits no file
MOST_DRAWS, MOST_SEED = 1_000_000, 2**63 - 1

# Draws at most: few enough for the cache of a core, enough that numpy's cost per call does not count.
# A draw's numbers do not depend on it.
BATCH = 160
