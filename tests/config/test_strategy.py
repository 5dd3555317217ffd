"""Keys of strategies: which one, and what it is told."""

import pytest
from pydantic import ValidationError

from botcore_tui.config import EmaCrossSettings, StrategySettings


@pytest.mark.parametrize("name", ["", "ema_cross", "my.own:Strategy", "mine:Strategy_2"])
def test_a_strategy_is_one_of_ours_or_a_class_of_ones_own(name: str) -> None:
    assert StrategySettings(name=name).name == name


@pytest.mark.parametrize("name", ["ema", "my.own", ":X", "a:", "a b:C", "a:B.C", f"{'a' * 200}:B"])
def test_what_names_no_strategy_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        StrategySettings(name=name)


@pytest.mark.parametrize(("fast", "slow"), [(21, 9), (9, 9)])
def test_the_fast_average_is_shorter_than_the_slow_one(fast: int, slow: int) -> None:
    with pytest.raises(ValidationError, match="must be less than slow"):
        EmaCrossSettings(fast=fast, slow=slow)
    assert EmaCrossSettings(fast=8, slow=9).fast == 8
