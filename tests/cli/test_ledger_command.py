"""``botcore ledger`` from the outside."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from builders import NOW_MS
from command_line import Run, arguments
from ledger_rows import (
    ACCOUNT,
    a_fill,
    a_payment,
    a_position,
    an_intent,
    an_order,
    numbered,
    tampered,
    written,
)
from ledger_stage import begun
from msgspec import structs
from risk_rows import a_reset, a_stream, a_trip, an_anchor

from botcore_tui.cli.ledger_command import run_ledger
from botcore_tui.cli.ledger_parser import OTHER_TABLES, RISK_TABLES
from botcore_tui.clock import ManualClock
from botcore_tui.config import Config
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.attest import NEAR_EQUAL_MS
from botcore_tui.ledger.queue import Group
from botcore_tui.ledger.risk_tables import RISK
from botcore_tui.ledger.session import Run as WrittenRun
from botcore_tui.ledger.spill import Entry, Spill, spill_path
from botcore_tui.ledger.store import default_url
from botcore_tui.model.account import MOST_INCOME_ROWS, Income, IncomeKind
from botcore_tui.model.ledger import LedgerRow
from botcore_tui.model.order import OrderState

_ROWS: list[LedgerRow] = [
    an_intent(),
    an_order(OrderState.FILLED, filled="0.01"),
    a_fill(1, realized="2.5"),
    a_position("0.01"),
    a_position("0", realized="2.5"),
]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory with a ledger of demo, the default environment."""
    written(default_url(tmp_path, "demo"), _ROWS)
    return tmp_path


def _url(state: Path) -> str:
    return default_url(state, "demo")


@pytest.mark.requirement("G6")
def test_verify_says_that_all_is_intact_and_where_the_chain_ends(run: Run, state: Path) -> None:
    done = run("ledger", "verify", "--state-dir", state)
    assert (done.code, done.err) == (0, "")
    assert "ledger-demo.db: intact" in done.out
    assert f"{ACCOUNT}: 7 rows, head " in done.out
    report = json.loads(run("ledger", "verify", "--json", "--state-dir", state).out)
    assert (report["is_intact"], report["rows"], report["breaks"]) == (True, 7, [])
    assert report["heads"][ACCOUNT]["hash"] in done.out


@pytest.mark.requirement("F14")
def test_rows_that_a_crash_left_on_their_way_are_told_of(run: Run, state: Path) -> None:
    run_of_it = WrittenRun(run_id="r2", environment="demo", version="", config_hash="")
    session = begun(_url(state), run_of_it)
    session.keep([Group([Entry("r2", numbered(an_intent(), 8)), Entry("r2", a_position("0"))], 1)])
    session.close()
    kept = Spill(spill_path(_url(state), ACCOUNT, state))
    kept.add([Entry("r2", a_position("0"))])
    kept.set_aside()
    told = f"{ACCOUNT}: 3 rows are kept, but not in the tables yet; an engine that trades puts them"
    done = run("ledger", "verify", "--state-dir", state)
    assert (done.code, done.err) == (0, "")
    assert told in done.out
    report = json.loads(run("ledger", "verify", "--json", "--state-dir", state).out)
    assert report["waiting"] == {ACCOUNT: 3}
    for words in (("show", "orders"), ("export", "--table", "orders", "--format", "csv")):
        done = run("ledger", *words, "--state-dir", state)
        assert (done.code, "-8-" in done.out) == (0, False)
        assert done.err.startswith(f"botcore: {told}")


@pytest.mark.requirement("R40")
def test_show_tells_what_limited_trading(run: Run, state: Path) -> None:
    rows: list[LedgerRow] = [an_anchor(), a_trip(), a_reset(), a_stream()]
    written(_url(state), rows)
    shown = run("ledger", "show", "risk", "--limit", "2", "--state-dir", state)
    head, reset, trip = shown.out.splitlines()
    assert head.split() == ["time", "table", "what"]
    assert "resets" in reset
    assert "code A01" in trip
    told = json.loads(run("ledger", "show", "risk", "--json", "--state-dir", state).out)
    assert [row["table"] for row in told["risk"]] == ["resets", "trips", "anchors"]


@pytest.mark.slow
@pytest.mark.requirement("R40")
@pytest.mark.parametrize("table", [*RISK_TABLES, *OTHER_TABLES])
def test_show_and_export_know_each_table_of_it(run: Run, state: Path, table: str) -> None:
    written(_url(state), [an_anchor(), a_trip(), a_stream()])
    shown = run("ledger", "show", table, "--state-dir", state)
    assert shown.code == 0
    assert "sequence" not in shown.out
    assert "1970" not in shown.out
    words = ("--table", table, "--format", "csv", "--state-dir", state)
    exported = run("ledger", "export", *words)
    assert exported.code == 0
    assert exported.out.startswith("account,sequence,run_id,")


def test_the_words_of_show_are_the_tables_of_the_ledger() -> None:
    assert tuple(str(table.name) for table in RISK) == RISK_TABLES


@pytest.mark.requirement("G6")
def test_verify_names_what_was_tampered_with(run: Run, state: Path) -> None:
    tampered(_url(state), "UPDATE fills SET price = '1'")
    done = run("ledger", "verify", "--state-dir", state)
    assert done.code == 1
    assert f"botcore: TAMPERED: {ACCOUNT}: fills, row 4: " in done.err
    assert "not as it was written" in done.out
    asked = run("ledger", "verify", "--json", "--state-dir", state)
    assert asked.code == 1
    (found,) = json.loads(asked.out)["breaks"]
    assert (found["table"], found["sequence"]) == ("fills", 4)


def test_a_ledger_that_is_not_there_is_no_traceback(run: Run, tmp_path: Path) -> None:
    done = run("ledger", "verify", "--state-dir", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "there is no ledger" in done.err


def test_show_tells_orders_and_executions(run: Run, state: Path) -> None:
    orders = run("ledger", "show", "orders", "--state-dir", state)
    assert orders.code == 0
    head, line = orders.out.splitlines()
    assert head.split()[:3] == ["time", "client_order_id", "symbol"]
    assert line.startswith("2023-11-14 22:13:20  bc-r1-1-e")
    assert "filled" in line
    fills = json.loads(run("ledger", "show", "fills", "--json", "--state-dir", state).out)
    assert [row["trade_id"] for row in fills["fills"]] == [1]
    assert fills["account"] == ACCOUNT


def test_what_would_be_without_effect_is_refused(run: Run, state: Path) -> None:
    done = run("ledger", "show", "orders", "--by", "run", "--state-dir", state)
    assert done.code == 1
    assert "--by: without effect" in done.err


@pytest.mark.parametrize("by", ["day", "run", "position"])
def test_show_tells_profit_and_loss(run: Run, state: Path, by: str) -> None:
    done = run("ledger", "show", "pnl", "--by", by, "--state-dir", state)
    assert done.code == 0
    assert done.out.splitlines()[1].split()[-4:] == ["2.5", "0.305", "0", "2.195"]
    told = run("ledger", "show", "pnl", "--by", by, "--json", "--state-dir", state)
    (line,) = json.loads(told.out)["pnl"]
    assert (line["net"], line["realized"]) == ("2.195", "2.5")


@pytest.mark.requirement("G6")
def test_export_writes_a_file_each_table(run: Run, state: Path) -> None:
    out = state / "out"
    done = run("ledger", "export", "--format", "json", "--output", out, "--state-dir", state)
    assert done.code == 0
    assert str(out / "fills.json") in done.out.splitlines()
    assert json.loads((out / "fills.json").read_text("utf-8"))[0]["trade_id"] == 1


def test_export_of_one_table_goes_to_standard_output(
    state: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    words = ("ledger", "export", "--format", "csv", "--table", "fills", "--state-dir", state)
    assert run_ledger(arguments(*words)) == 0
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert lines[0].startswith("account,sequence,")
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("words", "reason"),
    [((), "name a directory"), (("--table", "nothing"), "no table 'nothing'")],
)
def test_export_says_what_it_needs(
    run: Run, state: Path, words: tuple[str, ...], reason: str
) -> None:
    done = run("ledger", "export", "--format", "csv", *words, "--state-dir", state)
    assert done.code == 1
    assert reason in done.err


@pytest.mark.requirement("G6")
@pytest.mark.parametrize("by", ["day", "run", "position"])
def test_fees_in_another_asset_are_named_where_they_are_left_out(
    run: Run, state: Path, by: str
) -> None:
    written(_url(state), [a_fill(2, fee="0.001", fee_asset="BNB"), a_fill(3, fee="0")])
    words = ("ledger", "show", "pnl", "--by", by, "--state-dir", state)
    assert "not in fees and net: those of 1 fills, paid in another asset" in run(*words).out
    assert json.loads(run(*words, "--json").out)["fees_in_other_assets"] == 1


def _income(kind: IncomeKind, amount: str) -> Income:
    return Income(
        kind=kind,
        word=kind.value,
        symbol="BTCUSDT",
        asset="USDT",
        amount=Decimal(amount),
        transaction_id=5,
        trade_id=1,
        time_ms=NOW_MS,
    )


def _attested(
    state: Path, *words: str, commission: str = "-0.305", others: Iterable[Income] = ()
) -> int:
    asked: list[tuple[str, int, int]] = []

    def income_of(_: Config, account: str, start_ms: int, end_ms: int) -> list[Income]:
        asked.append((account, start_ms, end_ms))
        return [
            _income(IncomeKind.COMMISSION, commission),
            _income(IncomeKind.REALIZED_PNL, "2.5"),
            *others,
        ]

    parsed = arguments("ledger", "attest", *words, "--state-dir", state)
    code = run_ledger(parsed, income_of, ManualClock(NOW_MS + 1_000))
    midnight = NOW_MS - NOW_MS % 86_400_000
    assert asked == [(ACCOUNT, midnight - 6 * 86_400_000 - NEAR_EQUAL_MS, NOW_MS + 1_000)]
    return code


@pytest.mark.requirement("A12")
def test_attest_of_equal_books_has_no_difference(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _attested(state) == 0
    out = capsys.readouterr().out
    assert f"{ACCOUNT}: differences 0.00 in 0 rows" in out
    assert "COMMISSION    USDT   -0.305  -0.305  0" in out
    assert _attested(state, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["difference"], report["differences"]) == ("0", [])
    assert len(report["days"]) == 2


@pytest.mark.requirement("A12")
def test_attest_names_each_row_that_differs(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _attested(state, commission="-0.3") == 1
    out = capsys.readouterr().out
    assert "trade 1  -0.305  -0.3   different amount" in out
    assert "differences 0.005 in 1 rows" in out
    assert _attested(state, "--json", commission="-0.3") == 1
    (row,) = json.loads(capsys.readouterr().out)["differences"]
    assert (row["ledger"], row["venue"], row["what"]) == ("-0.305", "-0.3", "different amount")


@pytest.mark.requirement("A12")
@pytest.mark.parametrize(("here_ms", "there_ms"), [(3_000, -2_000), (-10, 0)])
def test_attest_of_funding_that_both_sides_date_around_the_first_midnight(
    tmp_path: Path, here_ms: int, there_ms: int
) -> None:
    midnight = NOW_MS - NOW_MS % 86_400_000
    written(default_url(tmp_path, "demo"), [a_payment("-1", time_ms=midnight + here_ms)])
    booked = structs.replace(
        _income(IncomeKind.FUNDING_FEE, "-1"), trade_id=0, time_ms=midnight + there_ms
    )

    def income_of(_: Config, _account: str, start_ms: int, end_ms: int) -> list[Income]:
        return [booked] if start_ms <= booked.time_ms <= end_ms else []

    words = ("ledger", "attest", "--days", "1", "--state-dir", tmp_path)
    assert run_ledger(arguments(*words), income_of, ManualClock(NOW_MS)) == 0


@pytest.mark.requirement("A12")
def test_attest_of_what_the_venue_may_not_have_told_is_not_said_to_agree(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = [_income(IncomeKind.OTHER, "0")] * MOST_INCOME_ROWS
    assert _attested(state, others=many) == 1
    (said,) = [line for line in capsys.readouterr().out.splitlines() if "NOT COMPLETE" in line]
    assert said.startswith("NOT COMPLETE: OTHER of 2023-11-14 22:13:20: the venue tells 1,000 rows")
    assert _attested(state, "--json", others=many) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["difference"], report["is_complete"]) == ("0", False)


def test_attest_without_an_account_says_so(state: Path) -> None:
    with pytest.raises(UnavailableError, match="no account"):
        run_ledger(arguments("ledger", "attest", "--state-dir", state))
