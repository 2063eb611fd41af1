"""What a figure is about, and the parts of sentences that the figures share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sim.output.plots.style import is_baseline
from sim.output.plots.text import NARROW, shortened
from sim.output.wording import BASELINE, THE_BASELINE, against_of, capital, good_of, label_of, number, percent
from sim.records.outcome import RunFacts


@dataclass(frozen=True, kw_only=True)
class About:
    """The market and the good of a figure as they are printed, and what its run has to show."""

    market: str
    good: str
    focus: int
    names: Mapping[str, str]  # labels of what the figure sets apart
    banded: bool
    alone: bool = False  # the run is the baseline itself: nothing stands beside it
    against: str = THE_BASELINE

    @property
    def mark(self) -> str:
        """The word at a number of what the run stands against, whose line is dashed."""
        return BASELINE if self.against == THE_BASELINE else "dashed"


def about(facts: RunFacts, labels: Mapping[str, str], *, good: str, market: str, parts: Iterable[str] = ()) -> About:
    """The words of a figure on one good in one market; ``parts`` are the regions it sets apart."""
    return About(
        market=label_of(market, labels),
        good=good_of(good, labels),
        focus=facts.focus,
        names={name: label_of(name, labels) for name in parts},
        banded=facts.draws > 0,
        alone=is_baseline(facts),
        against=against_of(facts),
    )


def span_of(years: Sequence[int]) -> str:
    """First and last year in words."""
    return str(min(years)) if min(years) == max(years) else f"{min(years)} to {max(years)}"


def drawn_as(told: About) -> str:
    """What dashes and shades mean, a sentence with a blank after it; empty where there are none."""
    drawn = [
        *([] if told.alone else [f"dashed: {told.against.removeprefix('the ')}"]),
        *(["shaded: 5th to 95th percentile"] if told.banded else []),
    ]
    return f"{capital('; '.join(drawn))}. " if drawn else ""


def years_told(focus: int, years: Sequence[int]) -> str:
    """Of which years the printed numbers are."""
    return f"Numbers: {focus}{f'{NARROW}→{NARROW}{years[-1]}' if years[-1] != focus else ''}"


def label_lines(name: str, now: float, later: float, room: float) -> list[str]:
    """A name with its shares (of 1) of the focus and the last year, in at most two lines of width ``room``.

    The label stands beside the last year and the finding speaks of the focus year: it needs both.
    """
    told = dict.fromkeys((percent(now), percent(later)))
    return shortened(name, room, 2, tail=f" {f'{NARROW}→{NARROW}'.join(told)}{NARROW}%")


def in_draws(told: About, low: float, high: float, least: float, size: Callable[[float], str], *, who: str = "") -> str:
    """How far the draws go where the central run stays, e.g. ``in the draws up to 13 points less (5th percentile)``.

    ``low`` and ``high`` are the 5th and 95th percentile of the difference; what is under ``least`` is none. Empty
    where the draws stay as well.
    """
    less, more = told.banded and low <= -least, told.banded and high >= least
    begins = f"in the draws {who} " if who else "in the draws "
    if less and more:
        return f"{begins}between {size(-low)} less and {size(high)} more (5th to 95th percentile)"
    if less:
        return f"{begins}up to {size(-low)} less (5th percentile)"
    return f"{begins}up to {size(high)} more (95th percentile)" if more else ""


def central_only(sentence: str, draws: str) -> str:
    """The sentence, said of the central run alone where the draws tell otherwise."""
    return capital(f"in the central run {sentence}; {draws}" if draws else sentence)


def told_apart(before: float, after: float) -> tuple[str, str]:
    """Two shares of 1 in percent, with a decimal more where they would read alike."""
    told = percent(before), percent(after)
    return told if told[0] != told[1] else (number(100 * before, 1), number(100 * after, 1))


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return f"{percent(share)} points"
