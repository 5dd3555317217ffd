"""What protects a position of which, or of whose beginning, is heard late."""

from decimal import Decimal

import pytest
from desk_stage import Script, Stage, a_minute, buy, held, naked_spans, to
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS

from botcore_tui.model.account import ClockHealth
from botcore_tui.model.command import ClosePosition
from botcore_tui.model.event import Cancel, Effect, Event, Reconcile, Record, Tick
from botcore_tui.model.market import Side
from botcore_tui.model.order import Fill, Purpose
from botcore_tui.model.trading import Cover

pytestmark = pytest.mark.requirement("A06")
SLEPT_MS = 6_500
DOUBT_MS = 2
CLOCK = ClockHealth(
    offset_ms=0.0, uncertainty_ms=float(DOUBT_MS), has_stepped=False, time_ms=NOW_MS
)


def slept(*, is_measured: bool = True, ahead_ms: int = 0, answer: str = "mute") -> Stage:
    """An entry was executed, then this machine stood still; its stop is known by its reply only.

    Args:
        is_measured: Whether both clocks were compared.
        ahead_ms: By so much the venue's clock is ahead of ours.
        answer: To its first stop.
    """
    stage = Stage().begin()
    if is_measured:
        stage.tell(replace(CLOCK, offset_ms=float(ahead_ms)), Tick(NOW_MS))
    stage.venue.is_filling = False
    stage.tell(buy())
    (entry,) = stage.sent(Purpose.ENTRY)
    told = [
        replace(each, time_ms=stage.time_ms + ahead_ms) if isinstance(each, Fill) else each
        for each in stage.venue.fill(entry.client_order_id)
    ]
    stage.time_ms += SLEPT_MS
    stage.venue.time_ms = stage.time_ms
    stage.venue.answers.append(answer)
    stage.tell(Tick(stage.time_ms), *told)
    return stage


def verified(stage: Stage) -> list[str]:
    """After how long, as the log tells it."""
    told = (each.text for each in stage.effects if isinstance(each, Record))
    return [text.rpartition("after ")[2] for text in told if "verified after" in text]


@pytest.mark.parametrize("ahead_ms", [0, -30_000, 30_000])
def test_time_without_a_stop_begins_when_the_venue_executed_the_entry(ahead_ms: int) -> None:
    stage = slept(ahead_ms=ahead_ms)
    stage.wait(1_000)
    assert stage.position().cover is Cover.VERIFIED
    (span,) = naked_spans(stage.effects)
    assert span.from_ms == NOW_MS + DOUBT_MS  # no longer than is certain
    passed_ms = span.to_ms - span.from_ms
    assert passed_ms > SLEPT_MS
    assert span.notional_seconds == Decimal(passed_ms) / 10
    assert verified(stage) == [f"{passed_ms / 1000:.1f} s"]
    assert stage.view().unprotected_seconds_today == passed_ms / 1000
    assert stage.position().unprotected_seconds == passed_ms / 1000


def test_time_without_a_stop_begins_when_it_is_heard_of_where_the_venues_time_is_unknown() -> None:
    stage = slept(is_measured=False)
    stage.wait(1_000)
    (span,) = naked_spans(stage.effects)
    assert span.from_ms == NOW_MS + SLEPT_MS


def test_no_time_of_which_nobody_knew_counts_as_waited_for_the_first_stop() -> None:
    # The venue does not know of the position yet: there is time to ask again.
    stage = slept(answer="refuse -4509")
    assert len(stage.sent(Purpose.STOP)) == 1
    stage.wait(1_000)
    assert len(stage.sent(Purpose.STOP)) == 2
    assert stage.stop().close_position
    assert stage.sent(Purpose.EXIT) == []


def test_stop_that_is_lost_later_on_was_there_until_then() -> None:
    stage = slept()
    stage.wait(1_000)
    name = stage.stop().client_order_id
    stage.tell(*stage.venue.cancel(Cancel(client_order_id=name, symbol=SYMBOL, is_algo=True)))
    lost_ms = stage.time_ms
    stage.wait(1_000)
    assert naked_spans(stage.effects)[1].from_ms == lost_ms


def test_position_that_was_covered_when_it_was_heard_of_had_a_stop_all_the_time() -> None:
    stage = slept()
    stage.wait(1_000)
    before = len(naked_spans(stage.effects))
    more = stage.venue.trade_by_hand(Side.BUY, "1")
    stage.time_ms += SLEPT_MS
    stage.venue.time_ms = stage.time_ms
    stage.tell(Tick(stage.time_ms), more)
    stage.wait(1_000)
    assert len(naked_spans(stage.effects)) == before


CLOSE = ClosePosition(command_id="c", actor="me", symbol=SYMBOL, time_ms=NOW_MS)


def test_close_that_waits_for_an_execution_is_of_what_that_leaves() -> None:
    stage = held(stop="97")
    told = stage.venue.trigger(stage.stop().client_order_id)
    late = [each for each in told if isinstance(each, Fill)]
    stage.is_performing = False
    stage.tell(*(each for each in told if each not in late))
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "2"))
    assert stage.held() == 3
    stage.tell(CLOSE)
    assert stage.sent(Purpose.EXIT) == []  # less may be held by now
    stage.is_performing = True
    stage.tell(*late)
    stage.wait(1_000)
    (close,) = stage.sent(Purpose.EXIT)
    assert close.quantity == 2
    assert close.actor == "me"
    assert stage.is_flat()


def test_close_that_was_wanted_before_another_trade_began_is_not_of_that() -> None:
    stage = held(stop="97")
    stage.venue.is_filling = False
    stage.tell(CLOSE)
    (close,) = stage.sent(Purpose.EXIT)
    late = stage.venue.fill(close.client_order_id)
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "2"), *late)
    stage.wait(1_000)
    assert stage.sent(Purpose.EXIT) == [close]
    assert stage.held() == 2
    assert stage.position().cover is Cover.VERIFIED


def test_stop_that_a_person_moved_stays_when_an_earlier_end_is_told_late() -> None:
    stage = held(stop="97")
    late = stage.venue.trigger(stage.stop().client_order_id)
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "2"))
    stage.tell(to("99"), *late)
    stage.wait(1_000)
    assert stage.held() == 2
    assert stage.stop().trigger_price == 99


def test_stop_that_a_person_moved_is_none_of_a_position_of_the_other_side() -> None:
    stage = held(stop="97")
    late = stage.venue.trade_by_hand(Side.SELL, "4")
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    stage.is_performing = False
    stage.tell(to("99"))
    assert stage.answer().is_accepted
    stage.is_performing = True
    stage.tell(late)
    stage.wait(1_000)
    assert stage.sent(Purpose.EXIT) == []
    assert stage.held() == -2
    assert stage.stop().trigger_price == Decimal("103.5")


class Unanswered(Stage):
    """Nobody tells it of the whole account for a while."""

    is_answered = True

    def perform(self, effect: Effect) -> list[Event]:
        is_left = isinstance(effect, Reconcile) and not self.is_answered
        return [] if is_left else super().perform(effect)


def seen_short(stage: Stage) -> Fill:
    """One is long, and looks short by one: an execution is late, which is returned."""
    late = stage.venue.trade_by_hand(Side.BUY, "2")
    stage.tell(stage.venue.trade_by_hand(Side.SELL, f"{stage.held() + 1:f}"))
    assert stage.held() == -1
    return late


def test_signal_that_closed_what_looked_short_is_none_against_the_long_it_wants() -> None:
    stage = Unanswered(strategy=Script("1")).begin()
    stage.wait(500)
    stage.tell(a_minute(1))
    stage.wait(1_000)
    stage.is_answered = False
    late = seen_short(stage)
    stage.wait()
    (close,) = stage.sent(Purpose.EXIT)
    assert (close.side, close.actor) == (Side.BUY, "script")
    stage.is_answered = True
    stage.tell(late)
    stage.wait(20_000)
    assert stage.sent(Purpose.EXIT) == [close]
    assert stage.held() == 1
    assert stage.position().cover is Cover.VERIFIED


def test_close_by_a_person_is_of_the_position_on_whatever_side_it_is() -> None:
    stage = Unanswered().begin()
    stage.tell(buy())
    stage.is_answered = False
    late = seen_short(stage)
    stage.tell(CLOSE)
    assert stage.answer().is_accepted
    stage.is_answered = True
    stage.tell(late)
    stage.wait(20_000)
    assert [close.side for close in stage.sent(Purpose.EXIT)] == [Side.BUY, Side.SELL]
    assert stage.is_flat()


@pytest.mark.parametrize("is_known_late", [True, False])
def test_what_took_profit_of_one_trade_takes_none_of_the_next(*, is_known_late: bool) -> None:
    stage = Stage().begin()
    stage.tell(buy(stop="97", target="110", trail="2"))
    assert [len(stage.live(each)) for each in (Purpose.TARGET, Purpose.TRAIL)] == [1, 1]
    stage.wait(10_000)
    end = stage.venue.trigger(stage.stop().client_order_id)
    more = stage.venue.trade_by_hand(Side.BUY, "2")
    stage.tell(*([more, *end] if is_known_late else [*end, more]))
    stage.wait(10_000)
    assert stage.held() == 2
    assert stage.position().cover is Cover.VERIFIED
    assert [stage.live(each) for each in (Purpose.TARGET, Purpose.TRAIL)] == [[], []]


def test_trail_of_the_next_trade_is_at_its_own_distance() -> None:
    stage = Stage().begin()
    stage.tell(buy(stop="97", target="110", trail="2"))
    (target,) = stage.live(Purpose.TARGET)
    stage.wait(10_000)
    stage.tell(*stage.venue.trigger(stage.stop().client_order_id))
    stage.tell(buy(stop="96.5", target="110", trail="3"))
    assert stage.held() == 1
    stage.wait(10_000)
    assert stage.live(Purpose.TARGET) == [target]
    (trail,) = stage.live(Purpose.TRAIL)
    assert (trail.callback_pct, trail.quantity) == (Decimal(3), Decimal(1))
