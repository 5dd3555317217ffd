"""The words of trading: what they mean, and what makes no sense."""

from decimal import Decimal
from pathlib import Path

import pytest
from command_line import arguments

from botcore_tui.cli.trade_parser import TRADE_COMMANDS


def test_without_a_flag_nothing_trades() -> None:
    for words in ((), ("run",)):
        parsed = arguments(*words)
        assert not parsed.enable_trading
        assert not parsed.fresh
        assert parsed.strategy is None
        assert (parsed.duration, parsed.json) == (None, False)


@pytest.mark.parametrize("is_before", [True, False])
def test_flags_of_trading_stand_on_either_side_of_run(*, is_before: bool) -> None:
    flags = ("--enable-trading", "--strategy", "ema_cross", "--fresh", "--headless")
    words = (*flags, "run") if is_before else ("run", *flags)
    parsed = arguments(*words, "--duration", "60", "--json")
    assert parsed.enable_trading
    assert parsed.fresh
    assert (parsed.strategy, parsed.duration, parsed.json) == ("ema_cross", 60.0, True)


def test_an_order_has_everything_that_was_said() -> None:
    parsed = arguments(
        *("--state-dir", "state", "buy", "btcusdt", "0.015", "--limit", "64000.5"),
        *("--stop", "63000", "--target", "70000", "--trail", "1.5"),
        *("--reason", "because of it", "--environment", "testnet", "--json"),
    )
    assert (parsed.command, parsed.symbol, parsed.quantity) == ("buy", "BTCUSDT", Decimal("0.015"))
    assert (parsed.limit, parsed.stop) == (Decimal("64000.5"), Decimal(63_000))
    assert (parsed.target, parsed.trail) == (Decimal(70_000), Decimal("1.5"))
    assert (parsed.reason, parsed.environment) == ("because of it", "testnet")
    assert parsed.state_dir == Path("state")
    assert parsed.json
    assert arguments("sell", "BTCUSDT", "0.015", "--reduce-only").reduce_only


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (("--stop", "63000"), "--stop"),
        (("--target", "70000", "--trail", "1.5"), "--target and --trail"),
    ],
)
def test_an_order_that_only_reduces_takes_no_stop(
    flags: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments("sell", "BTCUSDT", "0.015", "--reduce-only", *flags)
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        f"botcore: {named}: not for an order with --reduce-only; botcore stop moves the stop;"
        " see botcore sell --help\n"
    )


def test_an_order_needs_no_more_than_contract_and_quantity() -> None:
    parsed = arguments("sell", "ETHUSDT", "2")
    assert (parsed.command, parsed.symbol, parsed.quantity) == ("sell", "ETHUSDT", Decimal(2))
    assert (parsed.limit, parsed.stop, parsed.target, parsed.trail) == (None,) * 4
    assert not parsed.reduce_only


def test_the_other_commands_name_what_they_are_about() -> None:
    assert arguments("close", "BTCUSDT", "--reason", "r").symbol == "BTCUSDT"
    assert arguments("cancel", "bc-a-1-e").client_order_id == "bc-a-1-e"
    stop = arguments("stop", "BTCUSDT", "63000")
    assert (stop.symbol, stop.price) == ("BTCUSDT", Decimal(63_000))
    assert arguments("orders", "--json").json
    assert not arguments("positions").json


@pytest.mark.requirement("K7")
@pytest.mark.parametrize(
    "words",
    [
        ("resume",),
        ("reset-breaker", "A01"),
        ("relax", "risk.max_leverage", "2", "--minutes", "5"),
        ("enable-strategy", "ema_cross"),
    ],
)
def test_what_loosens_needs_a_reason(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for rest in ((), ("--reason", "  ")):
        with pytest.raises(SystemExit) as left:
            arguments(*words, *rest)
        assert left.value.code == 2
        assert "reason" in capsys.readouterr().err
    assert arguments(*words, "--reason", "looked").reason == "looked"


@pytest.mark.parametrize("command", TRADE_COMMANDS)
def test_each_command_explains_itself_and_its_exit_codes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments(command, "--help")
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert f"usage: botcore {command}" in told
    assert "1 refused, or no engine runs" in told


@pytest.mark.requirement("R20")
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("buy",), "required: SYMBOL, QUANTITY"),
        (("buy", "BTCUSDT"), "required: QUANTITY"),
        (("buy", "BTCUSDT", "0"), "'0' is no number above 0"),
        (("buy", "BTCUSDT", "nan"), "'nan' is no number above 0"),
        (("buy", "BTC/USDT", "1"), "'BTC/USDT' is no contract such as BTCUSDT"),
        (("buy", "", "1"), "is no contract"),
        (("buy", "BTCUSDT", "1", "--stop", "inf"), "'inf' is no number above 0"),
        (("buy", "BTCUSDT", "1", "--trail", "0.05"), "is no distance from 0.1 to 20 percent"),
        (("buy", "BTCUSDT", "1", "--trail", "21"), "is no distance"),
        (("buy", "BTCUSDT", "1", "--reason", "x" * 201), "at most 200 printable characters"),
        (("cancel", "a\x1bb"), "at most 200 printable characters"),
        (("cancel", ""), "must not be empty"),
        (("enable-strategy", "", "--reason", "r"), "must not be empty"),
        (("enable-strategy", "  ", "--reason", "r"), "must not be empty"),
        (("reset-breaker", "", "--reason", "r"), "must not be empty"),
        (("relax", "", "1", "--minutes", "5", "--reason", "r"), "must not be empty"),
        (("stop", "BTCUSDT"), "required: PRICE"),
        (("relax", "a", "1", "--reason", "r"), "required: --minutes"),
        (("relax", "a", "1", "--minutes", "61", "--reason", "r"), "no number of minutes up to 60"),
        (("relax", "a", "1", "--minutes", "x", "--reason", "r"), "no number of minutes up to 60"),
        (("relax", "a", "-1", "--minutes", "5", "--reason", "r"), "botcore relax --help"),
        (("--enable-trading", "orders"), "--enable-trading: not for the command orders"),
        (("--strategy", "x", "--fresh", "buy", "A", "1"), "--strategy and --fresh: not for"),
        (("--symbols", "A", "close", "A"), "--symbols: not for the command close"),
        (("run", "--json"), "add --headless"),
        (("run", "--duration", "5"), "add --headless"),
        (("run", "--until-eof"), "add --headless"),
        (("run", "--headless", "--duration", "soon"), "not a number of seconds"),
        (("--enable-trading", "replay", "tape"), "--enable-trading: not for the command replay"),
    ],
)
def test_wrong_usage_is_told_in_one_line(
    words: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments(*words)
    error = capsys.readouterr().err
    assert left.value.code == 2
    assert reason in error
    assert error.count("\n") == 1
