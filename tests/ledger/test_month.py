"""The figures of a month: exact money, nothing of the months beside it."""

from decimal import Decimal
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import (
    ACCOUNT,
    a_fill,
    a_note,
    a_payment,
    a_position,
    an_intent,
    ledger_url,
    written,
)
from msgspec import structs
from risk_rows import (
    a_call,
    a_drill,
    a_reset,
    a_stream,
    a_transfer,
    a_trip,
    an_equity,
    an_override,
)

from botcore_tui.ledger.month import MonthFigures, Slippage, month_figures
from botcore_tui.ledger.pnl import by_day
from botcore_tui.ledger.store import reading_engine
from botcore_tui.model.ledger import CommandRow, FillRow, IntentRow, LedgerRow, ProtectionRow
from botcore_tui.model.market import Side
from botcore_tui.model.severity import Severity

DAY_MS = 86_400_000
FROM_MS = NOW_MS - NOW_MS % DAY_MS
TO_MS = FROM_MS + 30 * DAY_MS


def figures(url: str) -> MonthFigures:
    engine = reading_engine(url)
    with engine.connect() as connection:
        found = month_figures(connection, ACCOUNT, FROM_MS, TO_MS, asset="USDT")
    engine.dispose()
    return found


def a_stop(name: str, side: Side, trigger: str, *, trails: bool = False) -> IntentRow:
    row = an_intent(name)
    request = structs.replace(
        row.request,
        side=side,
        trigger_price=Decimal(trigger),
        callback_pct=Decimal(1) if trails else None,
    )
    return structs.replace(row, request=request)


def filled(row: IntentRow, price: str, number: int) -> FillRow:
    request, fill = row.request, a_fill(number).fill
    fill = structs.replace(fill, price=Decimal(price), quantity=Decimal(2), side=request.side)
    return structs.replace(
        a_fill(), fill=fill, client_order_id=request.client_order_id, purpose=request.purpose
    )


def a_refusal(code: str, *, is_accepted: bool = False) -> CommandRow:
    return CommandRow(
        command_id="c",
        command="PlaceOrder",
        actor="ada",
        arguments="{}",
        reason="",
        is_accepted=is_accepted,
        code=code,
        text="",
        time_ms=NOW_MS,
    )


@pytest.mark.requirement("R67")
def test_return_is_of_the_month_and_without_transfers(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(
        url,
        (
            an_equity("2000", time_ms=FROM_MS - 2 * DAY_MS),
            an_equity("1000", time_ms=FROM_MS - 60_000),
            a_transfer("300", time_ms=FROM_MS - 60_000),
            a_transfer("500", time_ms=FROM_MS - 30_000),
            an_equity("1600", "50", time_ms=FROM_MS + DAY_MS),
            a_transfer("-150", time_ms=FROM_MS + DAY_MS + 5),
            an_equity("1470", time_ms=FROM_MS + 2 * DAY_MS),
            an_equity("9000", time_ms=TO_MS),
        ),
    )
    found = figures(url)
    assert (found.first_equity, found.last_equity) == (Decimal(1000), Decimal(1470))
    assert found.transfers == 350
    # 150 on 1500 put in, then -30 on 1650.
    assert found.return_pct is not None
    assert found.return_pct.quantize(Decimal("0.001")) == Decimal("8.000")
    assert found.drawdown_pct is not None
    assert Decimal(1) < found.drawdown_pct < Decimal(3)
    assert found.sharpe is not None


@pytest.mark.requirement("R67")
def test_costs_and_trades_are_those_of_the_month(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    rows: tuple[LedgerRow, ...] = (
        a_fill(1, realized="10", fee="1"),
        a_fill(2, realized="-4", fee="0.5"),
        a_fill(3, fee="0.01", fee_asset="BNB"),
        a_fill(6, symbol="BTCUSDC", realized="-50", fee="0"),
        a_fill(4, realized="99", time_ms=FROM_MS - 1),
        a_fill(5, realized="99", time_ms=TO_MS),
        a_payment("-0.25", time_ms=NOW_MS),
        a_payment("7", time_ms=TO_MS),
        a_position("0", realized="10"),
        a_position("0", realized="-4", time_ms=NOW_MS + 1),
    )
    written(url, rows)
    found = figures(url)
    assert (found.realized, found.fees, found.other_fees) == (Decimal(6), Decimal("1.5"), 1)
    assert (found.funding, found.net) == (Decimal("-0.25"), Decimal("4.25"))
    assert found.costs == Decimal("1.75")
    assert (found.fills, len(found.trades), found.wins) == (4, 2, 1)


@pytest.mark.requirement("R67")
@pytest.mark.requirement("A12")
def test_what_the_venue_charges_beside_fees_is_a_cost_as_it_is_in_the_sums_of_days(
    tmp_path: Path,
) -> None:
    url = ledger_url(tmp_path)
    rows: tuple[LedgerRow, ...] = (
        a_fill(1, realized="10", fee="1"),
        a_transfer("-2.5", reason="INSURANCE_CLEAR", time_ms=NOW_MS),
        a_transfer("0.25", reason="COMMISSION_REBATE", time_ms=NOW_MS),
        a_transfer("-9", reason="INSURANCE_CLEAR", asset="BNB", time_ms=NOW_MS),
        a_transfer("500", time_ms=NOW_MS),
        a_transfer("-7", reason="INSURANCE_CLEAR", time_ms=TO_MS),
    )
    written(url, rows)
    found = figures(url)
    assert (found.fees, found.net) == (Decimal("3.25"), Decimal("6.75"))
    engine = reading_engine(url)
    with engine.connect() as connection:
        days = by_day(connection, ACCOUNT)
    engine.dispose()
    assert (days[0].fees, days[0].net) == (found.fees, found.net)


@pytest.mark.requirement("R67")
def test_slippage_is_told_where_a_trigger_is_on_record(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    sold, bought = a_stop("s", Side.SELL, "100"), a_stop("b", Side.BUY, "100")
    trailed = a_stop("t", Side.SELL, "100", trails=True)
    rows = (sold, bought, trailed, an_intent("m"))
    fills = (filled(sold, "99", 1), filled(bought, "100.5", 2), filled(trailed, "90", 3))
    written(url, (*rows, *fills, filled(an_intent("m"), "90", 4)))
    found = figures(url).slippage
    assert found == Slippage(fills=2, bps=Decimal(75), cost=Decimal(3))


@pytest.mark.requirement("G5")
def test_what_the_controls_did_is_counted(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    protection = ProtectionRow(
        symbol="BTCUSDT",
        from_ms=NOW_MS,
        to_ms=NOW_MS + 250,
        notional_seconds=Decimal(1),
        reason="verified",
        time_ms=NOW_MS,
    )
    halted = a_note("state.halted")
    run_note = structs.replace(a_note("run.info"), severity=Severity.INFO)
    rows: tuple[LedgerRow, ...] = (
        a_refusal("P08"),
        a_refusal("P08"),
        a_refusal("P13"),
        a_refusal("", is_accepted=True),
        a_trip("A01"),
        a_trip("A03-1h"),
        a_trip("A01", time_ms=TO_MS),
        a_reset(),
        an_override(),
        halted,
        run_note,
        a_note("order.foreign"),
        protection,
        a_drill(),
        a_drill("halt", is_passed=False),
        a_stream(),
        a_call(),
    )
    written(url, rows)
    found = figures(url)
    assert found.denied == {"P08": 2, "P13": 1}
    assert found.trips == {"A01": 1, "A03-1h": 1}
    assert (found.resets, found.overrides, found.halts) == (1, 1, 1)
    assert found.drills == {"breaker": (1, 1), "halt": (1, 0)}
    assert found.alarms == {"order.foreign": 1}
    assert (found.unprotected_ms, len(found.streams), len(found.calls)) == (250, 1, 1)


@pytest.mark.requirement("G2")
def test_versions_of_the_month_s_runs_are_named(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, ())
    engine = reading_engine(url)
    with engine.connect() as connection:
        found = month_figures(connection, ACCOUNT, 0, 2**52, asset="USDT")
    engine.dispose()
    assert (found.runs, found.versions, found.configurations) == (1, (), ())


@pytest.mark.requirement("R67")
def test_an_empty_month_knows_nothing(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, ())
    found = figures(url)
    assert (found.return_pct, found.drawdown_pct, found.sharpe) == (None, None, None)
    assert (found.first_equity, found.slippage, found.trades) == (None, None, ())


@pytest.mark.requirement("R67")
def test_a_month_in_which_nobody_looked_is_not_called_a_calm_one(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(
        url,
        (
            an_equity("1000", time_ms=FROM_MS - 60_000),
            a_transfer("500", time_ms=FROM_MS + 60_000),
            an_equity("900", time_ms=TO_MS),
        ),
    )
    found = figures(url)
    assert (found.return_pct, found.drawdown_pct, found.sharpe) == (None, None, None)
    assert (found.first_equity, found.last_equity) == (None, None)
    assert found.transfers == 0


@pytest.mark.requirement("R67")
@pytest.mark.parametrize("begin_ms", [FROM_MS, TO_MS])
@pytest.mark.parametrize(
    ("moved_ms", "wallets"),
    [
        (10_000, (1_000, 1_000, 500)),  # the first wallet of the month has not got it yet
        (-40_000, (1_000, 500, 500)),  # nor had the last one of the month before
        (-29_600, (500, 500, 500)),  # which has it, though the venue dates it after that
    ],
)
def test_transfer_beside_the_begin_of_a_month_is_no_profit_or_loss_of_either(
    tmp_path: Path, begin_ms: int, moved_ms: int, wallets: tuple[int, ...]
) -> None:
    url, first_ms = ledger_url(tmp_path), begin_ms - 30_000
    times = range(first_ms, first_ms + 60_000 * len(wallets), 60_000)
    told = dict(zip(times, wallets, strict=True))
    written(
        url,
        (
            *(an_equity("1000", time_ms=first_ms - 60_000 * back) for back in (3, 2, 1)),
            *(an_equity(str(wallet), time_ms=time_ms) for time_ms, wallet in told.items()),
            *(an_equity("500", time_ms=first_ms + 60_000 * ahead) for ahead in (3, 4, 5)),
            a_transfer("-500", time_ms=begin_ms + moved_ms),
        ),
    )
    found = figures(url)
    assert (found.return_pct, found.drawdown_pct) == (Decimal(0), Decimal(0))
    assert found.first_equity is not None
    assert found.last_equity is not None
    assert found.last_equity - found.first_equity == found.transfers
