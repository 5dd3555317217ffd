"""The words of trading: of ``run``, and of the commands that speak to the engine that runs."""

import argparse
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from botcore_tui.cli.parser_parts import add_environment, add_places, amount, seconds

TRADE_COMMANDS: Final = (
    *("buy", "sell", "close", "cancel", "stop"),
    *("halt", "resume", "orders", "positions"),
)
"""Commands that go to the engine that runs."""

_LEAST_TRAIL, _MOST_TRAIL = Decimal("0.1"), Decimal(20)
_LONGEST_TEXT: Final = 200
_LONGEST_SYMBOL: Final = 32
_EPILOG: Final = """\
It goes to the engine of this environment and state directory, which must run with trading enabled
(botcore run --enable-trading), through the same checks as every other order.
exit codes: 0 accepted, 1 refused, or no engine runs; 2 wrong usage
"""

Adder = Callable[..., argparse.ArgumentParser]
"""``add_parser`` of the commands."""


def add_trading(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    """Flags of ``run`` that let orders out; they may stand before the command, too."""
    off = argparse.SUPPRESS if is_sub else False
    parser.add_argument(
        "--enable-trading",
        action="store_true",
        default=off,
        help="let orders out; demo and testnet only. A demo then outlives a crash for two minutes,"
        " and the next start finds the same account; leaving ends it, with all positions",
    )
    parser.add_argument(
        "--strategy",
        metavar="NAME",
        default=argparse.SUPPRESS if is_sub else None,
        help="what trades unattended: ema_cross, package.module:Class or none. If left out: as"
        " configured, else ema_cross for a demo without a screen, and none with one",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        default=off,
        help="with --enable-trading: a new demo exchange, even where one was left behind",
    )


def add_report(run: argparse.ArgumentParser) -> None:
    """Flags of ``run`` that make an end and a report."""
    run.add_argument(
        "--duration",
        type=seconds,
        metavar="SECONDS",
        default=None,
        help="with --headless: leave after so long",
    )
    run.add_argument(
        "--json",
        action="store_true",
        help="with --headless and --enable-trading: cancel entries at the end, and report in one"
        " JSON object; exit code 1 unless flat or protected, with nothing unknown",
    )


def add_trade_commands(add: Adder) -> None:
    """Add every command that speaks to the engine that runs."""
    for name, what in (("buy", "buy a contract"), ("sell", "sell a contract")):
        _add_order(_command(add, name, what))
    close = _command(add, "close", "close a position at market")
    _add_symbol(close)
    _add_reason(close)
    cancel = _command(add, "cancel", "cancel one order")
    cancel.add_argument(
        "client_order_id", metavar="CLIENT_ORDER_ID", type=_text, help="as botcore orders tells it"
    )
    _add_reason(cancel)
    stop = _command(add, "stop", "move the stop of a position")
    _add_symbol(stop)
    stop.add_argument("price", metavar="PRICE", type=amount, help="where it shall be")
    _add_reason(stop)
    halt = "stop trading: entries are cancelled, protective stops stay"
    _add_reason(_command(add, "halt", halt))
    resume = "go one step back towards trading: from halted to reducing, then to active"
    _add_reason(_command(add, "resume", resume))
    _command(add, "orders", "list open orders, and those that ended just now")
    _command(add, "positions", "list positions and what protects them")


def _command(add: Adder, name: str, what: str) -> argparse.ArgumentParser:
    parser = add(
        name,
        help=f"{what}, through the engine that runs",
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_places(parser, is_sub=True)
    add_environment(parser, is_sub=True)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return parser


def _add_symbol(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("symbol", metavar="SYMBOL", type=_symbol, help="contract, such as BTCUSDT")


def _add_reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reason", metavar="TEXT", type=_text, default="", help="why; stands in the ledger"
    )


def _add_order(parser: argparse.ArgumentParser) -> None:
    _add_symbol(parser)
    parser.add_argument("quantity", metavar="QUANTITY", type=amount, help="in the contract's base")
    parser.add_argument(
        "--limit", metavar="PRICE", type=amount, help="at this price or better; else at market"
    )
    parser.add_argument(
        "--stop",
        metavar="PRICE",
        type=amount,
        help="where the loss is cut; what raises a position needs one",
    )
    parser.add_argument("--target", metavar="PRICE", type=amount, help="where profit is taken")
    parser.add_argument(
        "--trail", metavar="PERCENT", type=_trail, help="stop that follows the best price"
    )
    parser.add_argument(
        "--reduce-only", action="store_true", help="never more than closes the position"
    )
    _add_reason(parser)


def _symbol(text: str) -> str:
    name = text.strip().upper()
    if not 0 < len(name) <= _LONGEST_SYMBOL or not name.replace("_", "").isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} is no contract such as BTCUSDT")
    return name


def _trail(text: str) -> Decimal:
    percent = amount(text)
    if not _LEAST_TRAIL <= percent <= _MOST_TRAIL:
        allowed = f"from {_LEAST_TRAIL} to {_MOST_TRAIL} percent"
        raise argparse.ArgumentTypeError(f"{text!r} is no distance {allowed}")
    return percent


def _text(text: str) -> str:
    if len(text) > _LONGEST_TEXT or not text.isprintable():
        raise argparse.ArgumentTypeError(f"must be at most {_LONGEST_TEXT} printable characters")
    return text
