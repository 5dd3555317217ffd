"""What is the same whenever it is made, and takes long: made once in a process for all tests."""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Final

from textual import _wait
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from botcore_tui.cli import parser
from botcore_tui.exchange.sim import market
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.eras import Era
from botcore_tui.exchange.sim.history import Activity, made_up

_MOST_PASTS: Final = 64


def keep_what_is_made() -> None:
    """Make each of them once from now on."""
    _replace(market, "made_up", _kept_past)
    _replace(parser, "_parser", cache(parser._parser))
    _replace(Stylesheet, "_parse_rules", _kept_rules(Stylesheet._parse_rules))


def wait_less_for_screens() -> None:
    """Believe sooner that an app has drawn everything: half of Textual's fiftieth of a second."""
    _replace(_wait, "SLEEP_GRANULARITY", _wait.SLEEP_GRANULARITY / 2)
    _replace(_wait, "SLEEP_IDLE", _wait.SLEEP_IDLE / 2)


def make_pasts_anew() -> None:
    """Forget what markets were made up before they began; for a test that compares two."""
    _past.cache_clear()


def _replace(owner: object, name: str, stand_in: object) -> None:
    setattr(owner, name, stand_in)


class _Past:
    """A market's past, made up as far as any market of the same seed was asked for it."""

    def __init__(self, source: Iterator[Era]) -> None:
        self._source = source
        self._eras: list[Era] = []

    def each(self) -> Iterator[Era]:
        index = 0
        while index < len(self._eras) or self._reaches_further():
            yield self._eras[index]
            index += 1

    def _reaches_further(self) -> bool:
        era = next(self._source, None)
        if era is not None:
            self._eras.append(era)
        return era is not None


def _kept_past(
    dice: SeededDice, *, end_ms: int, ticks: int, next_trade_id: int, activity: Activity
) -> Iterator[Era]:
    key = (dice._state, end_ms, ticks, next_trade_id)
    return _past(*key, activity.lots, activity.trades).each()


@lru_cache(maxsize=_MOST_PASTS)
def _past(state: int, end_ms: int, ticks: int, trade_id: int, lots: int, trades: int) -> _Past:
    return _Past(
        made_up(
            SeededDice(state),
            end_ms=end_ms,
            ticks=ticks,
            next_trade_id=trade_id,
            activity=Activity(lots, trades),
        )
    )


_Parse = Callable[..., list[RuleSet]]


def _kept_rules(parse: _Parse) -> _Parse:
    """Keep the rules of a style sheet for each app, not for one; nobody changes them."""
    kept: dict[tuple[object, ...], list[RuleSet]] = {}

    def rules(sheet: Stylesheet, css: str, **source: object) -> list[RuleSet]:
        key = (css, *sorted(source.items()), *sheet._variables.items())
        if key not in kept:
            kept[key] = parse(sheet, css, **source)
        return kept[key]

    return rules
