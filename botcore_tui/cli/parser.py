"""The command line's words. Only the standard library: ``--help`` must answer at once."""

import argparse
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias

from botcore_tui import __version__
from botcore_tui.cli import sim_parser
from botcore_tui.cli.checks_parser import add_checks, checks_nonsense
from botcore_tui.cli.doctor_parser import add_doctor
from botcore_tui.cli.drill_parser import add_drill, drill_nonsense
from botcore_tui.cli.kill_parser import add_kill_commands
from botcore_tui.cli.ledger_parser import add_ledger
from botcore_tui.cli.operator_parser import add_operator
from botcore_tui.cli.parser_parts import (
    add_headless,
    add_market,
    add_places,
    add_theme,
    file_path,
    seconds,
    unset,
)
from botcore_tui.cli.phase_parser import add_phase, phase_nonsense
from botcore_tui.cli.setup_parser import add_runbook, add_setup
from botcore_tui.cli.trade_parser import (
    add_report,
    add_trade_commands,
    add_trading,
    order_nonsense,
)

# As typeshed itself annotates it.
_Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"  # noqa: SLF001 - no public name

_EPILOG = """\
with no command: opens the cockpit on the configured environment; without a configuration that is
demo, on an exchange of its own that lives and dies with it: no keys and no network needed.

keys: F12 or ctrl+k halts at once, from anywhere; F9 resumes; F7 environment; ? help; ctrl+q quits
signals: USR1 halts, TERM halts and leaves, HUP follows ui.on_disconnect
         (replay, and demo without trading, which nobody needs unseen, end)
files: configuration botcore/config.toml under $XDG_CONFIG_HOME (~/.config), state and logs
botcore/ under $XDG_STATE_HOME (~/.local/state), or all of it in --state-dir
exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 damaged tape (the readable part played),
            of doctor: warnings only; of checks: one to look at, or not known
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
    linger: float
    """Seconds."""
    enable_trading: bool
    strategy: str | None
    fresh: bool
    production: bool
    confirm: str | None
    duration: float | None
    symbol: str
    quantity: Decimal
    limit: Decimal | None
    stop: Decimal | None
    target: Decimal | None
    trail: Decimal | None
    """Percent."""
    reduce_only: bool
    price: Decimal
    client_order_id: str
    reason: str
    flatten: bool
    contracts: list[str] | None
    everything: bool
    code: str
    rebase: bool
    key: str
    value: Decimal
    minutes: int
    name: str
    what: str
    rows: int
    by: str | None
    format: str
    output: Path | None
    table: str
    days: int
    account: str
    force: bool
    private_key: Path | None
    sub: str
    scope: tuple[str, ...]
    hours: int
    token_id: str
    write_config: bool
    check_keys: bool
    limits: bool
    page: str
    """Command with its topic, whose ``--help`` explains what was typed."""
    accept: bool
    test_alert: bool
    codes: list[str]
    subject: str
    period: str | None
    accept_limits: bool
    month: str | None


def parse(argv: Sequence[str]) -> Arguments:
    """Parse, or leave with one line about what is wrong and exit code 2."""
    parser = _parser()
    arguments, unknown = parser.parse_known_args(argv, namespace=Arguments())
    if unknown:  # whose flags they could have been says the command's own page
        parser.refuse(f"unrecognized arguments: {' '.join(unknown)}", arguments.page)
    if misplaced := _misplaced(arguments):
        parser.error(f"{' and '.join(misplaced)}: not for the command {arguments.command}")
    if problem := _nonsense(arguments):
        parser.refuse(problem, arguments.page)
    return arguments


def _nonsense(arguments: Arguments) -> str:
    """Why flags make no sense together; empty if they do."""
    is_shown = not arguments.headless
    if arguments.command == "replay" and is_shown and (arguments.check or arguments.json):
        return "--check and --json report at the end of a replay: add --headless"
    has_end = arguments.duration or arguments.until_eof or arguments.json
    if arguments.command == "run" and is_shown and has_end:
        return "--duration, --until-eof and --json are for a run without a screen: add --headless"
    if arguments.command in {"buy", "sell"}:
        guards = ("stop", "target", "trail")
        given = [f"--{each}" for each in guards if getattr(arguments, each) is not None]
        return order_nonsense(given, reduce_only=arguments.reduce_only)
    if arguments.command == "drill":
        return drill_nonsense(arguments.topic, flatten=arguments.flatten)
    if arguments.command == "checks":
        return checks_nonsense(arguments)
    if arguments.command == "phase":
        return phase_nonsense(arguments.topic, arguments.reason, arguments.confirm)
    return ""


class _Parser(argparse.ArgumentParser):
    def __init__(self, *positional: Any, **named: Any) -> None:  # noqa: ANN401 - of argparse
        super().__init__(*positional, **named)
        self.set_defaults(page=self.prog)

    def error(self, message: str) -> NoReturn:
        self.refuse(message, self.prog)

    def refuse(self, message: str, command: str) -> NoReturn:
        # One line instead of a page of usage above the reason.
        self.exit(2, f"botcore: {message}; see {command} --help\n")


def _parser() -> _Parser:
    parser = _Parser(
        prog="botcore",
        description="Terminal trading cockpit for Binance USD-M futures.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"botcore {__version__}")
    add_places(parser)
    add_theme(parser)
    add_market(parser)
    _add_engine(parser)
    parser.set_defaults(duration=None, until_eof=False, json=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_run(commands)
    _add_replay(commands)
    add_kill_commands(commands.add_parser)
    add_trade_commands(commands.add_parser)
    add_ledger(commands.add_parser)
    add_operator(commands.add_parser)
    add_phase(commands.add_parser)
    add_checks(commands.add_parser)
    _add_sim(commands)
    _add_config(commands)
    add_drill(commands.add_parser)
    add_doctor(commands.add_parser)
    add_setup(commands.add_parser)
    add_runbook(commands.add_parser)
    return parser


_SETTINGS: Final = frozenset({"--config", "--environment"})
_MARKET: Final = frozenset({"--symbols", "--market", "--seed"})
_TAKEN: Final = {
    "replay": frozenset({"--config", "--theme", "--headless"}),
    "sim": _MARKET,
    "config": _SETTINGS | _MARKET | {"--theme"},
    "doctor": _SETTINGS | _MARKET | {"--theme"},
    "operator": frozenset(),
    "runbook": frozenset(),
    "phase": _SETTINGS | {"--confirm"},
}
"""Flags of ``run`` that another command obeys as well; those left out: what trading needs."""


def _misplaced(arguments: Arguments) -> list[str]:
    # Flags of ``run`` may stand before any command; those it cannot obey are not swallowed.
    if arguments.command in (None, "run"):
        return []
    taken = _TAKEN.get(arguments.command, _SETTINGS)
    given = {
        "--config": arguments.config is not None,
        "--theme": arguments.theme is not None,
        "--environment": arguments.environment is not None,
        "--symbols": arguments.symbols is not None,
        "--market": arguments.market is not None,
        "--seed": arguments.seed is not None,
        "--record": arguments.record is not None,
        "--headless": arguments.headless,
        "--enable-trading": arguments.enable_trading,
        "--strategy": arguments.strategy is not None,
        "--fresh": arguments.fresh,
        "--production": arguments.production,
        "--confirm": arguments.confirm is not None,
    }
    return [flag for flag, is_given in given.items() if is_given and flag not in taken]


def _add_engine(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    parser.add_argument(
        "--record",
        type=file_path,
        metavar="FILE",
        default=unset(is_sub=is_sub),
        help="write every frame received to a tape (.gz and .zst compress; rotates by size)",
    )
    what = "run the engine without a screen; log lines go to standard error"
    add_headless(parser, what, is_sub=is_sub)
    add_trading(parser, is_sub=is_sub)


def _add_run(commands: _Commands) -> None:
    run = commands.add_parser(
        "run",
        help="open the cockpit (the same as no command)",
        description="Open the cockpit.",
        allow_abbrev=False,
    )
    add_places(run, is_sub=True)
    add_theme(run, is_sub=True)
    add_market(run, is_sub=True)
    _add_engine(run, is_sub=True)
    add_report(run)


def _add_replay(commands: _Commands) -> None:
    replay = commands.add_parser(
        "replay",
        help="play a recorded tape through decoder, order book and engine",
        description="Play a tape into the cockpit, or with --headless as a check of the book.",
        allow_abbrev=False,
    )
    add_places(replay, is_sub=True)
    add_theme(replay, is_sub=True)
    add_headless(replay, "no cockpit: play to the end and report", is_sub=True)
    replay.add_argument("tape", type=file_path, metavar="TAPE", help="plain, .gz or .zst recording")
    replay.add_argument(
        "--speed",
        type=_speed,
        metavar="N|max",
        default=None,
        help="multiple of real time, or max; as configured (1) if left out, max with --headless",
    )
    replay.add_argument(
        "--start",
        type=seconds,
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
    check.add_argument("file", type=file_path, nargs="?", metavar="FILE", help="the file to check")
    path = topics.add_parser("path", help="where configuration, state and logs are looked for")
    for parser in (config, show, check, path):
        add_places(parser, is_sub=True)
        add_theme(parser, is_sub=True)
        add_market(parser, is_sub=True)


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
