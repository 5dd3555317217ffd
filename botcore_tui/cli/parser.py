"""The command line's words. Only the standard library: ``--help`` must answer at once."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias

from botcore_tui import __version__
from botcore_tui.cli import sim_parser

# The class has no public name (typeshed's own way to annotate it).
_Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"  # noqa: SLF001

_EPILOG = """\
with no command: opens the cockpit on the configured environment; without a configuration that is
demo, on an exchange of its own that lives and dies with it: no keys and no network needed.

keys: F12 or ctrl+k halts at once, from anywhere; F9 resumes; F7 environment; ? help; ctrl+q quits
signals: USR1 halts, TERM halts and leaves, HUP follows ui.on_disconnect
         (demo and replay, which nobody needs unseen, end)
files: configuration botcore/config.toml under $XDG_CONFIG_HOME (~/.config), state and logs
botcore/ under $XDG_STATE_HOME (~/.local/state), or all of it in --state-dir
exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 damaged tape (the readable part played)
"""


class Arguments(argparse.Namespace):
    """Parsed command line; which fields are set depends on ``command``."""

    command: str | None
    config: Path | None
    state_dir: Path | None
    theme: str | None
    environment: str | None
    symbols: str | None
    market: str | None
    seed: str | None
    record: Path | None
    headless: bool
    tape: Path
    speed: float | None
    """Multiple of real time; 0 as fast as it goes; None as configured."""
    start: float
    check: bool
    json: bool
    topic: str
    file: Path | None
    host: str
    port: int
    allow_remote: bool
    until_eof: bool
    no_limits: bool
    balance: str
    """USDT."""
    fault: list[str]
    scenario: Path | None
    list_faults: bool


def parse(argv: Sequence[str]) -> Arguments:
    """Parse, or leave with one line about what is wrong and exit code 2."""
    parser = _parser()
    arguments = parser.parse_args(argv, namespace=Arguments())
    if misplaced := _misplaced(arguments):
        parser.error(f"{' and '.join(misplaced)}: not for the command {arguments.command}")
    is_shown = arguments.command == "replay" and not arguments.headless
    if is_shown and (arguments.check or arguments.json):
        parser.error("--check and --json report at the end of a replay: add --headless")
    return arguments


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # One line instead of a page of usage above the reason.
        self.exit(2, f"botcore: {message}; see {self.prog} --help\n")


def _parser() -> _Parser:
    parser = _Parser(
        prog="botcore",
        description="Terminal trading cockpit for Binance USD-M futures.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"botcore {__version__}")
    _add_places(parser)
    _add_theme(parser)
    _add_market(parser)
    _add_engine(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_run(commands)
    _add_replay(commands)
    _add_sim(commands)
    _add_config(commands)
    doctor = commands.add_parser(
        "doctor",
        help="say what this machine and terminal can do",
        description="Say what this machine and terminal can do; exit code 1 if botcore cannot run.",
        allow_abbrev=False,
    )
    _add_places(doctor, is_sub=True)
    _add_theme(doctor, is_sub=True)
    _add_market(doctor, is_sub=True)
    return parser


def _misplaced(arguments: Arguments) -> list[str]:
    # Flags of ``run`` may stand before any command; those it cannot obey are not swallowed.
    if arguments.command in (None, "run"):
        return []
    is_replay, is_sim = arguments.command == "replay", arguments.command == "sim"
    given = {
        "--config": is_sim and arguments.config is not None,
        "--theme": is_sim and arguments.theme is not None,
        "--environment": (is_replay or is_sim) and arguments.environment is not None,
        "--symbols": is_replay and arguments.symbols is not None,
        "--market": is_replay and arguments.market is not None,
        "--seed": is_replay and arguments.seed is not None,
        "--record": arguments.record is not None,
        "--headless": arguments.headless and not is_replay,
    }
    return [flag for flag, is_given in given.items() if is_given]


def _unset(*, is_sub: bool) -> str | None:
    # Given before or after the command; SUPPRESS keeps the later one from erasing the earlier.
    return argparse.SUPPRESS if is_sub else None


def _add_places(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    unset = _unset(is_sub=is_sub)
    parser.add_argument(
        "--config", type=Path, metavar="FILE", default=unset, help="configuration file (TOML)"
    )
    parser.add_argument(
        "--state-dir",
        type=Path,
        metavar="DIR",
        default=unset,
        help="keep configuration, logs, cockpit state and themes here, not in the XDG directories",
    )


def _add_theme(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    unset = _unset(is_sub=is_sub)
    parser.add_argument("--theme", metavar="NAME", default=unset, help="theme of the cockpit")


def _add_market(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    unset = _unset(is_sub=is_sub)
    parser.add_argument(
        "--environment",
        metavar="NAME",
        default=unset,
        help="demo, paper or testnet, instead of the configured one",
    )
    parser.add_argument(
        "--symbols",
        metavar="A,B",
        default=unset,
        help="contracts to follow, instead of the configured ones",
    )
    parser.add_argument(
        "--market",
        metavar="synthetic|tape:FILE",
        default=unset,
        help="demo: made-up prices, or a recording into whose book orders can go",
    )
    parser.add_argument(
        "--seed", metavar="N", default=unset, help="demo: the same seed gives the same market"
    )


def _add_engine(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        default=_unset(is_sub=is_sub),
        help="write every frame received to a tape (.gz and .zst compress; rotates by size)",
    )
    what = "run the engine without a screen; log lines go to standard error"
    _add_headless(parser, what, is_sub=is_sub)


def _add_headless(parser: argparse.ArgumentParser, what: str, *, is_sub: bool) -> None:
    default = argparse.SUPPRESS if is_sub else False
    parser.add_argument("--headless", action="store_true", default=default, help=what)


def _add_run(commands: _Commands) -> None:
    run = commands.add_parser(
        "run",
        help="open the cockpit (the same as no command)",
        description="Open the cockpit.",
        allow_abbrev=False,
    )
    _add_places(run, is_sub=True)
    _add_theme(run, is_sub=True)
    _add_market(run, is_sub=True)
    _add_engine(run, is_sub=True)


def _add_replay(commands: _Commands) -> None:
    replay = commands.add_parser(
        "replay",
        help="play a recorded tape through decoder, order book and engine",
        description="Play a tape into the cockpit, or with --headless as a check of the book.",
        allow_abbrev=False,
    )
    _add_places(replay, is_sub=True)
    _add_theme(replay, is_sub=True)
    _add_headless(replay, "no cockpit: play to the end and report", is_sub=True)
    replay.add_argument("tape", type=Path, metavar="TAPE", help="plain, .gz or .zst recording")
    replay.add_argument(
        "--speed",
        type=_speed,
        metavar="N|max",
        default=None,
        help="multiple of real time, or max; as configured (1) if left out, max with --headless",
    )
    replay.add_argument(
        "--start",
        type=_seconds,
        metavar="SECONDS",
        default=0.0,
        help="begin so far into the tape; what comes before is played as fast as it goes",
    )
    replay.add_argument(
        "--check",
        action="store_true",
        help="with --headless: compare the book with the tape's own best prices after every"
        " update; exit code 1 on any mismatch",
    )
    replay.add_argument(
        "--json", action="store_true", help="with --headless: one JSON object on standard output"
    )


def _add_sim(commands: _Commands) -> None:
    sim = commands.add_parser(
        "sim",
        help="run an exchange of your own that speaks Binance's protocol",
        description=sim_parser.DESCRIPTION,
        allow_abbrev=False,
    )
    sim_parser.add_sim_arguments(sim)


def _add_config(commands: _Commands) -> None:
    config = commands.add_parser(
        "config",
        help="show or check the configuration",
        description="Show or check the configuration.",
        allow_abbrev=False,
    )
    topics = config.add_subparsers(dest="topic", required=True, metavar="show|check|path")
    show = topics.add_parser("show", help="effective values and where each came from")
    show.add_argument("--json", action="store_true", help="one JSON object")
    check = topics.add_parser("check", help="report every problem of a file at once")
    check.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the file to check")
    path = topics.add_parser("path", help="where configuration, state and logs are looked for")
    for parser in (config, show, check, path):
        _add_places(parser, is_sub=True)
        _add_theme(parser, is_sub=True)
        _add_market(parser, is_sub=True)


def _speed(text: str) -> float:
    if text == "max":
        return 0.0
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 < speed <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a positive number nor max")
    return speed


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds
