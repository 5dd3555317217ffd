"""Profit and loss by day, run and trade."""

from decimal import Decimal
from pathlib import Path

from builders import NOW_MS
from ledger_rows import a_fill, a_payment, a_position, ledger_url, written
from risk_rows import a_transfer

from botcore_tui.ledger.pnl import PnlLine, day_of, moment_of
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.model.ledger import LedgerRow

_DAY_MS = 86_400_000


def _pnl(url: str, by: str) -> list[PnlLine]:
    with LedgerReader(url) as reader:
        return reader.pnl(by)


def _line(
    name: str, realized: str, fees: str, funding: str, fills: int, other_fees: int = 0
) -> PnlLine:
    return PnlLine(
        other_fees=other_fees,
        name=name,
        realized=Decimal(realized),
        fees=Decimal(fees),
        funding=Decimal(funding),
        fills=fills,
    )


def test_days_and_runs_add_up_exactly(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    first: list[LedgerRow] = [
        *(a_fill(number, realized="0.1", fee="0.01") for number in range(3)),
        a_payment("-0.05", time_ms=NOW_MS + _DAY_MS),
    ]
    one = written(url, first)
    second: list[LedgerRow] = [
        a_fill(9, realized="-1", fee="5", fee_asset="BNB", time_ms=NOW_MS + _DAY_MS),
        a_payment("0.02"),
    ]
    two = written(url, second)
    assert _pnl(url, "day") == [
        _line("2023-11-14", "0.3", "0.03", "0.02", 3),
        _line("2023-11-15", "-1", "0", "-0.05", 1, 1),
    ]
    assert _pnl(url, "run") == [
        _line(one, "0.3", "0.03", "-0.05", 3),
        _line(two, "-1", "0", "0.02", 1, 1),
    ]
    assert _pnl(url, "day")[0].net == Decimal("0.29")


def test_what_the_venue_charges_or_gives_beside_executions_is_in_the_fees(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    rows: list[LedgerRow] = [
        a_fill(1, realized="-9", fee="0.5"),
        a_transfer("-50", reason="INSURANCE_CLEAR"),
        a_transfer("0.1", reason="API_REBATE"),
        a_transfer("1", reason="API_REBATE", asset="BNB"),
        a_transfer("500", reason="COIN_SWAP_DEPOSIT"),
    ]
    run = written(url, rows)
    assert _pnl(url, "day") == [_line("2023-11-14", "-9", "50.4", "0", 1)]
    assert _pnl(url, "run") == [_line(run, "-9", "50.4", "0", 1)]


def test_contracts_that_settle_in_another_asset_are_in_no_sum_of_ours(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    rows: list[LedgerRow] = [
        a_fill(1, realized="2", fee="0.5"),
        a_fill(2, symbol="BTCUSDC", realized="-700", fee="3", fee_asset="USDC"),
        a_position("0.01", symbol="BTCUSDC"),
        a_position("0", symbol="BTCUSDC", realized="-700"),
        a_position("0", realized="2", time_ms=NOW_MS + 1_000),
    ]
    run = written(url, rows)
    assert _pnl(url, "day") == [_line("2023-11-14", "2", "0.5", "0", 2, 1)]
    assert _pnl(url, "run") == [_line(run, "2", "0.5", "0", 2, 1)]
    assert _pnl(url, "position") == [_line("BTCUSDT 2023-11-14 22:13:21", "2", "0.305", "0", 0)]


def test_a_trade_counts_when_it_is_flat(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [a_position("0.01"), a_position("0", realized="2.5"), a_position("0.02")])
    assert _pnl(url, "position") == [_line("BTCUSDT 2023-11-14 22:13:20", "2.5", "0.305", "0", 0)]


def test_days_are_of_utc() -> None:
    assert (day_of(_DAY_MS - 1), day_of(_DAY_MS)) == ("1970-01-01", "1970-01-02")
    assert moment_of(_DAY_MS - 1) == "1970-01-01 23:59:59"
