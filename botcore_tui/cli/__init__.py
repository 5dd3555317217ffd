"""The command line: parses, composes, reports; the only place that chooses a venue.

Exit codes: 0 done; 1 refused or failed, said why; 2 wrong usage; 3 a tape was damaged (what could
be read was played).
"""

import os
import sys
from collections.abc import Sequence

from botcore_tui.cli.parser import Arguments, parse


def main(argv: Sequence[str]) -> int:
    """Run one command; its exit code. Nothing but one clear message reaches the terminal."""
    arguments = parse(argv)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has left (`| head`): nothing more to say, and not an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the edge: no traceback reaches a terminal
        return _failed(error)


def _run(arguments: Arguments) -> int:
    # Imports wait for their command: `--help` and `config` must not pay for an engine.
    match arguments.command:
        case "config":
            from botcore_tui.cli.config_command import run_config  # noqa: PLC0415

            return run_config(arguments)
        case "doctor":
            from botcore_tui.cli.doctor import run_doctor  # noqa: PLC0415

            return run_doctor(arguments)
        case "replay":
            from botcore_tui.cli.replay import run_replay  # noqa: PLC0415

            return run_replay(arguments)
        case _:
            from botcore_tui.cli.cockpit import run_live  # noqa: PLC0415

            return run_live(arguments)


def _failed(error: Exception) -> int:
    from botcore_tui.cli.crash import report_crash  # noqa: PLC0415
    from botcore_tui.errors import BotcoreError  # noqa: PLC0415

    if isinstance(error, BotcoreError):
        print(f"botcore: {error}", file=sys.stderr)
    else:
        report_crash(error)
    return 1
