"""``botcore report``: a month of one account."""

import json

from botcore_tui.cli.account_name import account_here
from botcore_tui.cli.month_report import month_before, month_report
from botcore_tui.cli.month_text import month_json, month_text
from botcore_tui.cli.output import say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.secrecy import without_secrets
from botcore_tui.cli.settings import loaded
from botcore_tui.clock import Clock, SystemClock


def run_report(arguments: Arguments, clock: Clock | None = None) -> int:
    """Print it; exit code: 1 if the record was tampered with.

    Args:
        arguments: Parsed.
        clock: None for the real one.

    Raises:
        ConfigError: The configuration does not tell the environment.
        UnavailableError: There is no such ledger, or it cannot be read.
    """
    configuration, where = loaded(arguments)
    config, now_ms = configuration.config, (clock or SystemClock()).now_ms()
    environment = config.environment
    account = arguments.account or account_here(environment)
    month = arguments.month or month_before(now_ms)
    report = month_report(config, where.state_dir, environment, account, month, now_ms)
    told = json.dumps(month_json(report), ensure_ascii=False)
    say(without_secrets(told if arguments.json else month_text(report)))
    return 1 if report.broken else 0
