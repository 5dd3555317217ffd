"""What the ledger shows of a day and a week, for the checks."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from builders import NOW_MS
from ledger_rows import ACCOUNT, a_position, an_intent, an_order, ledger_url, numbered, written
from msgspec.structs import replace
from risk_rows import a_call, a_stream, an_equity

from botcore_tui.core.checks import Delivery, OrderCount
from botcore_tui.ledger.checkup import Checkup
from botcore_tui.ledger.store import reading_engine
from botcore_tui.model.command import SignOff
from botcore_tui.model.ledger import CommandRow
from botcore_tui.model.order import OrderState

DAY_MS = 86_400_000


@contextmanager
def looking(url: str) -> Iterator[Checkup]:
    engine = reading_engine(url)
    with engine.connect() as connection:
        yield Checkup(connection, ACCOUNT)
    engine.dispose()


def a_signature(
    what: str = "daily",
    *,
    subject: str = "",
    seen: str = "",
    reason: str = "read",
    is_accepted: bool = True,
    time_ms: int = NOW_MS,
) -> CommandRow:
    command = SignOff(
        command_id="c",
        actor="ada",
        what=what,
        subject=subject,
        seen=seen,
        summary="5 OK",
        reason=reason,
        time_ms=time_ms,
    )
    return CommandRow(
        command_id="c",
        command="SignOff",
        actor="ada#1 root",
        arguments=msgspec.json.encode(command).decode(),
        reason=reason,
        is_accepted=is_accepted,
        code="" if is_accepted else "P03",
        text="",
        time_ms=time_ms,
    )


@pytest.mark.requirement("R60")
@pytest.mark.requirement("R64")
def test_requests_are_summed_by_endpoint_within_the_time(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    rows = (
        a_call(limited=1, repeated=2, time_ms=NOW_MS),
        a_call(failed=3, time_ms=NOW_MS + 5),
        a_call("klines", banned=1, given_up=1, time_ms=NOW_MS + 1),
        a_call(attempts=7, time_ms=NOW_MS - 1),
        a_call(attempts=9, time_ms=NOW_MS + 10),
    )
    written(url, rows)
    with looking(url) as checkup:
        depth, klines = checkup.calls(NOW_MS, NOW_MS + 10)
        assert checkup.calls(0, 5) == ()
    assert (depth.endpoint, depth.attempts, depth.limited, depth.failed) == ("depth", 200, 1, 3)
    assert (depth.repeated, depth.saved, depth.newest_ms) == (2, 2, NOW_MS + 5)
    assert (klines.banned, klines.given_up) == (1, 1)


@pytest.mark.requirement("R61")
def test_each_stream_is_summed(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(
        url,
        (
            a_stream(up_ms=590_000, time_ms=NOW_MS + 1),
            a_stream(time_ms=NOW_MS + 2),
            a_stream("user data", time_ms=NOW_MS - 1),
        ),
    )
    with looking(url) as checkup:
        assert checkup.streams(NOW_MS, NOW_MS + 9) == (
            Delivery("public", 1_200_000, 1_190_000, NOW_MS + 2),
        )


@pytest.mark.requirement("R62")
def test_orders_that_came_to_nothing_are_counted(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    states = (
        OrderState.FILLED,
        OrderState.REJECTED,
        OrderState.UNKNOWN,
        OrderState.NOT_PLACED,
        OrderState.CANCELED,
    )
    rows: list[object] = []
    for number, state in enumerate(states):
        intent = numbered(an_intent(), number)
        rows += [intent, an_order(state, client_order_id=intent.request.client_order_id)]
    old = numbered(an_intent(created_ms=NOW_MS - 1), 99)
    rows += [old, an_order(OrderState.REJECTED, client_order_id=old.request.client_order_id)]
    written(url, rows)  # type: ignore[arg-type]  # rows of several kinds
    with looking(url) as checkup:
        assert checkup.orders(NOW_MS, NOW_MS + 1) == OrderCount(5, 3)
        assert checkup.orders(0, 1) == OrderCount(0, 0)


@pytest.mark.requirement("R75")
@pytest.mark.requirement("R66")
def test_the_newest_signature_of_each_list_is_found_with_the_limits_it_was_about(
    tmp_path: Path,
) -> None:
    url = ledger_url(tmp_path)
    rows = (
        a_signature("weekly", seen='{"checks":[],"limits":{"risk.risk_pct":"1"}}'),
        a_signature("weekly", seen='{"limits":{"risk.risk_pct":"2"}}', time_ms=NOW_MS + 5),
        a_signature("weekly", is_accepted=False, time_ms=NOW_MS + 9),
        a_signature("daily", seen="not json"),
        replace(a_signature("monthly"), arguments="{}"),
        replace(a_signature("monthly"), command="Halt"),
    )
    written(url, rows)
    with looking(url) as checkup:
        weekly, daily = checkup.signed("weekly"), checkup.signed("daily")
        assert checkup.signed("monthly") is None
    assert weekly is not None
    assert (weekly.signature.actor, weekly.signature.time_ms) == ("ada#1 root", NOW_MS + 5)
    assert weekly.limits == {"risk.risk_pct": "2"}
    assert daily is not None
    assert (daily.signature.summary, daily.limits) == ("5 OK", {})


@pytest.mark.requirement("R63")
def test_trades_carry_what_was_noted_last(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(
        url,
        (
            a_position("0", realized="3", time_ms=NOW_MS),
            a_position("0.01", time_ms=NOW_MS + 1),
            a_position("0", realized="-1", time_ms=NOW_MS + 2),
            a_position("0", time_ms=NOW_MS - DAY_MS),
        ),
    )
    with looking(url) as checkup:
        newest, oldest = checkup.trades(NOW_MS, NOW_MS + DAY_MS)
    assert (newest.net, oldest.net) == (Decimal("-1.305"), Decimal("2.695"))
    assert (newest.note, newest.reviewer) == ("", "")
    number = str(oldest.number)
    written(
        url,
        (
            a_signature("trade", subject=number, reason="late"),
            a_signature("trade", subject=number, reason="late exit"),
        ),
    )
    with looking(url) as checkup:
        newest, oldest = checkup.trades(NOW_MS, NOW_MS + DAY_MS)
    assert newest.note == ""
    assert (oldest.note, oldest.reviewer) == ("late exit", "ada#1 root")


def test_beginning_and_newest_equity(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, (an_equity("5000"), an_equity("4990", "5", time_ms=NOW_MS + 7)))
    with looking(url) as checkup:
        assert checkup.begun_ms() is not None
        found = checkup.newest_equity()
    assert found == an_equity("4990", "5", time_ms=NOW_MS + 7)
    assert found.equity == Decimal(4995)
    written(url, (), account="testnet:other")
    engine = reading_engine(url)
    with engine.connect() as connection:
        assert Checkup(connection, "testnet:other").newest_equity() is None
        assert Checkup(connection, "testnet:nobody").begun_ms() is None
    engine.dispose()
