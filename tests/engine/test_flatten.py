"""Closing a position that the venue does not want to close."""

from decimal import Decimal

import pytest
from kill_stage import BTC, Venue, a_stop, held
from msgspec.structs import replace
from session_stage import the_rules
from virtual_time import VirtualTime

from botcore_tui.engine.flatten import Flattener
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError
from botcore_tui.model.account import PositionReport
from botcore_tui.model.order import OrderType, Outcome


def refused(code: int, outcome: Outcome = Outcome.REJECTED) -> OrderError:
    return OrderError(outcome, code, "refused")


class Stage:
    def __init__(self, time: VirtualTime) -> None:
        self.time = time
        self.venue = Venue()
        self.notes: list[str] = []
        self.flattener = Flattener(self.venue, time, self.notes.append)

    def reduce(self, position: PositionReport, times: int = 1) -> None:
        async def run() -> None:
            for _ in range(times):
                await self.flattener.reduce(position)

        self.time.run(run)

    @property
    def kinds(self) -> list[str]:
        return [each.type for each in self.venue.sent]


@pytest.fixture
def stage(time: VirtualTime) -> Stage:
    return Stage(time)


@pytest.mark.requirement("K3")
def test_position_too_large_for_one_order_is_cut_in_the_next_round(stage: Stage) -> None:
    stage.venue.rules_of = {BTC: replace(the_rules(), market_max_quantity=Decimal(2))}
    stage.venue.refusals.append(refused(-4005))
    stage.reduce(held("5"), times=2)
    assert [each.quantity for each in stage.venue.sent if each.type is OrderType.MARKET] == [
        Decimal(5), Decimal(2), Decimal(2), Decimal(1),
    ]  # fmt: skip
    assert len({each.client_order_id for each in stage.venue.sent}) == len(stage.venue.sent)


@pytest.mark.requirement("K3")
def test_position_that_is_no_multiple_of_a_new_step_is_closed_as_far_as_it_can_be(
    stage: Stage,
) -> None:
    rules = replace(the_rules(), market_step=Decimal("0.01"))
    stage.venue.rules_of = {BTC: rules}
    stage.venue.held_positions = [held("1.005")]
    stage.venue.algo_orders = [a_stop("s1")]
    stage.venue.refusals.extend([refused(-1111), refused(-4130), refused(-1111)])
    stage.reduce(held("1.005"), times=2)
    assert [each.quantity for each in stage.venue.held_positions] == [Decimal("0.005")]


@pytest.mark.requirement("K3")
def test_stop_takes_the_other_form_where_one_is_there_already(stage: Stage) -> None:
    stage.venue.algo_orders = [a_stop("s1")]
    stage.venue.refusals.extend([refused(-4131), refused(-4130)])
    stage.reduce(held("5"))
    _, first, second = stage.venue.sent
    assert (first.close_position, second.close_position) == (True, False)
    assert (second.reduce_only, second.quantity) == (True, Decimal(5))


def test_stop_that_is_refused_is_tried_again_in_the_next_round(stage: Stage) -> None:
    stage.venue.refusals.extend([refused(-4131), refused(-2021), refused(-4131)])
    stage.reduce(held("5"), times=2)
    assert stage.kinds == ["MARKET", "STOP_MARKET"] * 2
    stage.venue.refusals.append(refused(-4131))
    stage.reduce(held("5"))
    assert stage.kinds == ["MARKET", "STOP_MARKET"] * 2 + ["MARKET"]  # there is one now


def test_stop_without_an_answer_counts_as_placed(stage: Stage) -> None:
    stage.venue.refusals.extend([refused(-4131), refused(0, Outcome.UNKNOWN), refused(-4131)])
    stage.reduce(held("5"), times=2)
    assert stage.kinds == ["MARKET", "STOP_MARKET", "MARKET"]


def test_refusal_that_may_pass_brings_a_stop_only_when_it_lasts(stage: Stage) -> None:
    stage.venue.refusals.extend([refused(-2022)] * 3)
    stage.reduce(held("5"), times=2)
    assert stage.kinds == ["MARKET", "MARKET"]
    stage.reduce(held("5"))
    assert stage.kinds == ["MARKET", "MARKET", "MARKET", "STOP_MARKET"]
    assert stage.venue.count("rules") == 0


def test_busy_venue_is_asked_again_and_no_stop_is_needed(stage: Stage) -> None:
    stage.venue.refusals.append(refused(-1003, Outcome.FAILED))
    stage.reduce(held("5"), times=2)
    assert stage.kinds == ["MARKET", "MARKET"]
    assert stage.notes == ["BTCUSDT: MARKET SELL refused: refused (-1003)"]


def test_neither_rules_nor_a_mark_stop_the_attempts(stage: Stage) -> None:
    stage.venue.failures["rules"].append(FetchError("502"))
    stage.venue.refusals.append(refused(-4131))
    stage.reduce(held("5", mark=None), times=2)
    assert stage.kinds == ["MARKET", "MARKET"]
    assert "BTCUSDT: its rules did not come: 502" in stage.notes
