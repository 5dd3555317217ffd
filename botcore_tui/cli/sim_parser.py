"""The words of ``botcore sim``. Only the standard library: ``--help`` must answer at once."""

import argparse
from typing import Final

from botcore_tui.cli.parser_parts import file_path

DESCRIPTION: Final = (
    "Run an exchange of your own that speaks Binance's USD-M futures protocol on this machine, for"
    " any client: REST, market and user streams, with a made-up market or a recorded one. Play"
    " money, keys of its own, and every failure that traders report, at will."
)
_EPILOG: Final = """\
It prints where it can be reached and its keys, and runs until it gets TERM or INT.
Beside Binance's interface it answers on the same port, to this machine only:
  GET /sim/state      what the venue really has
  /sim/faults         GET lists, POST arms {"name": "create-lost", "count": 1}, DELETE disarms
  POST /sim/advance   {"ms": 60000} lets simulated time pass at once
exit codes: 0 ended as asked, 1 refused or failed, 2 wrong usage
"""
_MOST_SPEED: Final = 100_000.0
_LONGEST_LINGER: Final = 86_400.0


def add_sim_arguments(sim: argparse.ArgumentParser) -> None:
    """Add every flag of the command."""
    sim.formatter_class = argparse.RawDescriptionHelpFormatter
    sim.epilog = _EPILOG
    _add_wire(sim)
    _add_market(sim)
    _add_failures(sim)


def _add_wire(sim: argparse.ArgumentParser) -> None:
    sim.add_argument(
        "--host", metavar="ADDRESS", default="127.0.0.1", help="IP address to listen on (127.0.0.1)"
    )
    sim.add_argument(
        "--port", type=_port, metavar="N", default=0, help="port to listen on; 0, the default: free"
    )
    sim.add_argument(
        "--allow-remote",
        action="store_true",
        help="let --host be an address that other machines reach",
    )
    sim.add_argument("--json", action="store_true", help="say where it is in one JSON line")
    sim.add_argument(
        "--until-eof", action="store_true", help="end when standard input ends, as with its parent"
    )
    sim.add_argument(
        "--linger",
        type=_linger,
        metavar="SECONDS",
        default=0.0,
        help="with --until-eof: then go on until nobody has followed a stream for so long (0)",
    )
    sim.add_argument(
        "--no-limits", action="store_true", help="no limits of weight and orders, for load tests"
    )


def _add_market(sim: argparse.ArgumentParser) -> None:
    unset = argparse.SUPPRESS  # may stand before the command, too
    sim.add_argument(
        "--symbols",
        metavar="A,B",
        default=unset,
        help="contracts, such as BTCUSDT,ETHUSDT (which are the default); of a tape: all in it",
    )
    sim.add_argument(
        "--balance", metavar="USDT", default="5000", help="what the account has (5000)"
    )
    sim.add_argument(
        "--market",
        metavar="synthetic|tape:FILE",
        default=unset,
        help="made-up prices, or a recording into whose book orders can go",
    )
    sim.add_argument(
        "--seed", metavar="N", default=unset, help="the same seed gives the same market (0)"
    )
    sim.add_argument(
        "--speed",
        type=_speed,
        metavar="N",
        default=1.0,
        help="multiple of real time (1); 0: stands still but for POST /sim/advance",
    )


def _add_failures(sim: argparse.ArgumentParser) -> None:
    sim.add_argument(
        "--fault",
        action="append",
        metavar="NAME[=KEY:VALUE,...]",
        default=[],
        help="arm a failure; may be repeated",
    )
    sim.add_argument(
        "--scenario", type=file_path, metavar="FILE", help="arm the failures of a script (TOML)"
    )
    sim.add_argument(
        "--list-faults", action="store_true", help="explain every failure in a line, and end"
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port, which is a number up to 65535")
    return int(text)


def _linger(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST_LINGER:
        raise argparse.ArgumentTypeError(f"{text!r} are no seconds from 0 to {_LONGEST_LINGER:g}")
    return seconds


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 <= speed <= _MOST_SPEED:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no multiple of real time from 0 to {_MOST_SPEED:g}"
        )
    return speed
