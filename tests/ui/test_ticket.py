"""What a ticket means: an order, or what is wrong with it and why."""

from decimal import Decimal

import pytest
from account_builders import a_position, an_account, flat
from builders import a_book_view, a_snapshot
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.model.event import TradingState
from botcore_tui.model.market import BookState, Side
from botcore_tui.model.order import OrderType
from botcore_tui.model.trading import Wish
from botcore_tui.ui.ticket import FIELDS, Basis, Draft, Reading, basis_of, cautions, read


def a_basis(**fields: object) -> Basis:
    values: dict[str, object] = {
        "symbol": "BTCUSDT",
        "price_decimals": 1,
        "quantity_decimals": 3,
        "tick": Decimal("0.1"),
        "best": Decimal("60000.0"),
        "held": Decimal(0),
        "equity": Decimal(10_000),
        "taker_pct": Decimal("0.05"),
        **fields,
    }
    return Basis(**values)  # type: ignore[arg-type]  # builders take what the test names


def reading(
    *,
    side: Side = Side.BUY,
    type: OrderType = OrderType.MARKET,  # noqa: A002 - the field's name
    basis: Basis | None = None,
    **texts: str,
) -> Reading:
    draft = Draft(side=side, type=type, texts=texts)
    return read(draft, basis or a_basis())


def test_market_order_with_a_stop_becomes_an_order() -> None:
    found = reading(size="0.1", stop="59000.0", target="62000", trail="1.5")
    assert found.problems == {}
    assert found.wanted is not None
    assert (found.wanted.quantity, found.wanted.price) == (Decimal("0.1"), None)
    assert (found.wanted.stop_price, found.wanted.target_price) == (Decimal(59000), Decimal(62000))
    assert found.wanted.trail_pct == Decimal("1.5")
    assert not found.wanted.reduce_only


def test_figures_say_notional_fees_and_risk_in_money_and_percent_of_equity() -> None:
    # 0.1 x 60,000; fees 0.05 % of 6,000 and of 5,900; risk 0.1 x 1,000 and the fees.
    assert reading(size="0.1", stop="59000").figures == (
        "price     about 60000",
        "notional  6,000.00  60.00% of equity",
        "fees      5.95 both sides  taker 0.05%",
        "risk      105.95 incl. fees  1.06% of equity",
        "position  flat -> LONG 0.1",
    )


def test_risk_of_a_short_is_counted_the_other_way() -> None:
    found = reading(side=Side.SELL, size="0.1", stop="61000")
    assert found.wanted is not None
    assert "risk      106.05 incl. fees  1.06% of equity" in found.figures
    assert "position  flat -> SHORT 0.1" in found.figures


def test_limit_order_counts_from_its_own_price() -> None:
    found = reading(type=OrderType.LIMIT, size="0.1", price="50000", stop="49000")
    assert found.wanted is not None
    assert found.wanted.price == Decimal(50000)
    assert found.figures[:2] == ("price     50000", "notional  5,000.00  50.00% of equity")


def test_order_against_the_position_is_reduce_only_and_needs_no_stop() -> None:
    found = reading(side=Side.SELL, size="0.1", basis=a_basis(held=Decimal("0.25")))
    assert found.wanted is not None
    assert found.wanted.reduce_only
    assert found.figures[2:] == (
        "fee       3.00  taker 0.05%",
        "position  LONG 0.25 -> LONG 0.15  reduce-only",
    )


def test_order_that_turns_the_position_round_needs_a_stop() -> None:
    found = reading(side=Side.SELL, size="0.3", basis=a_basis(held=Decimal("0.25")))
    assert found.wanted is None
    assert found.problems == {"stop": "needed: the order raises the position"}


@pytest.mark.parametrize("field", ["stop", "target", "trail"])
def test_reducing_order_takes_no_guards(field: str) -> None:
    texts = {"size": "0.1", field: "1"}
    draft = Draft(side=Side.SELL, type=OrderType.MARKET, texts=texts)
    found = read(draft, a_basis(held=Decimal("0.25")))
    assert found.problems == {field: "leave empty: the order only reduces the position"}


@pytest.mark.parametrize(
    ("texts", "field", "why"),
    [
        ({}, "size", "needed, in BTCUSDT contract units"),
        ({"size": "abc"}, "size", "'abc' is not a number"),
        ({"size": "1e3"}, "size", "'1e3' is not a number"),
        ({"size": "NaN"}, "size", "'NaN' is not a number"),
        ({"size": "-1"}, "size", "'-1' is not a number"),
        ({"size": "٣"}, "size", "'٣' is not a number"),
        ({"size": "0.000"}, "size", "must be above zero"),
        ({"size": "9" * 40}, "size", "too long: at most 12 digits before and behind the point"),
        ({"size": "1", "stop": "9" * 40}, "stop",
         "too long: at most 12 digits before and behind the point"),
        ({"size": "1", "stop": "1." + "0" * 40}, "stop",
         "too long: at most 12 digits before and behind the point"),
        ({"size": "0.0001"}, "size", "at most 3 digits behind the point"),
        ({"size": "1"}, "stop", "needed: the order raises the position"),
        ({"size": "1", "stop": "59000.05"}, "stop", "not a multiple of the tick 0.1"),
        ({"size": "1", "stop": "60000"}, "stop", "must be below 60000: this is a BUY"),
        ({"size": "1", "stop": "1", "target": "9"}, "target",
         "must be above 60000: this is a BUY"),
        ({"size": "1", "stop": "1", "trail": "0.05"}, "trail", "0.1 to 20 percent"),
        ({"size": "1", "stop": "1", "trail": "21"}, "trail", "0.1 to 20 percent"),
    ],
)  # fmt: skip
def test_problem_names_the_field_and_why(texts: dict[str, str], field: str, why: str) -> None:
    found = read(Draft(side=Side.BUY, type=OrderType.MARKET, texts=texts), a_basis())
    assert found.wanted is None
    assert found.problems[field] == why


def test_stop_and_target_of_a_sale_lie_the_other_way() -> None:
    found = reading(side=Side.SELL, size="1", stop="59000", target="61000")
    assert found.problems == {
        "stop": "must be above 60000: this is a SELL",
        "target": "must be below 60000: this is a SELL",
    }


def test_limit_needs_a_price_and_market_needs_a_market() -> None:
    limit = reading(type=OrderType.LIMIT, size="1", stop="1")
    assert limit.problems["price"] == "needed: a LIMIT order rests at its price"
    market = reading(size="1", stop="1", basis=a_basis(best=None))
    assert market.problems["price"] == "no market price is known: use LIMIT"


def test_risk_is_not_told_before_there_is_a_stop_nor_a_share_of_unknown_equity() -> None:
    figures = reading(size="0.1", basis=a_basis(equity=None)).figures
    assert "risk      - until there is a stop" in figures
    assert "notional  6,000.00  - of equity" in figures


_TYPED = st.text(max_size=8) | st.text(alphabet="0123456789.", max_size=64)


@given(st.dictionaries(st.sampled_from(FIELDS), _TYPED), st.sampled_from(Side))
def test_whatever_is_typed_has_an_order_or_a_problem(texts: dict[str, str], side: Side) -> None:
    for kind in (OrderType.MARKET, OrderType.LIMIT):
        found = read(Draft(side=side, type=kind, texts=texts), a_basis())
        assert (found.wanted is None) == bool(found.problems)


def test_basis_takes_the_other_side_of_the_book_the_position_and_equity() -> None:
    snapshot = a_snapshot(account=an_account(positions=(a_position(symbol="X"), a_position())))
    basis = basis_of(snapshot, Side.BUY, Decimal("0.04"))
    assert (basis.best, basis.held) == (Decimal("61659.7"), Decimal("0.120"))
    assert (basis.tick, basis.equity) == (Decimal("0.1"), Decimal("10241.22"))
    assert basis_of(snapshot, Side.SELL, Decimal("0.04")).best == Decimal("61659.6")


def test_basis_without_a_book_takes_the_last_price_and_without_money_no_equity() -> None:
    empty = a_book_view(bids=(), asks=())
    basis = basis_of(a_snapshot(book=empty, account=flat(money=None)), Side.BUY, Decimal(0))
    assert (basis.best, basis.equity, basis.held) == (Decimal("61659.7"), None, Decimal(0))
    nothing = a_snapshot(book=empty, last_price=None)
    assert basis_of(nothing, Side.BUY, Decimal(0)).best is None


def test_cautions_say_what_the_strategy_would_undo() -> None:
    shown = a_snapshot(account=an_account()).symbol
    wishes = (Wish("ema_cross", shown, -1), Wish("ema_cross", "OTHERUSDT", -1))
    snapshot = a_snapshot(account=an_account(wishes=wishes))
    said = f"ema_cross wants {shown} short: it closes a long at once"
    assert cautions(snapshot, Side.BUY) == (said,)
    assert cautions(snapshot, Side.SELL) == ()


def test_cautions_say_why_the_engine_may_refuse() -> None:
    assert cautions(a_snapshot(account=an_account()), Side.BUY) == ()
    troubled = a_snapshot(
        state=TradingState.REDUCING, account=an_account(trouble="user stream down")
    )
    assert cautions(troubled, Side.BUY) == (
        "the engine is REDUCING: it takes no order that adds risk",
        "no entries now: user stream down",
    )


@pytest.mark.requirement("F07")
def test_cautions_say_that_what_prices_are_taken_from_is_late() -> None:
    book = a_book_view(BookState.STALE, reason="updates come 20.0 s late")
    assert cautions(a_snapshot(book=book, late_ms=8_000), Side.BUY) == (
        "the book is stale (updates come 20.0 s late): its prices are not those of now",
        "mark and trades come 8s late: they are not those of now",
    )
