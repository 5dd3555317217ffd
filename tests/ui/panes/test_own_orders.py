"""Our orders among the rows of the book."""

from decimal import Decimal

import pytest
from account_builders import a_stop_order, an_account, an_order
from builders import NOW_NS, a_book_view, a_snapshot, ladder_rows
from pane_app import row_texts

from botcore_tui.model.order import OrderState, Purpose
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import OrderView
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.ladder import Ladder
from botcore_tui.ui.panes.own_orders import marks_of, own_prices

BIDS = ladder_rows(100.0, step=-1.0, count=5)
ASKS = ladder_rows(101.0, step=1.0, count=5)


def with_orders(*orders: OrderView) -> Snapshot:
    return a_snapshot(account=an_account(orders=orders))


@pytest.mark.parametrize(
    ("order", "mark"),
    [
        (an_order(), "◆"),
        (an_order(purpose=Purpose.TARGET), "◇"),
        (an_order(purpose=Purpose.EXIT), "◇"),
        (a_stop_order(), "■"),
        (a_stop_order(state=OrderState.UNKNOWN), "?"),
    ],
)
def test_entries_exits_stops_and_doubtful_orders_have_marks_of_their_own(
    order: OrderView, mark: str
) -> None:
    assert [found for _, found in own_prices(with_orders(order))] == [mark]


def test_ended_foreign_and_unpriced_orders_and_those_of_other_contracts_have_none() -> None:
    others = (
        an_order(state=OrderState.FILLED),
        an_order(purpose=None),
        an_order(price=None),
        an_order(symbol="ETHUSDT"),
    )
    assert own_prices(with_orders(*others)) == []
    assert own_prices(a_snapshot()) == []


@pytest.mark.parametrize(("price", "place"), [(100.0, 0), (98.4, 2), (96.0, 4), (95.9, None)])
def test_bid_stands_on_the_first_row_that_reaches_its_price(
    price: float, place: int | None
) -> None:
    expected = {} if place is None else {place: "◆"}
    assert marks_of(BIDS, [(price, "◆")], 1.0, is_bid=True) == expected


@pytest.mark.parametrize(("price", "place"), [(101.0, 0), (102.5, 2), (105.1, None)])
def test_ask_stands_on_the_first_row_that_reaches_its_price(
    price: float, place: int | None
) -> None:
    expected = {} if place is None else {place: "◇"}
    assert marks_of(ASKS, [(price, "◇")], 1.0, is_bid=False) == expected


def test_stop_wins_over_other_orders_on_its_row() -> None:
    for own in ([(99.0, "■"), (99.0, "◆")], [(99.0, "◆"), (99.0, "■")]):
        assert marks_of(BIDS, own, 1.0, is_bid=True) == {1: "■"}


def test_ladder_marks_our_orders_beside_the_price_without_moving_a_number() -> None:
    snapshot = with_orders(
        an_order(price=Decimal("61659.5")),
        a_stop_order(trigger_price=Decimal("61659.4")),
        an_order(price=Decimal("61659.8"), purpose=Purpose.TARGET),
    )
    pane = Ladder(clock_ns=lambda: NOW_NS)
    plain = row_texts(pane.draw(a_snapshot(), 38, 8))
    rows = pane.draw(snapshot, 38, 8)
    lines = row_texts(rows)
    assert [line[:9] for line in lines if line[1] not in " ─"] == [
        "▲◇61659.8",
        "▼◆61659.5",
        "▼■61659.4",
    ]
    assert [line[2:] for line in lines] == [line[2:] for line in plain]
    assert ("◆61659.5", Ink.OWN) in [part for row in rows for part in row]


def test_own_order_beyond_the_known_depth_keeps_its_colour() -> None:
    book = a_book_view(bids_known_to=61659.6)
    snapshot = a_snapshot(
        book=book, account=an_account(orders=(an_order(price=Decimal("61659.5")),))
    )
    rows = Ladder(clock_ns=lambda: NOW_NS).draw(snapshot, 38, 8)
    assert ("◆61659.5", Ink.OWN) in [part for row in rows for part in row]


def test_book_without_a_middle_has_no_marks() -> None:
    snapshot = a_snapshot(book=a_book_view(asks=()), account=an_account())
    lines = row_texts(Ladder(clock_ns=lambda: NOW_NS).draw(snapshot, 38, 8))
    assert not any("◆" in line for line in lines)
