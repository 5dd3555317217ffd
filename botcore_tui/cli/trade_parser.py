"""The words of trading: of ``run``, and of the commands that speak to the engine that runs."""

import argparse
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from botcore_tui.cli.kill_parser import Adder, json_command
from botcore_tui.cli.parser_parts import (
    amount,
    contract,
    one_text,
    seconds,
)

TRADE_COMMANDS: Final = (
    *("buy", "sell", "close", "cancel", "stop"),
    *("resume", "reset-breaker", "relax", "enable-strategy"),
    *("orders", "positions", "explain", "risk"),
)
"""Commands that go to the engine that runs."""

# Said again here: the words must not import what the engine needs.
_LEAST_TRAIL, _MOST_TRAIL = Decimal("0.1"), Decimal(20)
_MOST_MINUTES: Final = 60
_EPILOG: Final = """\
It goes to the engine of this environment and state directory, which must run with trading enabled
(botcore run --enable-trading), through the same checks as every other order.
exit codes: 0 accepted, 1 refused, or no engine runs; 2 wrong usage
"""


def add_trading(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    """Flags of ``run`` that let orders out; they may stand before the command, too."""
    off = argparse.SUPPRESS if is_sub else False
    parser.add_argument(
        "--enable-trading",
        action="store_true",
        default=off,
        help="let orders out; in production only together with --production. A demo then outlives a"
        " crash for two minutes, and the next start finds the same account; leaving ends it, with"
        " all positions",
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
    parser.add_argument(
        "--production",
        action="store_true",
        default=off,
        help="with --environment production and --enable-trading: real money. Looks at the"
        " account, shows what is at risk, and asks for the end of its name; begins HALTED",
    )
    parser.add_argument(
        "--confirm",
        metavar="TAIL",
        default=argparse.SUPPRESS if is_sub else None,
        help="with --production: the last 4 characters of the account's name, where nobody can"
        " be asked",
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
        "--until-eof",
        action="store_true",
        help="with --headless: leave when standard input ends, such as when the program that"
        " started it is gone",
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
        "client_order_id",
        metavar="CLIENT_ORDER_ID",
        type=_name,
        help="as botcore orders tells it",
    )
    _add_reason(cancel)
    stop = _command(add, "stop", "move the stop of a position")
    _add_symbol(stop)
    stop.add_argument("price", metavar="PRICE", type=amount, help="where it shall be")
    _add_reason(stop)
    _add_loosening(add)
    _command(add, "orders", "list open orders, and those that ended just now")
    _command(add, "positions", "list positions and what protects them")
    _command(add, "explain", "say why an entry would be refused now, and how to clear it")
    _command(add, "risk", "list limits, how far each is used, and breakers that tripped")


def _add_loosening(add: Adder) -> None:
    resume = "go one step back towards trading: from halted to reducing, then to active"
    _add_reason(_command(add, "resume", resume), is_required=True)
    reset = _command(add, "reset-breaker", "let go of a breaker that tripped; trading stays halted")
    reset.add_argument("code", metavar="CODE", type=_name, help="as botcore risk tells it: A01")
    reset.add_argument(
        "--rebase",
        action="store_true",
        help="count losses anew from now; without it a limit that is still passed refuses",
    )
    _add_reason(reset, is_required=True)
    relax = _command(add, "relax", "relax one limit for a while; it reverts by itself")
    relax.add_argument("key", metavar="KEY", type=_name, help="such as risk.max_leverage")
    relax.add_argument("value", metavar="VALUE", type=amount, help="at most twice the normal one")
    relax.add_argument(
        "--minutes",
        metavar="N",
        type=_minutes,
        required=True,
        help=f"at most {_MOST_MINUTES}; 0 ends it at once",
    )
    _add_reason(relax, is_required=True)
    enable = _command(add, "enable-strategy", "let a strategy that was disabled trade again")
    enable.add_argument("name", metavar="NAME", type=_name, help="of the strategy")
    _add_reason(enable, is_required=True)


def _command(add: Adder, name: str, what: str) -> argparse.ArgumentParser:
    return json_command(add, name, what, _EPILOG, way=", through the engine that runs")


def _add_symbol(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("symbol", metavar="SYMBOL", type=contract, help="contract, such as BTCUSDT")


def _add_reason(parser: argparse.ArgumentParser, *, is_required: bool = False) -> None:
    parser.add_argument(
        "--reason",
        metavar="TEXT",
        type=_stated if is_required else one_text,
        required=is_required,
        default="",
        help="why; stands in the ledger",
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
        "--reduce-only",
        action="store_true",
        help="never more than closes the position; not together with --stop, --target, --trail",
    )
    _add_reason(parser)


def order_nonsense(guards: Iterable[str], *, reduce_only: bool) -> str:
    """Why flags of an order make no sense together; empty if they do.

    An order that only reduces guards nothing: its stop would be dropped, and be missed later.

    Args:
        guards: Flags of stop, target and trail that were given.
        reduce_only: Whether it only reduces.
    """
    given = " and ".join(guards)
    if not (given and reduce_only):
        return ""
    return f"{given}: not for an order with --reduce-only; botcore stop moves the stop"


def _trail(text: str) -> Decimal:
    percent = amount(text)
    if not _LEAST_TRAIL <= percent <= _MOST_TRAIL:
        allowed = f"from {_LEAST_TRAIL} to {_MOST_TRAIL} percent"
        raise argparse.ArgumentTypeError(f"{text!r} is no distance {allowed}")
    return percent


def _stated(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("say why")
    return one_text(text)


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return one_text(text)


def _minutes(text: str) -> int:
    minutes = int(text) if text.isdecimal() and len(text) <= len(str(_MOST_MINUTES)) else -1
    if not 0 <= minutes <= _MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes up to {_MOST_MINUTES}")
    return minutes
