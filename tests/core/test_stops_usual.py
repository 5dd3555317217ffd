"""A stop at the usual distance, and an entry that adds to the position it protects."""

from decimal import Decimal

import pytest
from desk_stage import Stage, buy

from botcore_tui.model.market import Side


@pytest.mark.requirement("K4")
@pytest.mark.parametrize("waited_ms", [250, 4_000])
def test_entry_sent_after_a_position_was_seen_does_not_loosen_its_usual_stop(
    waited_ms: int,
) -> None:
    stage = Stage().begin()
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    assert stage.stop().trigger_price == Decimal("96.5")
    stage.wait(waited_ms)
    stage.tell(buy("0.3", stop="94"))
    assert stage.answer().text.endswith("; the stop stays at 96.5, 94 would be looser")
    stage.wait(10_000)
    assert (stage.held(), stage.stop().trigger_price) == (Decimal("1.3"), Decimal("96.5"))


@pytest.mark.requirement("K4")
def test_answer_to_an_entry_that_may_have_led_to_the_position_names_its_own_stop() -> None:
    stage = Stage().begin()
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    stage.tell(buy("0.3", stop="94"))  # with the same tick: nothing tells which came first
    assert stage.answer().text.endswith(", stop at 94")
    stage.wait(10_000)
    assert stage.stop().trigger_price == Decimal(94)
