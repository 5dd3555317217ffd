"""An account is left halted, without entries, and with the venue's word that it is so."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Final

import pytest
from account_builders import a_position, an_account, an_order, flat
from fake_account import FakeAccount
from fake_engine import FakeEngine
from msgspec.structs import replace
from order_builders import a_position_report, an_algo_report, an_order_report
from pictures import a_picture, a_trader

from botcore_tui.cli import leaving
from botcore_tui.cli.leaving import Settled, settle
from botcore_tui.core.standing import LEAVING
from botcore_tui.errors import FetchError
from botcore_tui.model.event import TradingState
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, Purpose
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import AccountView, Cover

LATER: Final = 2**62
"""Every picture of it is news."""


class Account:
    """An account in a loop of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.venue = FakeAccount()
        self.loop = loop


class Opened:
    """Where it is opened."""

    def __init__(self, account: Account | None) -> None:
        self.account = account


class SlowClock:
    """A second passes between two looks at it."""

    def __init__(self) -> None:
        self.looks = 0

    def monotonic_ns(self) -> int:
        self.looks += 1
        return self.looks * 1_000_000_000


@pytest.fixture
def account() -> Iterator[Account]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield asyncio.run_coroutine_threadsafe(_made(loop), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _made(loop: asyncio.AbstractEventLoop) -> Account:
    return Account(loop)


def a_snapshot(view: AccountView | None, state: TradingState = TradingState.HALTED) -> Snapshot:
    picture = a_picture(a_trader())
    return replace(picture, account=view, state=state, published_ns=LATER)


def left(account: Account | None, view: AccountView | None, seconds: float = 0.0) -> Settled:
    return settle(FakeEngine(a_snapshot(view)), Opened(account), "the end", seconds)


def test_a_flat_account_is_left_clean_and_halted(account: Account) -> None:
    engine = FakeEngine(a_snapshot(flat()))
    settled = settle(engine, Opened(account), "the end", 5.0)
    assert settled.is_clean
    assert settled.snapshot is engine.snapshot
    assert engine.halts == [(LEAVING, "the end")]
    assert account.venue.calls == ["open_algo_orders", "open_orders", "positions"]


@pytest.mark.requirement("P22")
@pytest.mark.parametrize(
    ("quantity", "stop", "is_clean"),
    [
        ("0.120", {"close_position": True}, True),
        ("-0.120", {"close_position": True}, False),
        ("-0.120", {"close_position": True, "side": Side.BUY}, True),
        ("0.120", {"close_position": False, "reduce_only": True, "quantity": "0.120"}, True),
        ("0.120", {"close_position": False, "reduce_only": True, "quantity": "0.119"}, False),
        ("0.120", {"close_position": False, "quantity": "0.120"}, False),
        ("0.120", {"word": "TAKE_PROFIT_MARKET"}, False),
        ("0.120", {"symbol": "ETHUSDT"}, False),
        ("0.120", {"client_order_id": "web-1"}, True),
        ("0.120", {"client_order_id": "web-1", "trigger_price": "1"}, False),
        ("0.120", {"trigger_price": "1"}, True),
    ],
)
def test_a_position_is_protected_by_a_stop_of_the_venue_for_all_of_it(
    account: Account, quantity: str, stop: dict[str, object], *, is_clean: bool
) -> None:
    account.venue.held_positions = [a_position_report(quantity=quantity, entry_price="100")]
    account.venue.algo_orders = [an_algo_report(**stop)]  # type: ignore[arg-type]  # by name
    settled = left(account, flat())
    assert settled.is_clean is is_clean
    if not is_clean:
        assert settled.trouble == "positions without a stop: BTCUSDT"


def test_an_entry_that_is_still_open_at_the_venue_is_told(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    reducing = an_order_report(client_order_id="bc-a-2-x", reduce_only=True)
    account.venue.orders = [an_order_report(client_order_id="bc-a-1-e"), reducing]
    settled = left(account, flat())
    assert settled.trouble == "entries are open: bc-a-1-e"
    assert "the account is left in doubt: entries are open: bc-a-1-e" in caplog.text
    assert settled.truth is not None
    assert len(settled.truth.orders) == 2


def test_a_conditional_order_that_would_open_a_position_is_an_entry(account: Account) -> None:
    waiting = an_algo_report(client_order_id="web-1", close_position=False, quantity="0.120")
    account.venue.algo_orders = [waiting]
    assert left(account, flat()).trouble == "entries are open: web-1"


@pytest.mark.requirement("K2")
def test_an_order_that_takes_profit_but_could_do_more_is_an_entry(account: Account) -> None:
    account.venue.held_positions = [a_position_report(quantity="0.120", entry_price="100")]
    profit = an_algo_report(
        client_order_id="web-1", word="TAKE_PROFIT_MARKET", close_position=False, quantity="0.120"
    )
    account.venue.algo_orders = [an_algo_report(), profit]
    assert left(account, flat()).trouble == "entries are open: web-1"


def test_an_unknown_order_is_trouble_whatever_the_venue_lists(account: Account) -> None:
    assert left(account, flat(unknown_orders=1)).trouble == "1 orders are UNKNOWN"


@pytest.mark.parametrize("error", [FetchError("gone"), RuntimeError("closed")])
def test_a_venue_that_does_not_answer_is_trouble(account: Account, error: Exception) -> None:
    account.venue.failures["open_orders"].append(error)
    settled = left(account, flat())
    assert settled.trouble == "the venue did not say what is open"
    assert settled.truth is None


def test_a_venue_that_takes_too_long_is_told_with_the_time_it_had(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    account.venue.failures["open_orders"].append(TimeoutError())
    left(account, flat())
    assert "the venue did not say what is open: no answer within 5 s" in caplog.messages


@pytest.mark.parametrize("state", [OrderState.PLANNED, OrderState.IN_FLIGHT])
def test_an_order_that_is_still_under_way_is_trouble(account: Account, state: OrderState) -> None:
    view = an_account(orders=(an_order(purpose=Purpose.EXIT, state=state),))
    assert left(account, view).trouble.startswith("what became of orders is not known: ")


def test_where_no_session_ever_began_there_is_nothing_to_settle() -> None:
    assert left(None, None).is_clean
    assert left(None, flat()).is_clean
    assert settle(FakeEngine(None), Opened(None), "the end", 0.0).snapshot is None


def test_a_venue_that_is_away_at_the_end_is_trouble_if_anything_was_there() -> None:
    assert left(None, an_account()).trouble == "the venue did not say what is open"


@pytest.mark.parametrize(
    ("order", "is_waited_for"),
    [
        ({}, True),
        ({"state": OrderState.CANCELED}, False),
        ({"purpose": None}, False),
        ({"purpose": Purpose.STOP}, False),
        ({"purpose": Purpose.STOP, "state": OrderState.UNKNOWN}, True),
        ({"purpose": Purpose.EXIT, "state": OrderState.IN_FLIGHT}, True),
    ],
)
def test_entries_and_orders_in_doubt_are_waited_for(
    account: Account, order: dict[str, object], *, is_waited_for: bool
) -> None:
    engine = FakeEngine(a_snapshot(an_account(orders=(an_order(**order),))))

    def end() -> None:
        engine.snapshot = a_snapshot(flat())

    looks = engine.look

    def look(view: object) -> Snapshot | None:
        found = looks(view)  # type: ignore[arg-type]  # passed on
        end()
        return found

    engine.look = look  # type: ignore[method-assign]  # one look later it has ended
    settled = settle(engine, Opened(account), "the end", 30.0)
    assert settled.snapshot is not None
    assert (settled.snapshot.account == flat()) is is_waited_for


@pytest.mark.requirement("P22")
@pytest.mark.parametrize("cover", [Cover.NAKED, Cover.PLACING, Cover.CLOSING])
def test_position_without_a_verified_stop_is_waited_for(account: Account, cover: Cover) -> None:
    """A stop was not placed, and the next try is half a second away: nothing is under way."""
    bare = an_account(positions=(a_position(cover=cover),), orders=())
    covered = an_account(positions=(a_position(),), orders=())
    engine = FakeEngine(a_snapshot(bare))
    looks = engine.look

    def look(view: object) -> Snapshot | None:
        found = looks(view)  # type: ignore[arg-type]  # passed on
        engine.snapshot = a_snapshot(covered)
        return found

    engine.look = look  # type: ignore[method-assign]  # one look later it has its stop
    settled = settle(engine, Opened(account), "the end", 30.0)
    assert settled.snapshot is not None
    assert settled.snapshot.account == covered


@pytest.mark.slow
def test_position_without_a_verified_stop_is_waited_for_longer_than_orders(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SlowClock()
    monkeypatch.setattr(leaving, "SystemClock", lambda: clock)
    under_way = an_account(positions=(), orders=(an_order(state=OrderState.IN_FLIGHT),))
    left(account, under_way, 8.0)
    assert clock.looks == 8 + 2
    clock.looks = 0
    left(account, an_account(positions=(a_position(cover=Cover.PLACING),), orders=()), 8.0)
    assert clock.looks == 20 + 2


def test_a_picture_of_before_the_halt_does_not_count() -> None:
    engine = FakeEngine(a_snapshot(flat(), TradingState.ACTIVE))
    looks: list[object] = []

    def look(view: object) -> Snapshot | None:
        looks.append(view)
        old = replace(a_snapshot(flat()), published_ns=0)
        return [engine.snapshot, old, a_snapshot(flat())][len(looks) - 1]

    engine.look = look  # type: ignore[method-assign]  # three pictures in turn
    assert settle(engine, Opened(None), "the end", 30.0).is_clean
    assert len(looks) == 3
