"""A strategy that repeats itself, loses or slips is disabled until a person enables it by name."""

from decimal import Decimal

import pytest
from gate_stage import STRICT
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, a_fill, a_request
from recollection_builders import an_intent

from botcore_tui.core.conduct import MOST_FILLS, MOST_LOSSES, MOST_SLIPS, Conduct
from botcore_tui.core.gate_terms import Limits
from botcore_tui.core.order_life import Order
from botcore_tui.model.command import EnableStrategy
from botcore_tui.model.event import Append, Effect, Record
from botcore_tui.model.ledger import PositionRow, RiskMemory, StrategyRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType, Purpose

NAME = "ema_cross"
MINUTE_MS = 60_000
ENABLE = EnableStrategy(
    command_id="c", actor="ann", strategy=NAME, reason="understood", time_ms=NOW_MS
)


class Lab:
    """A conduct, orders that are filled, and trades that end."""

    def __init__(self, limits: Limits = STRICT, memory: RiskMemory | None = None) -> None:
        self.conduct = Conduct(limits, memory or RiskMemory(), (NAME,))
        self.time_ms = NOW_MS
        self.rows: list[StrategyRow] = []
        self._number = 0

    def order(
        self,
        *,
        actor: str = NAME,
        price: str = "100",
        mid: str | None = "100",
        purpose: Purpose = Purpose.ENTRY,
        side: Side = Side.BUY,
        fills: int = 1,
        filled_ms: int = 0,
    ) -> None:
        self._number += 1
        request = replace(
            a_request(order_type=OrderType.MARKET, purpose=purpose, side=side),
            client_order_id=f"bc-r1-{self._number}-e",
            actor=actor,
        )
        decided = None if mid is None else Decimal(mid)
        self.conduct.on_request(request, decided, self.time_ms)
        order = Order(an_intent(request), time_ms=self.time_ms)
        for _ in range(fills):
            fill = a_fill(side=side, price=price, time_ms=filled_ms or self.time_ms)
            self.note(self.conduct.on_fill(order, fill, [], self.time_ms))

    def trade(self, profit: str, *, fees: str = "0", actor: str = NAME) -> None:
        self.time_ms += 10 * MINUTE_MS
        self.order(actor=actor)
        self.end(profit, fees=fees)

    def end(self, profit: str, *, fees: str = "0", ended_ms: int = 0) -> None:
        row = PositionRow(
            symbol=SYMBOL,
            quantity=Decimal(0),
            entry_price=Decimal(100),
            realized_pnl=Decimal(profit),
            fees=Decimal(fees),
            funding=Decimal(0),
            time_ms=ended_ms or self.time_ms,
        )
        ended: list[Effect] = [Append(replace(row, quantity=Decimal(1))), Append(row)]
        self.note(self.conduct.on_fill(None, a_fill(), ended, self.time_ms))

    def note(self, effects: list[Effect]) -> None:
        rows = [one.row for one in effects if isinstance(one, Append)]
        self.rows += [row for row in rows if isinstance(row, StrategyRow)]

    @property
    def trouble(self) -> str:
        return self.conduct.trouble(NAME)


@pytest.mark.requirement("P19")
@pytest.mark.requirement("F16")
def test_more_than_ten_filled_entries_in_five_minutes_disable_a_strategy_once() -> None:
    lab = Lab()
    for _ in range(MOST_FILLS):
        lab.order()
    assert lab.trouble == ""
    lab.order()
    lab.order()
    (row,) = lab.rows
    assert (row.strategy, row.is_enabled, row.code, row.actor) == (NAME, False, "P19", "gate")
    assert lab.trouble == "P19 11 entries filled in 5 minutes, at most 10"
    assert lab.conduct.disabled_texts() == (f"{NAME}: {lab.trouble}",)


@pytest.mark.requirement("P19")
def test_executions_of_one_order_older_ones_and_those_of_people_do_not_count() -> None:
    lab = Lab()
    lab.order(fills=50)
    for _ in range(50):
        lab.order(actor="ann")
        lab.order(purpose=Purpose.EXIT, side=Side.SELL)
    for _ in range(50):
        lab.time_ms += 5 * MINUTE_MS // MOST_FILLS
        lab.order()
    assert lab.trouble == ""


@pytest.mark.requirement("P19")
def test_five_losing_trades_in_a_row_disable_a_strategy() -> None:
    lab = Lab()
    for profit, fees in (("-1", "0"), ("0.5", "0.6"), ("-1", "0"), ("0", "0")):
        lab.trade(profit, fees=fees)
    lab.trade("1")
    for _ in range(MOST_LOSSES - 1):
        lab.trade("-1")
    assert lab.trouble == ""
    lab.trade("-1", actor="ann")
    assert lab.trouble == ""
    lab.trade("-1")
    assert lab.trouble == "P19 5 losing trades in a row"


@pytest.mark.parametrize("others", ["ann", NAME])
def test_trade_that_began_before_the_end_of_another_was_told_is_counted_too(others: str) -> None:
    lab = Lab()
    for _ in range(MOST_LOSSES - 2):
        lab.trade("-1")
    lab.order(filled_ms=lab.time_ms + 1)
    lab.order(filled_ms=lab.time_ms + 3, actor=others)
    lab.end("-1", ended_ms=lab.time_ms + 2)  # and booked anew: what was executed after it
    assert lab.trouble == ""
    lab.end("-1", ended_ms=lab.time_ms + 4)
    assert lab.trouble == ("P19 5 losing trades in a row" if others == NAME else "")
    lab.trade("-1")
    assert lab.trouble


@pytest.mark.requirement("A15")
@pytest.mark.parametrize(("side", "price"), [(Side.BUY, "100.31"), (Side.SELL, "99.69")])
def test_three_fills_far_from_the_mid_price_of_their_decision_disable_a_strategy(
    side: Side, price: str
) -> None:
    lab = Lab()
    for _ in range(MOST_SLIPS - 1):
        lab.order(side=side, price=price)
    near = "100.3" if side is Side.BUY else "99.7"
    better = "90" if side is Side.BUY else "110"
    for other in (near, better):
        lab.order(side=side, price=other)
    lab.order(side=side, price=price, mid=None)
    lab.order(side=side, price=price, actor="ann")
    assert lab.trouble == ""
    lab.order(side=side, price=price, purpose=Purpose.EXIT)
    assert lab.trouble == "A15 3 orders in a day filled more than 0.3 % from the mid price"


@pytest.mark.requirement("A15")
def test_slippage_of_yesterday_or_where_it_is_not_watched_disables_nothing() -> None:
    lab = Lab()
    for _ in range(3 * MOST_SLIPS):
        lab.time_ms += 12 * 60 * MINUTE_MS
        lab.order(price="101")
    assert lab.trouble == ""
    free = Lab(replace(STRICT, fill_slippage_pct=None))
    for _ in range(MOST_SLIPS):
        free.order(price="110")
    assert free.trouble == ""


@pytest.mark.requirement("P19")
def test_disabled_strategy_outlives_a_restart_until_somebody_enables_it_by_name() -> None:
    lab = Lab()
    for _ in range(MOST_LOSSES):
        lab.trade("-1")
    again = Lab(memory=RiskMemory(disabled=tuple(lab.rows)))
    assert again.trouble == lab.trouble
    for command in (replace(ENABLE, actor=""), replace(ENABLE, reason=" ")):
        effects, denial = again.conduct.enable(command, NOW_MS)
        assert effects == []
        assert denial is not None
        assert denial.code == "P19"
    effects, denial = again.conduct.enable(ENABLE, NOW_MS)
    assert denial is None
    again.note(effects)
    assert [(row.is_enabled, row.actor, row.reason) for row in again.rows] == [
        (True, "ann", "understood")
    ]
    assert [one.code for one in effects if isinstance(one, Record)] == ["strategy.enabled"]
    assert again.trouble == ""
    for _ in range(MOST_LOSSES - 1):
        again.trade("-1")
    assert again.trouble == ""
    _, denial = again.conduct.enable(ENABLE, NOW_MS)
    assert denial is not None


def test_row_that_enables_is_no_reason_to_stop() -> None:
    row = StrategyRow(
        strategy=NAME, is_enabled=True, code="P19", actor="ann", reason="x", time_ms=NOW_MS
    )
    assert Lab(memory=RiskMemory(disabled=(row,))).trouble == ""


@pytest.mark.requirement("P18")
@pytest.mark.requirement("F16")
def test_orders_take_tokens_of_the_account_and_entries_of_their_strategy() -> None:
    lab = Lab()
    conduct = lab.conduct
    assert conduct.is_strategy(NAME)
    assert not conduct.is_strategy("ann")
    assert conduct.strategy_tokens(NAME, NOW_MS) == 2
    assert conduct.account_tokens(NOW_MS) == 10
    assert conduct.reserve == 2
    assert conduct.strategy_tokens("ann", NOW_MS) is None
    lab.order()
    lab.order(purpose=Purpose.EXIT)
    lab.order(actor="ann")
    assert conduct.strategy_tokens(NAME, NOW_MS) == 1
    assert conduct.account_tokens(NOW_MS) == 7


def test_rates_that_are_not_limited_have_no_tokens() -> None:
    lab = Lab(replace(STRICT, account_rate=None, strategy_rate=None))
    lab.order()
    assert lab.conduct.account_tokens(NOW_MS) is None
    assert lab.conduct.strategy_tokens(NAME, NOW_MS) is None
    assert lab.conduct.reserve == 0


@pytest.mark.requirement("P20")
def test_orders_and_those_filled_are_counted_over_ten_minutes() -> None:
    lab = Lab()
    conduct = lab.conduct
    lab.order(fills=0)
    lab.order(fills=3)
    assert (conduct.orders_10min(NOW_MS), conduct.fills_10min(NOW_MS)) == (2, 1)
    later = NOW_MS + 10 * MINUTE_MS
    assert (conduct.orders_10min(later), conduct.fills_10min(later)) == (0, 0)


def test_decisions_that_are_never_filled_are_forgotten() -> None:
    lab = Lab()
    for _ in range(1_200):
        lab.order(fills=0)
    assert lab.conduct.orders_10min(NOW_MS) == 1_000
