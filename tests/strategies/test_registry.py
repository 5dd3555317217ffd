"""A strategy is found by its name, or the user is told why not."""

import sys
from collections.abc import Mapping, Sequence

import pytest
from msgspec import Struct

from botcore_tui.core.strategy import Strategy
from botcore_tui.errors import ConfigError
from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar
from botcore_tui.strategies.ema_cross import EmaCross, Params
from botcore_tui.strategies.registry import SHIPPED, make_strategy


class Plain:
    """A plug-in without parameters."""

    name = "plain"
    interval_ms = 60_000

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        return None

    def on_bar(self, bar: Bar) -> Signal | None:
        return None


class Wishes(Struct, frozen=True, forbid_unknown_fields=True):
    """Parameters of the plug-in below."""

    minutes: int = 1


class Tuned(Plain):
    """A plug-in with parameters."""

    parameters = Wishes

    def __init__(self, wishes: Wishes) -> None:
        self.interval_ms = wishes.minutes * 60_000


class Deaf:
    """Not a strategy: it never hears of a bar."""

    name = "deaf"
    interval_ms = 60_000


def refusal(name: str, options: Mapping[str, object] | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        make_strategy(name, options or {})
    return str(refused.value)


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its own name this file is a module like any other."""
    monkeypatch.setitem(sys.modules, "plug_ins", sys.modules[__name__])


def test_shipped_strategy_is_made_with_its_options() -> None:
    made = make_strategy("ema_cross", {"interval": "5m", "fast": 3, "slow": 8})
    assert isinstance(made, EmaCross)
    assert made.params == Params("5m", 3, 8)


def test_shipped_strategy_has_defaults() -> None:
    made = make_strategy("ema_cross", {})
    assert isinstance(made, EmaCross)
    assert made.params == Params("1m", 9, 21)


def test_every_shipped_strategy_carries_the_name_that_it_is_found_by() -> None:
    assert {name: make_strategy(name, {}).name for name in SHIPPED} == {
        name: name for name in SHIPPED
    }


def test_any_class_is_found_by_its_module() -> None:
    made: Strategy = make_strategy("plug_ins:Plain", {})
    assert (type(made).__name__, made.interval_ms) == ("Plain", 60_000)


def test_parameters_of_any_class_are_made_from_the_options() -> None:
    assert make_strategy("plug_ins:Tuned", {"minutes": 5}).interval_ms == 300_000


@pytest.mark.parametrize("name", ["", "ema", "a.b", "a.b:", ":C", "a..b:C", "a.b:C.D", "../a:B"])
def test_name_of_no_strategy_is_refused_with_what_is_allowed(name: str) -> None:
    assert refusal(name) == (
        f"strategy {name}: unknown; allowed: ema_cross or package.module:Class"
    )


def test_module_that_is_not_there_is_named() -> None:
    assert refusal("no_such.module:Class") == (
        "strategy no_such.module:Class: cannot import no_such.module: No module named 'no_such'"
    )


def test_class_that_is_not_there_is_named() -> None:
    assert refusal("plug_ins:Missing").endswith("plug_ins has no class Missing")
    assert refusal("plug_ins:here").endswith("plug_ins has no class here")


def test_class_that_is_no_strategy_is_told_what_it_lacks() -> None:
    assert refusal("plug_ins:Deaf").endswith("not a strategy, it has no warm, on_bar")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"fast": 21, "slow": 9}, "fast is 21 and slow is 9"),
        ({"interval": "7m"}, "Invalid enum value '7m' - at `$.interval`"),
        ({"fast": "9"}, "Expected `int`, got `str` - at `$.fast`"),
        ({"speed": 1}, "unknown field `speed`"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], why: str) -> None:
    text = refusal("ema_cross", options)
    assert text.startswith("strategy ema_cross: ")
    assert why in text


def test_options_of_a_class_that_takes_none_are_refused() -> None:
    assert refusal("plug_ins:Plain", {"a": 1, "b": 2}).endswith("takes no options, got a, b")


def test_interval_of_no_length_is_refused() -> None:
    assert refusal("plug_ins:Tuned", {"minutes": 0}).endswith("interval_ms is 0: must be above 0")


@pytest.mark.parametrize(
    ("name", "interval_ms", "why"),
    [
        (
            "odd",
            90_000,
            "interval_ms is 90000: must be whole seconds, from a minute on whole minutes",
        ),
        ("odd", 500, "interval_ms is 500: must be whole seconds, from a minute on whole minutes"),
        ("odd", "1m", "interval_ms is '1m': must be a whole number"),
        ("", 60_000, "name is '': must be a text"),
    ],
)
def test_bars_that_nobody_could_make_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, interval_ms: object, why: str
) -> None:
    monkeypatch.setattr(Plain, "name", name)
    monkeypatch.setattr(Plain, "interval_ms", interval_ms)
    assert refusal("plug_ins:Plain").endswith(why)


@pytest.mark.parametrize("interval_ms", [1_000, 7_000, 60_000, 420_000])
def test_bars_of_whole_seconds_or_minutes_are_fine(
    monkeypatch: pytest.MonkeyPatch, interval_ms: int
) -> None:
    monkeypatch.setattr(Plain, "interval_ms", interval_ms)
    assert make_strategy("plug_ins:Plain", {}).interval_ms == interval_ms
