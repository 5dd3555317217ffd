"""The ladder: rows of levels that keep all quantity and promise no better price."""

from math import isclose

import pytest
from engine_fakes import SYMBOL, a_book, a_delta
from hypothesis import given
from hypothesis import strategies as st
from pictures import a_live_book, a_picture, a_trader

from botcore_tui.engine import publisher as publisher_module
from botcore_tui.model.event import InstrumentUpdate
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import Level
from botcore_tui.model.snapshot import GROUPINGS, View

# --- the ladder --------------------------------------------------------------------------------


def test_ladder_has_best_rows_first_with_running_sums() -> None:
    book = a_picture(
        a_trader(*a_live_book(bids=[(98.9, 1.0), (99.0, 2.0)], asks=[(99.2, 3.0), (99.1, 4.0)]))
    ).book

    assert [(row.quantity, row.cumulative) for row in book.bids] == [(2.0, 2.0), (1.0, 3.0)]
    assert [(row.quantity, row.cumulative) for row in book.asks] == [(4.0, 4.0), (3.0, 7.0)]
    assert (book.best_bid, book.best_bid_quantity) == (99.0, 2.0)
    assert (book.best_ask, book.best_ask_quantity) == (99.1, 4.0)


@pytest.mark.parametrize(("wish", "rows"), [(-3, 1), (0, 1), (2, 2), (10_000, 200)])
def test_ladder_has_as_many_rows_as_wished_within_bounds(wish: int, rows: int) -> None:
    bids = [(100.0 - index / 10, 1.0) for index in range(300)]

    book = a_picture(a_trader(*a_live_book(bids=bids)), View(book_rows=wish)).book

    assert len(book.bids) == rows
    assert len(book.asks) == 1


def test_last_row_is_complete_even_where_its_levels_are_many() -> None:
    # One row of a thousand ticks holds more levels than the rows asked for.
    bids = [(1_000.0 - index / 10, 1.0) for index in range(3_000)]

    book = a_picture(
        a_trader(*a_live_book(bids, [(2_000.0, 1.0)])), View(grouping=1000, book_rows=2)
    ).book

    assert [(row.price, row.quantity) for row in book.bids] == [(1_000.0, 1.0), (900.0, 1_000.0)]


def test_reading_deeper_ends_at_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_module, "_MOST_LEVELS", 100)
    bids = [(1_000.0 - index / 10, 1.0) for index in range(900)]

    book = a_picture(
        a_trader(*a_live_book(bids, [(2_000.0, 1.0)])), View(grouping=1000, book_rows=5)
    ).book

    assert 0 < sum(row.quantity for row in book.bids) < 900


ticks = st.lists(st.integers(1, 40_000), min_size=1, max_size=150, unique=True)


@given(
    ticks,
    st.sampled_from(GROUPINGS),
    st.sampled_from([(0.1, 1), (0.01, 2), (0.5, 1), (0.0001, 4), (10.0, 0)]),
    st.integers(1, 200),
)
def test_grouping_keeps_all_quantity_and_promises_no_better_price(
    prices: list[int], grouping: int, tick: tuple[float, int], rows: int
) -> None:
    size, decimals = tick
    bids = [(round(price * size, decimals), float(price % 7 + 1)) for price in prices]
    asks = [(round((price + 40_000) * size, decimals), float(price % 5 + 1)) for price in prices]
    trader = a_trader(
        InstrumentUpdate(Instrument(SYMBOL, decimals, 0, size)),
        a_delta(1, 10),
        a_book(10, bids=bids, asks=asks),
    )

    book = a_picture(trader, View(grouping=grouping, book_rows=rows)).book

    step = size * grouping
    for levels, shown, sign in ((bids, book.bids, 1), (asks, book.asks, -1)):
        expected = expected_rows(levels, step, sign)[:rows]
        assert [row.quantity for row in shown] == [quantity for _, quantity in expected]
        for row, (price, _) in zip(shown, expected, strict=True):
            assert isclose(row.price, price, rel_tol=1e-9)
        if len(expected) < rows:
            assert shown[-1].cumulative == sum(quantity for _, quantity in levels)


def expected_rows(levels: list[Level], step: float, sign: int) -> list[tuple[float, float]]:
    """Bids fall to the step below, asks rise to the one above; best first."""
    sums: dict[int, float] = {}
    for price, quantity in levels:
        whole = round(price / step)
        if sign * (whole * step - price) > step * 1e-6:  # better than the level: not to be shown
            whole -= sign
        elif sign * (price - whole * step) > step * (1 - 1e-6):
            whole += sign
        sums[whole] = sums.get(whole, 0.0) + quantity
    return [(whole * step, sums[whole]) for whole in sorted(sums, reverse=sign > 0)]
