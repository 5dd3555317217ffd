"""What is remembered of one position's protection, and how long it had none."""

from decimal import Decimal

import pytest
from desk_stage import RULES

from botcore_tui.core.guard import Guard, Scene
from botcore_tui.core.holdings import Holding
from botcore_tui.model.event import Append
from botcore_tui.model.ledger import ProtectionRow
from botcore_tui.model.market import Side

ONE, TEN = Decimal(1), Decimal(10)


@pytest.mark.parametrize(("quantity", "side"), [(1, Side.SELL), (-1, Side.BUY)])
def test_scene_knows_what_lowers_the_position(quantity: int, side: Side) -> None:
    scene = Scene(Decimal(quantity), ONE, TEN, RULES, 0)
    assert (scene.exit_side, scene.notional) == (side, TEN)


def test_scene_without_a_mark_is_worth_nothing_that_is_known() -> None:
    assert Scene(ONE, ONE, None, None, 0).notional == 0


@pytest.mark.requirement("A06")
def test_time_without_cover_counts_what_was_held_between_two_looks() -> None:
    guard = Guard("BTCUSDT")
    assert (guard.pass_time(500), guard.naked_for_ms(500)) == (0, 0)
    guard.be_naked(TEN, 1_000)
    assert guard.pass_time(1_400) == 400
    guard.be_naked(2 * TEN, 1_400)
    assert (guard.pass_time(2_000), guard.pass_time(2_000)) == (600, 0)
    assert (guard.unprotected_ms, guard.naked_for_ms(2_500)) == (1_000, 1_500)
    row = ProtectionRow(
        symbol="BTCUSDT",
        from_ms=1_000,
        to_ms=2_000,
        notional_seconds=Decimal(16),
        reason="verified",
        time_ms=2_000,
    )
    assert guard.end_nakedness("verified", 2_000) == [Append(row)]
    assert guard.end_nakedness("verified", 2_000) == []
    assert (guard.pass_time(9_000), guard.unprotected_ms) == (0, 1_000)


def test_clock_that_steps_back_takes_no_time_away() -> None:
    guard = Guard("BTCUSDT")
    guard.be_naked(TEN, 5_000)
    assert (guard.pass_time(2_000), guard.pass_time(2_500)) == (0, 500)


@pytest.mark.requirement("A06")
def test_position_heard_of_late_was_without_cover_since_it_was_opened() -> None:
    guard, holding = Guard("BTCUSDT"), Holding("BTCUSDT", 1)
    guard.hear(holding, 1_000)
    guard.turn_to(holding)
    guard.be_naked(TEN, 5_000)
    assert (guard.naked_for_ms(6_000), guard.known_naked_for_ms(6_000)) == (5_000, 1_000)
    assert (guard.pass_time(6_000), guard.unprotected_ms) == (5_000, 5_000)
    guard.be_naked(TEN, 6_000)
    guard.end_nakedness("verified", 6_000)
    assert (guard.naked_for_ms(7_000), guard.known_naked_for_ms(7_000)) == (0, 0)
    guard.be_naked(TEN, 8_000)
    assert guard.naked_for_ms(9_000) == 1_000


def test_what_was_heard_of_says_nothing_of_a_later_time_or_another_position() -> None:
    guard, first, second = Guard("BTCUSDT"), Holding("BTCUSDT", 1), Holding("BTCUSDT", 2)
    guard.hear(first, 1_000)
    guard.turn_to(second)
    guard.be_naked(TEN, 5_000)
    assert guard.naked_for_ms(5_000) == 0
    guard.end_nakedness("flat", 5_000)
    guard.hear(second, 1_000)
    guard.end_nakedness("verified", 6_000)
    guard.be_naked(TEN, 7_000)
    assert guard.naked_for_ms(7_000) == 0


def test_another_position_begins_with_nothing_and_the_same_one_keeps_all() -> None:
    guard = Guard("BTCUSDT")
    first, second = Holding("BTCUSDT", 1), Holding("BTCUSDT", 2)
    guard.stop_price, guard.closing = ONE, "enough"
    for holding in (None, first, first, None):
        guard.turn_to(holding)
        assert (guard.stop_price, guard.closing) == (ONE, "enough")
    guard.turn_to(second)
    assert [guard.stop_price, guard.closing] == [None, ""]


def a_holding(opened_id: int, quantity: int = 1) -> Holding:
    holding = Holding("BTCUSDT", opened_id)
    holding.opened_id, holding.quantity = opened_id, Decimal(quantity)
    return holding


@pytest.mark.parametrize(
    ("opened_id", "quantity", "is_closed", "stop_price"),
    [
        (7, 1, True, TEN),
        (8, 1, False, None),  # nobody knew of it then
        (0, 1, False, None),  # the venue said so, and not since when
        (7, -1, True, None),
    ],
)
def test_wish_outlives_the_news_that_it_was_about_a_part_of_what_seemed_held(
    opened_id: int, quantity: int, *, is_closed: bool, stop_price: Decimal | None
) -> None:
    guard = Guard("BTCUSDT")
    guard.turn_to(a_holding(3))
    guard.closing, guard.closing_actor = "why", "me"
    guard.wish_closed(7)
    guard.stop_price, guard.is_stop_by_hand, guard.target_price = TEN, True, TEN
    guard.wish_stop(7)
    for _ in range(2):
        guard.turn_to(a_holding(opened_id, quantity))
        assert (guard.closing, guard.closing_actor) == (("why", "me") if is_closed else ("", ""))
        assert guard.stop_price == stop_price
        assert guard.is_stop_by_hand == (stop_price is not None)
        assert guard.target_price is None


def test_only_a_stop_that_is_by_hand_outlives_it() -> None:
    guard = Guard("BTCUSDT")
    guard.turn_to(a_holding(3))
    guard.wish_stop(7)
    guard.stop_price = TEN  # a plan said so since
    guard.turn_to(a_holding(7))
    assert not guard.is_stop_by_hand
    assert not guard.stop_price
