"""How entries that are gone have ended, by the venue's word."""

import asyncio
from collections.abc import Sequence

import pytest
from fake_account import FakeAccount
from kill_stage import a_bid, an_algo
from msgspec.structs import replace
from order_builders import an_algo_report, an_order_report
from virtual_time import VirtualTime

from botcore_tui.engine.kill_ends import Ends, Entry
from botcore_tui.errors import FetchError
from botcore_tui.model.order import AlgoStatus, OrderReport, VenueStatus


@pytest.fixture
def venue() -> FakeAccount:
    return FakeAccount()


def counted(
    venue: FakeAccount,
    entries: Sequence[Entry],
    *,
    still_open: Sequence[Entry] = (),
    reply: OrderReport | None = None,
    notes: list[str] | None = None,
) -> tuple[int, int, int]:
    """Cancelled, executed, not told."""

    async def main() -> tuple[int, int, int]:
        ends = Ends(venue, (notes if notes is not None else []).append)
        ends.see(entries)
        ends.see(entries)
        assert len(ends) == len(entries)
        ends.on_reply(entries[0], reply)
        await ends.learn(still_open, 1.0)
        return ends.counts(still_open)

    return VirtualTime().run(main)


@pytest.mark.requirement("K4")
@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (VenueStatus.CANCELED, (1, 0, 0)),
        (VenueStatus.EXPIRED, (1, 0, 0)),
        (VenueStatus.REJECTED, (1, 0, 0)),
        (VenueStatus.FILLED, (0, 1, 0)),
        (VenueStatus.NEW, (0, 0, 1)),
        (VenueStatus.PARTIALLY_FILLED, (0, 0, 1)),
    ],
)
def test_order_is_asked_for_once_it_is_gone(
    venue: FakeAccount, status: VenueStatus, counts: tuple[int, int, int]
) -> None:
    venue.reports["a"] = an_order_report(client_order_id="a", status=status, filled_quantity="0.5")
    assert counted(venue, [a_bid("a"), a_bid("b")], still_open=[a_bid("b")]) == counts
    assert venue.calls == ["order a"]


def test_order_that_the_venue_forgot_was_not_executed(venue: FakeAccount) -> None:
    assert counted(venue, [a_bid("a")]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (VenueStatus.CANCELED, (1, 0, 0)),
        (VenueStatus.EXPIRED, (1, 0, 0)),
        (VenueStatus.FILLED, (0, 1, 0)),
    ],
)
def test_reply_to_the_cancel_tells_it_without_a_question(
    venue: FakeAccount, status: VenueStatus, counts: tuple[int, int, int]
) -> None:
    reply = an_order_report(client_order_id="a", status=status)
    assert counted(venue, [a_bid("a")], reply=reply) == counts
    assert venue.calls == []


def test_reply_that_it_is_open_still_tells_no_end(venue: FakeAccount) -> None:
    reply = an_order_report(client_order_id="a", status=VenueStatus.PARTIALLY_FILLED)
    venue.reports["a"] = an_order_report(client_order_id="a", status=VenueStatus.FILLED)
    assert counted(venue, [a_bid("a")], reply=reply) == (0, 1, 0)


@pytest.mark.requirement("K4")
@pytest.mark.parametrize(
    ("status", "became", "counts"),
    [
        (AlgoStatus.CANCELED, None, (1, 0, 0)),
        (AlgoStatus.EXPIRED, None, (1, 0, 0)),
        (AlgoStatus.NEW, None, (0, 0, 1)),
        (AlgoStatus.TRIGGERING, None, (0, 0, 1)),
        (AlgoStatus.FINISHED, VenueStatus.FILLED, (0, 1, 0)),
        (AlgoStatus.FINISHED, VenueStatus.CANCELED, (1, 0, 0)),
        (AlgoStatus.TRIGGERED, VenueStatus.NEW, (0, 0, 1)),
    ],
)
def test_conditional_order_ends_as_the_order_does_that_it_became(
    venue: FakeAccount,
    status: AlgoStatus,
    became: VenueStatus | None,
    counts: tuple[int, int, int],
) -> None:
    number = 77 if became is not None else 0
    venue.reports["a"] = an_algo_report(client_order_id="a", status=status, order_id=number)
    if became is not None:
        venue.reports[77] = an_order_report(client_order_id="a", status=became)
    assert counted(venue, [an_algo("a")]) == counts


def test_triggered_order_that_the_venue_does_not_show_yet_is_not_told(venue: FakeAccount) -> None:
    venue.reports["a"] = an_algo_report(
        client_order_id="a", status=AlgoStatus.TRIGGERED, order_id=77
    )
    assert counted(venue, [an_algo("a")]) == (0, 0, 1)


def test_orders_without_a_name_are_told_apart_by_number(venue: FakeAccount) -> None:
    nameless = [replace(a_bid(""), order_id=5), replace(a_bid(""), order_id=6)]
    algos = [replace(an_algo(""), algo_id=5), replace(an_algo(""), algo_id=6)]
    venue.reports[6] = an_order_report(client_order_id="", status=VenueStatus.FILLED)
    assert counted(venue, [*nameless, *algos], still_open=algos) == (1, 1, 0)


def test_question_without_an_answer_tells_nothing(venue: FakeAccount) -> None:
    venue.failures["order"].append(FetchError("502"))
    notes: list[str] = []
    assert counted(venue, [a_bid("a")], notes=notes) == (0, 0, 1)
    assert notes == ["BTCUSDT: what became of a: 502"]


def test_question_that_hangs_is_given_up(venue: FakeAccount) -> None:
    notes: list[str] = []
    venue.hold("order")
    assert counted(venue, [a_bid("a")], notes=notes) == (0, 0, 1)
    assert notes == ["no answer within 1 s for entries that are gone"]


def test_few_questions_are_under_way_at_once(venue: FakeAccount) -> None:
    async def main() -> int:
        venue.hold("order")
        notes: list[str] = []
        ends = Ends(venue, notes.append)
        ends.see([a_bid(f"e{number}") for number in range(40)])
        task = asyncio.create_task(ends.learn((), 30.0))
        await venue.until(lambda: venue.count("order"))
        await asyncio.sleep(0)  # whatever may begin has begun
        under_way = venue.count("order")
        venue.release("order")
        await task
        return under_way

    assert asyncio.run(main()) <= 16
