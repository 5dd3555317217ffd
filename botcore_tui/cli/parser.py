"""The command line's words. Only the standard library: ``--help`` must answer at once."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from botcore_tui import __version__

_EPILOG = """\
with no command: opens the cockpit on the configured environment; without a configuration that is
demo, a market made on this machine, no keys and no network needed.

keys: F12 or ctrl+k halts at once, from anywhere; F9 resumes; F7 environment; ? help; ctrl+q quits
signals: USR1 halts, TERM halts and leaves, HUP follows ui.on_disconnect
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


def parse(argv: Sequence[str]) -> Arguments:
    """Parse, or leave with usage and exit code 2."""
    return _parser().parse_args(argv, namespace=Arguments())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="botcore",
        description="Terminal trading cockpit for Binance USD-M futures.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"botcore {__version__}")
    _add_common(parser)
    _add_live(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_run(commands)
    _add_replay(commands)
    _add_config(commands)
    doctor = commands.add_parser("doctor", help="say what this machine and terminal can do")
    _add_common(doctor, is_sub=True)
    return parser


def _add_common(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    # Given before or after the command; SUPPRESS keeps the later one from erasing the earlier.
    unset = argparse.SUPPRESS if is_sub else None
    parser.add_argument(
        "--config", type=Path, metavar="FILE", default=unset, help="configuration file (TOML)"
    )
    parser.add_argument(
        "--state-dir",
        type=Path,
        metavar="DIR",
        default=unset,
        help="keep logs, cockpit state and themes here instead of in the XDG directories",
    )


def _add_live(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    unset = argparse.SUPPRESS if is_sub else None
    parser.add_argument("--theme", metavar="NAME", default=unset, help="theme of the cockpit")
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
        "--record",
        type=Path,
        metavar="FILE",
        default=unset,
        help="write every frame received to a tape (.gz and .zst compress; rotates by size)",
    )
    parser.add_argument(
        "--headless",
        action="store_true",
        default=argparse.SUPPRESS if is_sub else False,
        help="run the engine without a screen; log lines go to standard error",
    )


def _add_run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    run = commands.add_parser(
        "run", help="open the cockpit (the same as no command)", description="Open the cockpit."
    )
    _add_common(run, is_sub=True)
    _add_live(run, is_sub=True)


def _add_replay(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    replay = commands.add_parser(
        "replay",
        help="play a recorded tape through decoder, order book and engine",
        description="Play a tape into the cockpit, or with --headless as a check of the book.",
    )
    _add_common(replay, is_sub=True)
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
    replay.add_argument("--theme", metavar="NAME", default=None, help="theme of the cockpit")
    replay.add_argument(
        "--headless", action="store_true", help="no cockpit: play to the end and report"
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


def _add_config(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    config = commands.add_parser("config", help="show or check the configuration")
    _add_common(config, is_sub=True)
    topics = config.add_subparsers(dest="topic", required=True, metavar="show|check|path")
    show = topics.add_parser("show", help="effective values and where each came from")
    show.add_argument("--json", action="store_true", help="one JSON object")
    _add_common(show, is_sub=True)
    check = topics.add_parser("check", help="report every problem of a file at once")
    check.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the file to check")
    _add_common(check, is_sub=True)
    path = topics.add_parser("path", help="where configuration, state and logs are looked for")
    _add_common(path, is_sub=True)


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
