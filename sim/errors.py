"""Everything that can go wrong by a user's or the data's doing; each class knows its exit code."""

from __future__ import annotations

UNSOLVED, UNBALANCED = 3, 4  # exit codes; 1 and 2 are faults of the program's use and of its files


class SimError(Exception):
    """Root of the errors that the program explains in a sentence instead of a traceback."""

    exit_code = 1


class ScenarioError(SimError):
    """A scenario file, a name or a value that cannot be accepted; the message lists every fault."""

    exit_code = 2


class DataError(SimError):
    """A statistic, a world file or an array that cannot be what it claims to be."""

    exit_code = 2


class InfeasibleError(SimError):
    """Bounds that contradict each other or the capacity, found before solving."""

    exit_code = UNSOLVED


class ConvergenceError(SimError):
    """The central run found no equilibrium."""

    exit_code = UNSOLVED


class BalanceError(SimError):
    """Tonnes or money do not add up: never a result."""

    exit_code = UNBALANCED
