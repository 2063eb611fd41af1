"""All that workers need, loaded where this is imported: before they are forked, so that each of them has it."""

from __future__ import annotations

from contextlib import suppress

from sim.loading import undisturbed

with undisturbed():
    import scipy.special  # noqa: F401 - scipy itself loads its parts when they are first used

    import sim.study.telling
    import sim.study.workers  # noqa: F401
    from sim.engine import load
    from sim.errors import ScenarioError

    with suppress(ScenarioError):  # an engine that is not here is told by who asked for the work
        load()
