"""A strategy is whatever has the words of one."""

from collections.abc import Sequence

import pytest

from botcore_tui.core.strategy import Strategy
from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar
from botcore_tui.strategies.ema_cross import EmaCross, Params


class Silent:
    """The least that a strategy can be."""

    name = "silent"
    interval_ms = 60_000

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        return None

    def on_bar(self, bar: Bar) -> Signal | None:
        return None


@pytest.mark.parametrize("strategy", [Silent(), EmaCross(Params())])
def test_object_with_every_word_of_a_strategy_is_one(strategy: Strategy) -> None:
    assert isinstance(strategy, Strategy)


@pytest.mark.parametrize("word", ["name", "interval_ms", "warm", "on_bar"])
def test_object_that_lacks_a_word_is_no_strategy(word: str) -> None:
    words = {name: value for name, value in vars(Silent).items() if name != word}
    assert not isinstance(type("Mute", (), words)(), Strategy)
