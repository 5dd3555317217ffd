"""A run that trades, from its start to the JSON at its end: the real program."""

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from account_builders import an_account
from fake_account import NOW_MS, FakeAccount
from msgspec.structs import replace
from order_builders import a_position_report, an_algo_report, an_income
from pictures import a_picture, a_trader
from real_program import DEADLINE_SECONDS, Program, botcore
from sim_process import Sim, running_sim

from botcore_tui.cli.leaving import Settled, Truth
from botcore_tui.cli.tally import Tally
from botcore_tui.cli.trade_report import Reporter
from botcore_tui.engine.executor import OrderTimings
from botcore_tui.exchange.lingering import read_trace
from botcore_tui.ledger.writer import LedgerWriter
from botcore_tui.model.account import MOST_INCOME_ROWS
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import AccountView

FIELDS = [
    "run_id",
    "orders",
    "fills",
    "rejected",
    "denied",
    "unknown",
    "open_orders",
    "positions",
    "unprotected_seconds",
    "realized_pnl",
    "fees",
    "funding",
    "attest_difference",
    "ledger_verified",
    "reconnects",
    "resyncs",
    "peak_rss_mb",
    "tick_to_order_us",
    "event_latency_us",
    "trouble",
]
TRADING = ("run", "--headless", "--enable-trading")


def told(home: Path, *words: object) -> str:
    """What a command says; it must be accepted."""
    done = botcore("--state-dir", home, *words, home=home)
    assert done.returncode == 0, done.stderr
    return done.stdout


def until(claim: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, what


def positions(home: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(told(home, "positions", "--json"))
    return found


def is_protected(home: Path) -> bool:
    return [row["cover"] for row in positions(home)] == ["verified"]


class NoCounter:
    """No account is open any more."""

    account: object = None
    latest: object = None
    timings = OrderTimings()


class Place:
    """Where nothing is traded any more."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.counter = NoCounter()


class Left:
    """A workplace whose account was left like this."""

    def __init__(self, settled: Settled) -> None:
        self.settled = settled
        self.trading = Place()


def figures(settled: Settled, latest: object = None) -> dict[str, object]:
    left = Left(settled)
    left.trading.counter.latest = latest
    reporter = Reporter(left)  # type: ignore[arg-type]  # enough of one
    told: dict[str, object] = json.loads(reporter.as_json())
    return told


def seen(view: AccountView) -> Snapshot:
    return replace(a_picture(a_trader()), account=view)


def test_where_the_venue_is_silent_nobody_knows_how_many_orders_are_open() -> None:
    ended = SimpleNamespace(ledger=SimpleNamespace(url="", run_id="r1"))
    told = figures(Settled("the venue did not say what is open", seen(an_account())), ended)
    assert told["open_orders"] is None
    assert told["positions"]
    assert figures(Settled(""), ended)["open_orders"] == 0


def test_where_no_session_ever_began_nothing_is_known() -> None:
    """The ledger could not be written from the start; it ended with 0, as if all were well."""
    reporter = Reporter(Left(Settled("")))  # type: ignore[arg-type]  # enough of one
    told = json.loads(reporter.as_json())
    assert "no session with the venue ever began" in reporter.trouble
    assert told["trouble"] == reporter.trouble
    assert (told["run_id"], told["open_orders"], told["positions"]) == ("", None, None)
    assert Reporter(Left(Settled("1 orders are UNKNOWN"))).trouble == "1 orders are UNKNOWN"  # type: ignore[arg-type]  # likewise


def test_ledger_of_a_session_that_has_ended_is_still_looked_at(tmp_path: Path) -> None:
    """The exchange was killed a moment before the end."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger = LedgerWriter.open(url, "demo:test", "demo")
    ledger.close()
    told = figures(Settled("the venue did not say what is open"), SimpleNamespace(ledger=ledger))
    assert (told["run_id"], told["ledger_verified"]) == (ledger.run_id, True)
    assert figures(Settled(""))["ledger_verified"] is False


@pytest.mark.requirement("A12")
@pytest.mark.parametrize(("rows", "difference"), [(3, 0), (MOST_INCOME_ROWS, None)])
def test_books_that_the_venue_may_not_have_told_whole_are_not_said_to_agree(
    tmp_path: Path, rows: int, difference: int | None
) -> None:
    found = [an_income("0", transaction_id=number, time_ms=NOW_MS) for number in range(rows)]
    venue = FakeAccount()
    venue.incomes = found
    ledger = LedgerWriter.open(f"sqlite:///{tmp_path / 'ledger.db'}", "demo:test", "demo")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    left = Left(Settled(""))
    left.trading.counter.account = SimpleNamespace(
        ledger=ledger,
        venue=venue,
        loop=loop,
        started_ms=NOW_MS,
        address=SimpleNamespace(account="demo:test"),
    )
    try:
        reporter = Reporter(left)  # type: ignore[arg-type]  # enough of one
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        ledger.close()
    assert json.loads(reporter.as_json())["attest_difference"] == difference


def test_positions_are_those_of_the_venue() -> None:
    """A stop was hit a moment ago and nobody told us; an entry was filled likewise."""
    stop = an_algo_report(symbol="ETHUSDT")
    other = a_position_report(symbol="ETHUSDT", quantity="0.5", entry_price="2600")
    truth = Truth((), (stop,), (other,))
    told = figures(Settled("", seen(an_account()), truth))
    expected = {
        "symbol": "ETHUSDT",
        "quantity": 0.5,
        "entry_price": 2600,
        "stop_price": None,
        "cover": "verified",
    }
    assert told["positions"] == [expected]
    bare = figures(Settled("", seen(an_account()), Truth((), (), (other,))))
    assert bare["positions"] == [expected | {"cover": "NAKED"}]


def test_position_that_is_as_we_know_it_is_told_with_its_stop() -> None:
    view = an_account()
    (ours,) = view.positions
    report = a_position_report(symbol=ours.symbol, quantity=str(ours.quantity))
    stop = an_algo_report(symbol=ours.symbol)
    told = figures(Settled("", seen(view), Truth((), (stop,), (report,))))
    assert told["positions"] == figures(Settled("silent", seen(view)))["positions"]


def test_position_whose_stop_the_venue_does_not_list_is_told_without_one() -> None:
    view = an_account()
    (ours,) = view.positions
    report = a_position_report(symbol=ours.symbol, quantity=str(ours.quantity))
    truth = Truth((), (), (report,))
    told = figures(Settled("positions without a stop", seen(view), truth))["positions"]
    assert isinstance(told, list)
    assert [(each["cover"], each["stop_price"]) for each in told] == [("NAKED", None)]


@pytest.mark.slow
def test_an_unattended_demo_trades_and_ends_protected_with_its_books_in_order(
    tmp_path: Path,
) -> None:
    words = (*TRADING, "--seed", 4, "--duration", 12, "--json")
    done = botcore("--state-dir", tmp_path, *words, home=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert list(report) == FIELDS
    assert report["orders"] >= 2  # an entry and its stop
    assert report["fills"] >= 1
    assert [position["cover"] for position in report["positions"]] == ["verified"]
    assert report["open_orders"] == 1
    assert (report["unknown"], report["rejected"], report["trouble"]) == (0, 0, "")
    assert report["attest_difference"] == 0
    assert report["ledger_verified"] is True
    assert report["fees"] > 0
    assert report["unprotected_seconds"] < 5
    assert 0 < report["tick_to_order_us"]["p50"] <= report["tick_to_order_us"]["p99"]
    assert report["event_latency_us"]["p99"] > 0
    assert report["peak_rss_mb"] > 10
    # The exchange ended with its account, and so did every halt.
    assert not (tmp_path / "demo-exchange.json").exists()
    assert not (tmp_path / "halt-demo.json").exists()


@pytest.mark.slow
@pytest.mark.requirement("F17")
def test_a_demo_that_was_killed_is_found_again_with_the_same_position_and_stop(
    tmp_path: Path,
) -> None:
    words = ("--state-dir", tmp_path, *TRADING, "--strategy", "none", "--seed", 4)
    with Program(*words, home=tmp_path) as first:
        first.wait_for("book is live")
        # A market order waits for the first mark price.
        order = ("--state-dir", tmp_path, "buy", "BTCUSDT", "0.01", "--stop", "60000")
        until(lambda: botcore(*order, home=tmp_path).returncode == 0, "an accepted order")
        until(lambda: is_protected(tmp_path), "a protected position")
        before = positions(tmp_path)
        first.signal(signal.SIGKILL)
        first.process.wait()
    refused = botcore("--state-dir", tmp_path, "positions", home=tmp_path)
    assert refused.returncode == 1
    trace = read_trace(tmp_path / "demo-exchange.json")
    assert trace is not None
    os.kill(trace.ready.pid, 0)  # it lives
    with Program(*words, home=tmp_path) as second:
        second.wait_for("was left behind and is followed again")
        second.wait_for("book is live")
        until(lambda: is_protected(tmp_path), "a protected position")
        (position,) = positions(tmp_path)
        for name in ("symbol", "quantity", "entry_price", "stop_price"):
            assert written(position[name]) == written(before[0][name]), name
        other = botcore(*words, home=tmp_path)
        assert other.returncode == 1
        assert "environment demo runs already" in other.stderr
        assert json.loads(told(tmp_path, "ledger", "verify", "--json"))["is_intact"]
        books = json.loads(told(tmp_path, "ledger", "attest", "--json"))
        assert Decimal(books["difference"]) == 0
        assert books["differences"] == []
        second.signal(signal.SIGTERM)
        assert second.wait_for_exit() == 0
    until(lambda: not lives(trace.ready.pid), "the end of the exchange")
    assert not (tmp_path / "demo-exchange.json").exists()


def written(value: object) -> object:
    """A number as a number, however many zeros end it."""
    text = str(value)
    return Decimal(text) if text[0].isdigit() else text


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # nobody here waits for it: it is not our child


@pytest.fixture
def sim() -> Iterator[Sim]:
    with running_sim("--symbols", "BTCUSDT") as exchange:
        yield exchange


def keys(sim: Sim, home: Path) -> dict[str, str]:
    (home / "secret").write_text(f"{sim.api_secret}\n")
    return {
        "BOTCORE__ENVIRONMENT": "testnet",
        "BOTCORE__HOSTS__REST": sim.rest,
        "BOTCORE__HOSTS__WS_PUBLIC": sim.ws_public,
        "BOTCORE__HOSTS__WS_MARKET": sim.ws_market,
        "BOTCORE__HOSTS__WS_PRIVATE": sim.ws_private,
        "BOTCORE_TESTNET_API_KEY": sim.api_key,
        "BOTCORE_TESTNET_API_SECRET_FILE": str(home / "secret"),
    }


@pytest.mark.slow
@pytest.mark.requirement("R18")
def test_an_account_that_lasts_is_left_without_entries_and_keeps_no_halt(
    sim: Sim, tmp_path: Path
) -> None:
    env = keys(sim, tmp_path)
    words = ("--state-dir", tmp_path)
    with Program(*words, *TRADING, home=tmp_path, env=env) as program:
        program.wait_for("book is live")
        bid = int(sim.best("BTCUSDT")[0])
        limit, stop = bid - 900, bid - 2_400
        order = ("buy", "BTCUSDT", "0.01", "--limit", limit, "--stop", stop)

        def is_taken() -> bool:
            # Until the first mark price has come and the clock is measured an entry is refused.
            done = botcore(*words, *order, home=tmp_path, env=env)
            is_early = "(P09)" in done.stderr or "(P23)" in done.stderr
            assert done.returncode == 0 or is_early, done.stderr
            return done.returncode == 0

        until(is_taken, "an order that is taken on")
        until(lambda: len(orders_at(sim)) == 1, "an entry at the venue")
        program.signal(signal.SIGTERM)
        assert program.wait_for_exit() == 0
    assert sim.api_secret not in program.told
    assert orders_at(sim) == []
    assert not (tmp_path / "halt-testnet.json").exists()
    assert (tmp_path / "ledger-testnet.db").exists()


def orders_at(sim: Sim) -> list[object]:
    found = sim.ask_signed("GET", "/fapi/v1/openOrders")
    assert isinstance(found, list)
    return found
