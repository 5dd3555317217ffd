"""Commands of the command line reach the engine that runs; what it says is the exit code."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from account_builders import an_account, flat
from command_line import FullDisk, Run, arguments
from kill_doors import answering, hanging
from risk_views import GAUGES, OBSTACLES, a_risk

from botcore_tui.cli.order_commands import command_of
from botcore_tui.cli.places import places, socket_path
from botcore_tui.engine.control import Refusal
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    EnableStrategy,
    MoveStop,
    PlaceOrder,
    Relax,
    ResetBreaker,
    Resume,
)
from botcore_tui.model.event import Answer
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType
from botcore_tui.model.trading import Wish

ACCEPTED = Answer(
    command_id="cli-1",
    is_accepted=True,
    code="",
    text="BUY 0.01 BTCUSDT requested",
    client_order_id="bc-a-1-e",
    time_ms=1,
)
DENIED = msgspec.structs.replace(
    ACCEPTED, is_accepted=False, code="P15", text="no stop, no order", client_order_id=""
)


Serve = Callable[[object], list[bytes]]
"""Lets an engine answer with this; what it was asked."""


@pytest.fixture
def serve() -> Iterator[Serve]:
    """An engine that answers every request with the same."""
    with ExitStack() as engines:

        def start(reply: object) -> list[bytes]:
            path = socket_path(places(None).state_dir, "demo")
            return engines.enter_context(answering(path, reply))

        yield start


@pytest.mark.requirement("G6")
def test_an_order_becomes_the_command_of_every_other_door() -> None:
    words = ("--limit", 64_000, "--stop", 63_000, "--target", 70_000, "--trail", 1)
    placed = command_of(arguments("sell", "BTCUSDT", "0.5", *words, "--reason", "why"))
    assert isinstance(placed, PlaceOrder)
    assert (placed.symbol, placed.side, placed.type) == ("BTCUSDT", Side.SELL, OrderType.LIMIT)
    assert (placed.quantity, placed.price) == (Decimal("0.5"), Decimal(64_000))
    assert (placed.stop_price, placed.target_price) == (Decimal(63_000), Decimal(70_000))
    assert (placed.trail_pct, placed.reduce_only, placed.reason) == (Decimal(1), False, "why")
    assert placed.actor
    assert placed.time_ms > 0
    lowering = command_of(arguments("sell", "BTCUSDT", "0.5", "--reduce-only"))
    assert isinstance(lowering, PlaceOrder)
    assert (lowering.reduce_only, lowering.stop_price) == (True, None)
    market = command_of(arguments("buy", "BTCUSDT", "0.5"))
    assert isinstance(market, PlaceOrder)
    assert (market.side, market.type, market.price) == (Side.BUY, OrderType.MARKET, None)
    assert market.command_id != placed.command_id


def test_the_other_words_become_their_commands() -> None:
    close = command_of(arguments("close", "BTCUSDT"))
    cancel = command_of(arguments("cancel", "bc-a-1-e"))
    stop = command_of(arguments("stop", "BTCUSDT", "63000.5"))
    assert isinstance(close, ClosePosition)
    assert isinstance(cancel, CancelOrder)
    assert isinstance(stop, MoveStop)
    assert (close.symbol, close.reason) == ("BTCUSDT", "command line")
    assert cancel.client_order_id == "bc-a-1-e"
    assert (stop.symbol, stop.stop_price) == ("BTCUSDT", Decimal("63000.5"))


@pytest.mark.requirement("K7")
@pytest.mark.requirement("P24")
def test_what_loosens_carries_who_and_why() -> None:
    why = ("--reason", "looked")
    resume = command_of(arguments("resume", *why))
    reset = command_of(arguments("reset-breaker", "A01", "--rebase", *why))
    relax = command_of(arguments("relax", "risk.max_leverage", "2", "--minutes", "30", *why))
    enable = command_of(arguments("enable-strategy", "ema_cross", *why))
    assert isinstance(resume, Resume)
    assert isinstance(reset, ResetBreaker)
    assert isinstance(relax, Relax)
    assert isinstance(enable, EnableStrategy)
    assert (reset.code, reset.rebases) == ("A01", True)
    assert (relax.limit, relax.value, relax.minutes) == ("risk.max_leverage", Decimal(2), 30)
    assert enable.strategy == "ema_cross"
    for each in (resume, reset, relax, enable):
        assert each.command_id
        assert each.actor
        assert (each.reason, each.scopes) == ("looked", ())


@pytest.mark.requirement("P03")
def test_token_of_the_operator_goes_with_a_command_and_with_no_question(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = serve(ACCEPTED)
    monkeypatch.setenv("BOTCORE_OPERATOR_TOKEN", "a.b.c")
    run("close", "BTCUSDT")
    run("orders")
    assert [json.loads(line).get("token") for line in asked] == ["a.b.c", None]


def test_what_is_accepted_is_told_in_one_line(run: Run, serve: Serve) -> None:
    asked = serve(ACCEPTED)
    done = run("buy", "BTCUSDT", "0.01")
    assert done.code == 0
    assert done.out == "accepted: BUY 0.01 BTCUSDT requested (bc-a-1-e)\n"
    assert done.err == ""
    (line,) = asked
    assert json.loads(line)["command"] == "PlaceOrder"


def test_what_is_refused_is_told_with_its_code_and_exit_code_1(run: Run, serve: Serve) -> None:
    serve(DENIED)
    done = run("buy", "BTCUSDT", "0.01")
    assert (done.code, done.out) == (1, "")
    assert done.err == "botcore: refused: no stop, no order (P15)\n"
    as_json = run("buy", "BTCUSDT", "0.01", "--json")
    assert (as_json.code, json.loads(as_json.out)["code"]) == (1, "P15")


@pytest.mark.parametrize("words", [("positions",), ("orders", "--json"), ("explain",), ("risk",)])
def test_a_request_that_is_not_taken_is_told(
    run: Run, serve: Serve, words: tuple[str, ...]
) -> None:
    serve(Refusal(error="trading is not enabled here", code="no-account"))
    done = run(*words)
    assert done.code == 1
    assert done.err == "botcore: refused: trading is not enabled here (no-account)\n"


def test_json_is_the_answer_as_it_came(run: Run, serve: Serve) -> None:
    serve(ACCEPTED)
    done = run("close", "BTCUSDT", "--json")
    assert done.code == 0
    assert json.loads(done.out)["client_order_id"] == "bc-a-1-e"


def test_orders_and_positions_are_listed(run: Run, serve: Serve) -> None:
    asked = serve(an_account())
    orders, positions = run("orders"), run("positions")
    assert [line.split()[0] for line in orders.out.splitlines()[1:]] == ["bc-k3-1-e", "bc-k3-2-s"]
    assert positions.out.splitlines()[1].startswith("BTCUSDT")
    (order, _) = json.loads(run("orders", "--json").out)
    assert order["client_order_id"] == "bc-k3-1-e"
    (position,) = json.loads(run("positions", "--json").out)
    assert position["cover"] == "verified"
    assert [json.loads(line)["query"] for line in asked] == [
        "positions",
        "positions",
        "positions",
        "positions",
    ]


@pytest.mark.requirement("R40")
def test_obstacles_and_limits_are_listed(run: Run, serve: Serve) -> None:
    serve(msgspec.structs.replace(an_account(), risk=a_risk(gauges=GAUGES, obstacles=OBSTACLES)))
    explained, risk = run("explain"), run("risk")
    assert (explained.code, risk.code) == (0, 0)
    assert "DENY" in explained.out
    assert "controls refuse an entry" in explained.out
    assert "A01" in risk.out
    (*_, obstacle) = json.loads(run("explain", "--json").out)
    assert obstacle["code"]
    assert json.loads(run("risk", "--json").out)["gauges"]


def test_explain_says_what_the_strategy_would_undo(run: Run, serve: Serve) -> None:
    risk = a_risk()
    wishes = (Wish("ema_cross", risk.asked, 0), Wish("ema_cross", "OTHERUSDT", 0))
    serve(an_account(risk=risk, wishes=wishes))
    said = f"ema_cross wants {risk.asked} flat: it closes a"
    assert run("explain").out.splitlines()[-2:] == [
        f"{said} long at once",
        f"{said} short at once",
    ]


def test_nothing_is_measured_before_a_session(run: Run, serve: Serve) -> None:
    serve(an_account())
    assert run("explain").out == "no session has begun: nothing can be entered yet\n"
    assert run("risk").out == "no session has begun: nothing is measured yet\n"


def test_nothing_to_list_is_said(run: Run, serve: Serve) -> None:
    serve(flat())
    assert run("orders").out == "no orders\n"
    assert run("positions").out == "no positions\n"


def test_where_no_engine_runs_it_says_how_to_start_one(run: Run) -> None:
    done = run("positions")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"botcore: no engine of demo runs with its state in {places(None).state_dir}; start one"
        " with: botcore run --enable-trading\n"
    )


def test_where_another_environment_has_an_engine_it_says_so(run: Run, serve: Serve) -> None:
    serve(flat())
    done = run("orders", "--environment", "testnet")
    assert done.err.endswith("; demo has one: add --environment demo\n")


def test_a_socket_that_was_left_behind_is_told(run: Run, home: Path) -> None:
    with hanging(socket_path(places(None).state_dir, "demo")):
        pass
    done = run("orders")
    assert done.code == 1
    assert done.err.endswith("; start one with: botcore run --enable-trading\n")
    elsewhere = run("orders", "--environment", "testnet")
    assert "has one" not in elsewhere.err  # nobody serves there


@pytest.mark.requirement("G6")
def test_order_that_was_accepted_is_told_where_standard_output_takes_nothing(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended with 1, as if it had been refused: whoever sent it again held twice as much."""
    serve(ACCEPTED)
    monkeypatch.setattr(sys, "stdout", FullDisk())
    done = run("buy", "BTCUSDT", "0.01", "--stop", "58000")
    assert done.code == 0
    assert done.err == (
        "botcore: standard output cannot be written: No space left on device\n"
        "botcore: accepted: BUY 0.01 BTCUSDT requested (bc-a-1-e)\n"
    )
