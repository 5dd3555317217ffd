"""The command line: parses, composes, reports; the only place that chooses a venue.

Exit codes: 0 done; 1 refused or failed, said why; 2 wrong usage; 3 a tape was damaged (what could
be read was played), a doctor found warnings only, or a check is to be looked at; 128 plus its
number where a signal ended a replay without a screen.
"""

import os
import signal
from collections.abc import Sequence

from botcore_tui.cli.kill_parser import KILL_COMMANDS
from botcore_tui.cli.output import complain, finish_output, prepare_output
from botcore_tui.cli.parser import Arguments, parse
from botcore_tui.cli.trade_parser import TRADE_COMMANDS
from botcore_tui.errors import BotcoreError

_INTERRUPTED = 128 + signal.SIGINT


def main(argv: Sequence[str]) -> int:
    """Run one command; its exit code. Nothing but one clear message reaches the terminal."""
    prepare_output()
    try:
        arguments = parse(argv)
        return _guarded(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        finish_output()


def _guarded(arguments: Arguments) -> int:
    try:
        _keep_secrets()
        return _run(arguments)
    except Exception as error:  # noqa: BLE001 - the edge: no traceback reaches a terminal
        return _failed(error, arguments)


def _keep_secrets() -> None:
    from botcore_tui.config.masking import keep_secret, secrets_in  # noqa: PLC0415 - after parsing

    # Those in files are read where they are needed: a halt must not wait for a disk.
    keep_secret(secrets_in(os.environ))


def _run(arguments: Arguments) -> int:
    # Imports wait for their command: `--help` and `config` must not pay for an engine.
    match arguments.command:
        case "config":
            from botcore_tui.cli.config_command import run_config  # noqa: PLC0415 - its own

            return run_config(arguments)
        case "doctor" | "drill" | "setup" | "runbook":
            return _run_rehearsal(arguments)
        case "replay":
            from botcore_tui.cli.replay import run_replay  # noqa: PLC0415 - its own

            return run_replay(arguments)
        case "sim":
            from botcore_tui.cli.sim import run_sim  # noqa: PLC0415 - its own

            return run_sim(arguments)
        case "ledger":
            return _run_ledger(arguments)
        case "operator":
            from botcore_tui.cli.operator_command import run_operator  # noqa: PLC0415 - its own

            return run_operator(arguments)
        case "phase" | "checks" | "report":
            return _run_review(arguments)
        case command if command in KILL_COMMANDS:
            from botcore_tui.cli.kill_command import run_kill_command  # noqa: PLC0415 - its own

            return run_kill_command(arguments)
        case command if command in TRADE_COMMANDS:
            from botcore_tui.cli.order_commands import run_order_command  # noqa: PLC0415 - its own

            return run_order_command(arguments)
        case _:
            from botcore_tui.cli.cockpit import run_live  # noqa: PLC0415 - its own

            return run_live(arguments)


def _run_rehearsal(arguments: Arguments) -> int:
    if arguments.command == "drill":
        from botcore_tui.cli.drill_command import run_drill  # noqa: PLC0415 - its own

        return run_drill(arguments)
    if arguments.command in ("setup", "runbook"):
        return _run_first_steps(arguments)
    from botcore_tui.cli.doctor import run_doctor  # noqa: PLC0415 - its own

    return run_doctor(arguments)


def _run_first_steps(arguments: Arguments) -> int:
    if arguments.command == "runbook":
        from botcore_tui.cli.runbook_command import run_runbook  # noqa: PLC0415 - its own

        return run_runbook(arguments)
    from botcore_tui.cli.setup_command import run_setup  # noqa: PLC0415 - its own

    return run_setup(arguments)


def _run_review(arguments: Arguments) -> int:
    match arguments.command:
        case "phase":
            from botcore_tui.cli.phase_command import run_phase  # noqa: PLC0415 - its own

            return run_phase(arguments)
        case "checks":
            from botcore_tui.cli.checks_command import run_checks  # noqa: PLC0415 - its own

            return run_checks(arguments)
        case _:
            from botcore_tui.cli.month_command import run_report  # noqa: PLC0415 - its own

            return run_report(arguments)


def _run_ledger(arguments: Arguments) -> int:
    from botcore_tui.cli.ledger_command import run_ledger  # noqa: PLC0415 - its own

    if arguments.topic != "attest":
        return run_ledger(arguments)
    from botcore_tui.cli.income import income_in  # noqa: PLC0415 - a client of the venue
    from botcore_tui.cli.places import places  # noqa: PLC0415 - to attest only

    return run_ledger(arguments, income_in(places(arguments.state_dir).state_dir))


def _failed(error: Exception, arguments: Arguments) -> int:
    from botcore_tui.cli.crash import report_crash  # noqa: PLC0415 - only if it fails
    from botcore_tui.cli.secrecy import without_secrets  # noqa: PLC0415 - the same

    if isinstance(error, BotcoreError):
        complain(without_secrets(str(error)))
    else:
        report_crash(error, arguments.state_dir)
    return 1
