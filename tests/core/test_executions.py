"""Executions make of positions what the venue's order of them makes, whenever they are told."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from desk_stage import DOWN, UP, held
from hypothesis import given
from hypothesis import strategies as st
from order_builders import NOW_MS, a_fill
from order_stage import appended

from botcore_tui.core.executions import Executions
from botcore_tui.core.holdings import Holding
from botcore_tui.model.ledger import PositionRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import Fill
from botcore_tui.model.trading import Cover

BTC = "BTCUSDT"


class Book:
    """Positions, and the rows that were written of them."""

    def __init__(self, *fills: Fill) -> None:
        self.holdings: dict[str, Holding] = {}
        self.executions = Executions(self.holdings)
        self.rows: list[PositionRow] = []
        for fill in fills:
            self.take(fill)

    def take(self, fill: Fill) -> None:
        told = appended(self.executions.book(fill, fill.fee, f"trade {fill.trade_id}"))
        self.rows += [row for row in told if isinstance(row, PositionRow)]

    @property
    def held(self) -> Holding:
        return self.holdings[BTC]

    def ended(self) -> list[tuple[object, object]]:
        """Profit and fees of each trade from flat to flat."""
        return [(row.realized_pnl, row.fees) for row in self.rows if not row.quantity]

    def state(self) -> tuple[object, ...]:
        """Of what is held; its price as exactly as it is told."""
        held = self.holdings.get(BTC)
        if held is None:
            return ()
        price = held.entry_price.quantize(Decimal("1e-8"))
        return held.quantity, price, held.realized, held.fees, held.opened_ms, held.has_other_fees


def trade(
    number: int, quantity: str, price: str = "100", *, fee: str = "1", profit: str = "0"
) -> Fill:
    """Each a second after the one before; a negative quantity sells."""
    return a_fill(
        number,
        side=Side.SELL if quantity.startswith("-") else Side.BUY,
        quantity=quantity.removeprefix("-"),
        price=price,
        fee=fee,
        realized_pnl=profit,
        time_ms=NOW_MS + 1_000 * number,
    )


OPENED = trade(1, "1", fee="1")
CLOSED = trade(2, "-1", "110", fee="2", profit="10")
OPENED_ANEW = trade(3, "1", "120", fee="4")


@pytest.mark.requirement("R67")
def test_trade_whose_end_is_told_late_is_not_one_with_the_next() -> None:
    book = Book(OPENED, OPENED_ANEW)
    first = book.held
    book.take(CLOSED)
    assert book.ended() == [(10, 3)]
    assert book.state() == Book(OPENED, CLOSED, OPENED_ANEW).state()
    assert (book.held.quantity, book.held.fees) == (Decimal(1), Decimal(4))
    assert book.held.entry_price == 120
    assert book.held is not first  # nothing of what was wanted of the other is wanted of it
    assert [row.reason for row in book.rows[-2:]] == ["trade 2", "trade 3"]


def test_trade_that_began_earlier_than_was_known_is_the_same_one() -> None:
    book = Book(trade(2, "1", "110"))
    known = book.held
    book.take(trade(1, "1"))
    assert book.held is known
    assert (known.entry_price, known.opened_ms) == (Decimal(105), NOW_MS + 1_000)
    book.take(trade(0, "1", "99"))
    assert book.held is known
    assert known.quantity == 3


def test_liquidation_price_that_was_told_meanwhile_stays_when_it_is_booked_anew() -> None:
    book = Book(trade(1, "1"), trade(3, "1"))
    known = book.held
    # The venue's word came after the third, and is of the first.
    known.liquidation_price, known.is_liquidation_past = Decimal(90), True
    book.executions.forget(BTC, 1)
    book.take(trade(2, "1"))
    assert book.held is known
    assert known.quantity == 3
    assert known.liquidation_price == 90
    assert known.is_liquidation_past  # it is that of another quantity


def test_trade_that_was_on_the_other_side_is_another_one() -> None:
    book = Book(trade(2, "1"))
    known = book.held
    book.take(trade(1, "-3"))
    assert book.held is not known
    assert book.held.quantity == -2
    assert book.ended() == []


def test_close_that_came_before_its_opening_brings_its_profit() -> None:
    book = Book(CLOSED, OPENED)
    assert book.holdings == {}
    assert book.ended() == [(10, 3)]


def test_what_is_told_in_order_is_booked_once() -> None:
    book = Book(OPENED, CLOSED, OPENED_ANEW)
    assert [row.quantity for row in book.rows] == [1, 0, 1]


def test_trade_that_was_told_of_as_ended_stays_so() -> None:
    # Of three one is missing: what the other two come to is in the ledger as a trade.
    book = Book(trade(2, "-1", "110"), trade(3, "1", "110"))
    book.take(trade(1, "1"))
    assert book.ended() == [(0, 2)]
    assert (book.held.quantity, book.held.fees) == (Decimal(1), Decimal(1))


def test_what_the_venue_has_confirmed_is_not_gone_back_behind() -> None:
    book = Book(OPENED, OPENED_ANEW)
    book.executions.forget("ETHUSDT")
    book.executions.forget(BTC, 1)
    book.take(CLOSED)
    assert book.ended() == [(10, 3)]
    book = Book(OPENED, OPENED_ANEW)
    known = book.held
    book.executions.forget(BTC)
    book.take(CLOSED)
    assert (book.ended(), book.held) == ([], known)
    assert known.fees == 7


def test_of_very_many_executions_the_newest_are_gone_back_behind() -> None:
    many = [trade(number, "1", fee="0") for number in range(2, 302)]
    book = Book(*many)
    book.take(trade(1, "1", fee="0"))
    assert book.held.quantity == 301
    book.take(trade(400, "-301", profit="5"))
    assert book.ended() == [(5, 1)]


@pytest.mark.requirement("F03")
@pytest.mark.requirement("A06")
@pytest.mark.parametrize("is_known", [True, False])
def test_trade_that_begins_before_the_end_of_another_is_told_has_its_own_stop(
    *, is_known: bool
) -> None:
    stage = held(stop="97")
    stage.wait(10_000)
    stage.tell(DOWN)
    stop = stage.stop().client_order_id
    missed = stage.venue.trigger(stop)
    stage.is_performing = False
    stage.tell(UP)
    stage.tell(*missed if is_known else ())
    # A person buys elsewhere, and is heard of before the venue has told of the whole account.
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "2"))
    stage.is_performing = True
    stage.tell(stage.venue.picture("reconnect"))
    stage.wait(8_000)
    rows = [row for row in appended(stage.effects) if isinstance(row, PositionRow)]
    assert [row.quantity for row in rows if row.reason == "protective stop"] == [0]
    position = stage.position()
    assert position.quantity == 2
    assert position.cover is Cover.VERIFIED
    assert stage.stop().trigger_price == Decimal("96.5")  # the usual distance from 100


_TRADES = st.lists(st.tuples(st.integers(-3, 3).filter(bool), st.integers(90, 110)), max_size=8)


def executed(trades: Sequence[tuple[int, int]]) -> list[Fill]:
    """With the profit that the venue tells."""
    fills: list[Fill] = []
    held, entry = Decimal(0), Decimal(0)
    book = Book()
    for number, (quantity, price) in enumerate(trades, start=1):
        closing = min(abs(held), Decimal(abs(quantity))) if held * quantity < 0 else Decimal(0)
        profit = closing * (price - entry) * (1 if held > 0 else -1)
        fills.append(trade(number, str(quantity), str(price), profit=f"{profit:f}"))
        book.take(fills[-1])
        now = book.holdings.get(BTC)
        held = Decimal(0) if now is None else now.quantity
        entry = Decimal(0) if now is None else now.entry_price
    return fills


@given(_TRADES, st.data())
def test_order_in_which_executions_are_told_changes_no_position_and_no_fee(
    trades: list[tuple[int, int]], data: st.DataObject
) -> None:
    fills = executed(trades)
    told = data.draw(st.permutations(fills))
    book, true = Book(*told), Book(*fills)
    quantities = [each.holdings[BTC].quantity if each.holdings else 0 for each in (book, true)]
    assert quantities[0] == quantities[1]
    open_fees = book.held.fees if book.holdings else Decimal(0)
    paid = sum((row.fees for row in book.rows if not row.quantity), open_fees)
    assert abs(paid - len(fills)) < Decimal("1e-18")


@given(_TRADES, st.data())
def test_one_that_is_late_ends_and_begins_trades_where_it_was_executed(
    trades: list[tuple[int, int]], data: st.DataObject
) -> None:
    fills = executed(trades)
    late = data.draw(st.sampled_from(fills)) if fills else None
    others = [fill for fill in fills if fill is not late]
    book, true = Book(*others), Book(*fills)
    told_of = len(book.ended())
    if late is None or any(not row.quantity for row in book.rows if row.time_ms > late.time_ms):
        return  # a trade was told of as ended that had not
    book.take(late)
    assert book.state() == true.state()
    assert len(book.ended()) >= told_of
    assert book.ended() == true.ended()
