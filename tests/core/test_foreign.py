"""Orders of others are seen, told once and dropped when they are gone."""

from decimal import Decimal

import pytest
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, a_picture, an_algo_report, an_order_report

from botcore_tui.core.foreign import ForeignOrders, listed_orders
from botcore_tui.model.event import Record, Severity
from botcore_tui.model.order import AlgoStatus, OrderReport, Source, VenueStatus


def names(foreign: ForeignOrders) -> set[str]:
    """Ids or numbers of those that are open."""
    return {name for _, _, name in foreign.open}


@pytest.mark.requirement("F10")
@pytest.mark.requirement("A09")
def test_foreign_order_is_told_once() -> None:
    foreign = ForeignOrders()
    report = an_order_report(client_order_id="web_1")
    effects = foreign.see(report, NOW_MS)
    records = [effect for effect in effects if isinstance(effect, Record)]
    assert [(one.severity, one.code) for one in records] == [(Severity.WARNING, "order.foreign")]
    assert list(foreign.open.values()) == [report]
    assert foreign.see(report, NOW_MS) == []


def test_foreign_order_that_has_ended_is_not_open() -> None:
    foreign = ForeignOrders()
    foreign.see(an_order_report(client_order_id="web_1"), NOW_MS)
    foreign.see(an_order_report(client_order_id="web_1", status=VenueStatus.FILLED), NOW_MS)
    foreign.see(an_algo_report(client_order_id="", algo_id=5), NOW_MS)
    assert names(foreign) == {"5"}
    foreign.see(an_algo_report(client_order_id="", algo_id=5, status=AlgoStatus.CANCELED), NOW_MS)
    assert foreign.open == {}


@pytest.mark.requirement("F10")
def test_word_that_is_older_than_the_end_does_not_open_it_again() -> None:
    """A listing that was asked for before the stream told of the end."""
    foreign = ForeignOrders()
    for report in (an_order_report(client_order_id="web_1"), an_algo_report(client_order_id="a")):
        foreign.see(report, NOW_MS)
    foreign.see(an_order_report(client_order_id="web_1", status=VenueStatus.CANCELED), NOW_MS)
    foreign.see(an_algo_report(client_order_id="a", status=AlgoStatus.CANCELED), NOW_MS)
    foreign.see(an_order_report(client_order_id="web_1", source=Source.LIST), NOW_MS)
    foreign.see(an_algo_report(client_order_id="a", source=Source.LIST), NOW_MS)
    assert foreign.open == {}


def test_end_of_an_order_says_nothing_of_a_later_one_of_its_id() -> None:
    foreign = ForeignOrders(keep=1)
    foreign.see(an_algo_report(client_order_id="a", algo_id=1), NOW_MS)
    foreign.see(an_algo_report(client_order_id="a", algo_id=2), NOW_MS)
    foreign.see(an_algo_report(client_order_id="a", algo_id=1, status=AlgoStatus.CANCELED), NOW_MS)
    assert names(foreign) == {"a"}
    foreign.see(an_algo_report(client_order_id="a", algo_id=2, status=AlgoStatus.CANCELED), NOW_MS)
    assert foreign.open == {}
    foreign.see(an_algo_report(client_order_id="a", algo_id=3), NOW_MS)
    assert names(foreign) == {"a"}


def test_foreign_order_without_a_name_goes_by_its_number() -> None:
    foreign = ForeignOrders()
    foreign.see(an_order_report(client_order_id="", order_id=9), NOW_MS)
    assert names(foreign) == {"9"}


def test_numbers_are_known_within_bounds() -> None:
    foreign = ForeignOrders(keep=2)
    for number in (1, 2, 3):
        foreign.know(SYMBOL, number)
    assert [foreign.is_known(SYMBOL, number) for number in (1, 2, 3)] == [False, True, True]
    assert not foreign.is_known("OTHER", 2)


def test_orders_that_a_listing_has_not_are_dropped() -> None:
    foreign = ForeignOrders()
    listed = an_order_report(client_order_id="web_listed")
    for report in (
        listed,
        an_order_report(client_order_id="web_gone"),
        an_order_report(client_order_id="web_later", time_ms=NOW_MS + 1),
        an_order_report(client_order_id="web_other", symbol="OTHER"),
        an_algo_report(client_order_id="web_algo"),
    ):
        foreign.see(report, NOW_MS)
    picture = a_picture(orders=(listed,), algo_orders=None, listed=(SYMBOL,))
    foreign.drop_gone(picture)
    assert names(foreign) == {"web_listed", "web_later", "web_other", "web_algo"}
    foreign.drop_gone(a_picture(asked_ms=NOW_MS + 5, orders=None))
    assert names(foreign) == {"web_listed", "web_later", "web_other"}


def test_listings_hold_orders_of_both_kinds() -> None:
    order, algo = an_order_report(), an_algo_report()
    assert listed_orders(a_picture(orders=(order,), algo_orders=(algo,))) == [order, algo]
    assert listed_orders(a_picture(orders=None, algo_orders=None)) == []


def test_only_so_many_that_others_filled_are_remembered() -> None:
    foreign = ForeignOrders(keep=1)
    for number in (1, 2):
        report = an_order_report(
            client_order_id=f"web_{number}", order_id=number, status=VenueStatus.FILLED
        )
        assert foreign.see(report, NOW_MS) != []
    assert list(foreign.executed) == ["web_2"]
    again = an_order_report(client_order_id="web_1", order_id=1, status=VenueStatus.FILLED)
    assert foreign.see(again, NOW_MS) != []  # forgotten, so it is told anew


@pytest.mark.requirement("F09")
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("autoclose-1700000000000001", "liquidated"),
        ("adl_autoclose", "deleveraged"),
        ("settlement_autoclose-17", "settled"),
    ],
)
def test_what_the_venue_itself_does_to_a_position_calls_somebody_each_time(
    name: str, what: str
) -> None:
    """One of these ids is the same for all orders of its kind."""
    foreign = ForeignOrders()
    for number in (7, 8):
        report = an_order_report(client_order_id=name, order_id=number, reduce_only=True)
        told = foreign.see(report, NOW_MS)
        told += foreign.see(replace(report, status=VenueStatus.FILLED), NOW_MS)
        (record,) = [effect for effect in told if isinstance(effect, Record)]
        assert (record.severity, record.code) == (Severity.CRITICAL, "order.venue")
        assert what in record.text
        assert name in record.text


@pytest.mark.requirement("F10")
@pytest.mark.parametrize(
    ("order_id", "time_ms", "left"),
    [(11, NOW_MS, "5"), (11, 0, "1"), (11, NOW_MS + 2, "1"), (12, NOW_MS, "1")],
    ids=["older", "of no time", "newer", "another order"],
)
def test_listing_from_before_a_change_does_not_undo_it(
    order_id: int, time_ms: int, left: str
) -> None:
    """Somebody made the order larger: by the older word our own next one would be too large."""
    foreign = ForeignOrders()
    name = "web_1"
    foreign.see(an_order_report(client_order_id=name, time_ms=NOW_MS), NOW_MS)
    grown = an_order_report(client_order_id=name, quantity="5", time_ms=NOW_MS + 1)
    foreign.see(grown, NOW_MS)
    listed = an_order_report(
        source=Source.LIST, client_order_id=name, order_id=order_id, time_ms=time_ms
    )
    foreign.see(listed, NOW_MS)
    (report,) = foreign.open.values()
    assert isinstance(report, OrderReport)
    assert report.quantity == Decimal(left)
