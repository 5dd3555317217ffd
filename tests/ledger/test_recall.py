"""What a session learns of the sessions before it."""

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import (
    ACCOUNT,
    a_fill,
    a_payment,
    a_position,
    an_intent,
    an_order,
    ledger_url,
    numbered,
    written,
)
from msgspec import structs
from sqlalchemy import event

from botcore_tui.clock import ManualClock
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.store import reading_engine
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.ledger import (
    CommandRow,
    EquityRow,
    KnownTrade,
    LedgerRow,
    OpenPosition,
    ProtectionRow,
    Recollection,
    TransferRow,
)
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderState, OrderType, Purpose, Source

_DAY_MS = 86_400_000
_MIDNIGHT = NOW_MS - NOW_MS % _DAY_MS


def test_a_new_account_is_remembered_as_nothing(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [an_intent(), a_fill(), a_position()], account="another")
    assert recall(url, ACCOUNT, NOW_MS, run_id="r2") == Recollection(
        account=ACCOUNT, run_id="r2", time_ms=NOW_MS
    )


def test_a_ledger_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no ledger"):
        recall(ledger_url(tmp_path), ACCOUNT, NOW_MS)


@pytest.mark.requirement("F14")
def test_orders_without_an_end_come_back_as_they_were_asked_for(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    stop = OrderRequest(
        client_order_id="bc-r1-2-s",
        symbol="BTCUSDT",
        side=Side.SELL,
        type=OrderType.STOP_MARKET,
        purpose=Purpose.STOP,
        trigger_price=Decimal("60000.5"),
        close_position=True,
        entry_id="bc-r1-1-e",
        actor="desk",
        reason="protect",
        created_ms=NOW_MS - 500,
    )
    intents = [
        an_intent(created_ms=NOW_MS - 9_000),
        structs.replace(an_intent(), request=stop, stop_price=None, trail_pct=None),
        numbered(an_intent(), 3),
    ]
    written(
        url,
        [
            *intents,
            an_order(OrderState.IN_FLIGHT, time_ms=NOW_MS - 8_000),
            an_order(OrderState.PARTLY_FILLED, order_id=9, filled="0.004", time_ms=NOW_MS),
            an_order(OrderState.FILLED, client_order_id="bc-r1-3-e", time_ms=NOW_MS),
        ],
    )
    entry, planned = recall(url, ACCOUNT, NOW_MS).orders
    assert (entry.intent, planned.intent) == (intents[0], intents[1])
    assert (entry.state, entry.order_id, entry.filled_quantity) == (
        OrderState.PARTLY_FILLED,
        9,
        Decimal("0.004"),
    )
    assert planned.state is OrderState.PLANNED
    assert entry.expires_ms == NOW_MS - 3_000, "when it left, and the venue's patience"
    assert planned.expires_ms == NOW_MS + 5_000, "it may have left until just now"


def test_an_order_of_the_venue_without_an_intent_of_ours_is_not_ours(tmp_path: Path) -> None:
    written(ledger_url(tmp_path), [an_order(OrderState.OPEN, client_order_id="web_1")])
    assert recall(ledger_url(tmp_path), ACCOUNT, NOW_MS).orders == ()


def test_positions_that_are_not_flat_come_back_with_their_age(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    last = structs.replace(a_position("0.02", time_ms=7), tag="adopted", reason="start")
    written(url, [a_position("0.01", time_ms=5), last, a_position(symbol="ETHUSDT")])
    written(url, [a_position("0", symbol="ETHUSDT")])
    assert recall(url, ACCOUNT, NOW_MS).positions == (OpenPosition(row=last, opened_ms=5),)


def test_a_position_comes_back_with_the_plan_of_the_newest_entry_in_it(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    plan, older = an_intent(), numbered(an_intent(), 3)
    of_older = structs.replace(a_fill(6, time_ms=8), client_order_id="bc-r1-3-e")
    before = structs.replace(a_fill(5, time_ms=4), client_order_id="bc-r1-3-e")
    exit_fill = structs.replace(a_fill(8, time_ms=9), purpose=Purpose.EXIT)
    position = a_position("0.01", time_ms=5)
    written(url, [plan, older, position, before, of_older, a_fill(7, time_ms=8), exit_fill])
    written(url, [a_position("0.01", symbol="ETHUSDT", time_ms=5)])
    told = {each.row.symbol: each.plan for each in recall(url, ACCOUNT, NOW_MS).positions}
    assert told == {"BTCUSDT": plan, "ETHUSDT": None}


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(
    ("is_accepted", "symbol", "remembered"),
    [(True, "BTCUSDT", None), (False, "BTCUSDT", 65_000), (True, "ETHUSDT", 65_000)],
)
def test_a_target_that_a_person_cancelled_is_not_wanted_again(
    tmp_path: Path, is_accepted: bool, symbol: str, remembered: int | None
) -> None:
    url = ledger_url(tmp_path)
    plan = structs.replace(an_intent(), target_price=Decimal(65_000), trail_pct=Decimal(2))
    target = structs.replace(
        plan.request,
        client_order_id="bc-r1-9-t",
        symbol=symbol,
        purpose=Purpose.TARGET,
        created_ms=plan.request.created_ms + 5,
    )
    cancel = CommandRow(
        command_id="c1",
        command="CancelOrder",
        actor="ann",
        arguments='{"command":"CancelOrder","client_order_id":"bc-r1-9-t"}',
        reason="",
        is_accepted=is_accepted,
        code="",
        text="",
        time_ms=plan.request.created_ms + 9,
    )
    placed = structs.replace(an_intent(), request=target)
    fill = a_fill(7, time_ms=8)
    written(url, [plan, a_position("0.01", time_ms=5), fill, placed, cancel])
    (position,) = recall(url, ACCOUNT, NOW_MS).positions
    assert position.plan is not None
    assert position.plan.target_price == (None if remembered is None else Decimal(remembered))
    assert position.plan.trail_pct == Decimal(2)


@pytest.mark.requirement("F14")
def test_a_long_past_is_not_read_for_what_is_open(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    past: list[LedgerRow] = []
    for number in range(1, 1_001):
        past.append(numbered(an_intent(), number))
        past.append(an_order(OrderState.FILLED, client_order_id=f"bc-r1-{number}-e"))
        past.append(a_fill(number, time_ms=NOW_MS - 10 * _DAY_MS))
    written(url, [*past, a_position(time_ms=NOW_MS - 20 * _DAY_MS), numbered(an_intent(), 0)])
    engine = reading_engine(url)
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    def listen(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_progress_handler(count, 1_000)

    event.listen(engine, "connect", listen)
    found = recall(engine, ACCOUNT, NOW_MS)
    engine.dispose()
    assert (len(found.orders), len(found.positions)) == (1, 1)
    assert found.positions[0].plan is not None
    assert steps < 30, "a walk through a thousand orders takes more"


def test_newest_trades_of_each_symbol_prove_nothing_of_those_between(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [a_fill(7), a_fill(9), a_fill(8), a_fill(3, symbol="ADAUSDT")])
    trades = recall(url, ACCOUNT, NOW_MS).trades
    # Nor of those before the first, which were executed since the first session and never told.
    assert trades == (KnownTrade("ADAUSDT", 0, (3,)), KnownTrade("BTCUSDT", 0, (7, 8, 9)))


def test_many_trades_are_proof_of_those_before_the_newest_two_hundred(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [a_fill(number) for number in range(1, 202)])
    (known,) = recall(url, ACCOUNT, NOW_MS).trades
    assert (known.trade_id, len(known.later)) == (1, 200)


def test_the_account_began_with_its_first_session(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    for now_ms in (NOW_MS, NOW_MS + 9):
        options = WriterOptions(synchronous="NORMAL", clock=ManualClock(now_ms))
        LedgerWriter.open(url, ACCOUNT, "testnet", options=options).close()
    assert recall(url, ACCOUNT, NOW_MS + 9).since_ms == NOW_MS


def test_sums_are_of_today_and_exact(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    before, after = _MIDNIGHT - 1, _MIDNIGHT + _DAY_MS
    rows: list[LedgerRow] = [
        *(a_fill(number, realized="0.1", fee="0.1", time_ms=_MIDNIGHT) for number in range(3)),
        a_fill(10, realized="5", time_ms=before),
        a_fill(11, realized="7", time_ms=after),
        a_fill(13, symbol="BTCUSDC", realized="-4", fee="0", time_ms=NOW_MS),
        a_fill(12, realized="0.2", fee="0.001", fee_asset="BNB", time_ms=NOW_MS),
        a_payment("-0.12", time_ms=NOW_MS),
        a_payment("-3", time_ms=before),
        *(
            TransferRow(asset="USDT", amount=Decimal(amount), reason="TRANSFER", time_ms=time_ms)
            for amount, time_ms in (("9", before), ("50.5", _MIDNIGHT), ("-0.25", NOW_MS))
        ),
        *(
            EquityRow(wallet=Decimal(wallet), unrealized=Decimal("-0.5"), time_ms=time_ms)
            for wallet, time_ms in (("90", before), ("100.1", _MIDNIGHT + 5), ("200", NOW_MS))
        ),
        *(
            ProtectionRow(
                symbol="BTCUSDT",
                from_ms=start,
                to_ms=end,
                notional_seconds=Decimal(1),
                reason="verified",
                time_ms=end,
            )
            for start, end in (
                (before - 50, before),
                (before, _MIDNIGHT + 300),
                (NOW_MS, NOW_MS + 40),
            )
        ),
    ]
    cost = TransferRow(
        asset="USDT", amount=Decimal(-2), reason="INSURANCE_CLEAR", time_ms=NOW_MS - 1
    )
    written(url, [*rows, cost])
    engine = reading_engine(url)
    found = recall(engine, ACCOUNT, NOW_MS)
    engine.dispose()
    assert found.realized_today == Decimal("0.5")
    assert found.fees_today == Decimal("2.3")
    assert found.funding_today == Decimal("-0.12")
    assert found.transfers_today == Decimal("-0.25"), "what came before the first equity is in it"
    assert found.day_start_equity == Decimal("99.6")
    assert found.unprotected_ms_today == 340


def test_transfers_of_a_day_without_an_equity_will_be_in_its_first(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    row = TransferRow(asset="USDT", amount=Decimal(9), reason="TRANSFER", time_ms=NOW_MS)
    written(url, [row])
    assert recall(url, ACCOUNT, NOW_MS).transfers_today == 0


@pytest.mark.requirement("F14")
def test_payments_of_the_last_three_days_come_back_as_they_were_booked(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    oldest_ms = NOW_MS - 3 * _DAY_MS - 3_600_000
    funding = [
        structs.replace(a_payment("-1", transaction_id=5, time_ms=NOW_MS), source=Source.LIST),
        a_payment("-2", time_ms=oldest_ms),
    ]
    transfers = [
        TransferRow(asset=asset, amount=Decimal(7), reason="DEPOSIT", time_ms=time_ms)
        for asset, time_ms in (("USDT", NOW_MS), ("BNB", oldest_ms))
    ]
    too_old: list[LedgerRow] = [
        a_payment("-3", time_ms=oldest_ms - 1),
        structs.replace(transfers[1], time_ms=oldest_ms - 1),
    ]
    written(url, [*too_old, *funding, *transfers])
    written(url, [a_payment(time_ms=NOW_MS)], account="another")
    found = recall(url, ACCOUNT, NOW_MS)
    assert found.funding == tuple(funding)
    assert found.transfers == tuple(transfers)


def test_payments_of_an_absence_of_weeks_are_still_to_be_asked_for(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    seen_ms = NOW_MS - 9 * _DAY_MS
    transfer = TransferRow(
        asset="USDT", amount=Decimal(7), reason="DEPOSIT", time_ms=seen_ms - 3 * _DAY_MS
    )
    equity = EquityRow(wallet=Decimal(100), unrealized=Decimal(0), time_ms=seen_ms)
    written(url, [transfer, equity])
    found = recall(url, ACCOUNT, NOW_MS)
    assert found.payments_ms == seen_ms - 3 * _DAY_MS
    assert found.transfers == (transfer,)
    assert recall(url, ACCOUNT, NOW_MS + 100 * _DAY_MS).payments_ms == NOW_MS + 15 * _DAY_MS
