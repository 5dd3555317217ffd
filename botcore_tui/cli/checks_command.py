"""``botcore checks``: show, sign, trades, review."""

import json
from collections.abc import Sequence
from typing import Final

import msgspec

from botcore_tui.cli.account_name import account_here
from botcore_tui.cli.checks_report import Checkroom
from botcore_tui.cli.checks_sign import Signing, a_sign_off
from botcore_tui.cli.checks_text import checks_json, checks_text, journal_json, journal_text
from botcore_tui.cli.output import complain, say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places, socket_path
from botcore_tui.cli.secrecy import without_secrets
from botcore_tui.cli.settings import loaded
from botcore_tui.clock import Clock, SystemClock
from botcore_tui.config import Environment
from botcore_tui.core.checks import seen_of, signed_summary, worst
from botcore_tui.engine.control import Question, ask, reply_of
from botcore_tui.engine.port import Status
from botcore_tui.errors import UnavailableError
from botcore_tui.model.check import Checklist, CheckState, JournalTrade, Period
from botcore_tui.model.command import SignOff
from botcore_tui.model.risk import RiskView
from botcore_tui.model.trading import AccountView

_ENGINE_SECONDS: Final = 2.0
_DAYS: Final = 7
_EVER_DAYS: Final = 36_500
_CODES: Final = {CheckState.OK: 0, CheckState.FAILED: 1}
_TO_LOOK_AT: Final = 3
"""Exit code of what is neither fine nor failed, as of a doctor's warnings."""


def run_checks(arguments: Arguments, clock: Clock | None = None) -> int:
    """Run one of the topics; its exit code.

    Args:
        arguments: Parsed.
        clock: None for the real one.

    Raises:
        ConfigError: The configuration does not tell the environment.
        UnavailableError: A ledger cannot be read, or the engine does not answer.
    """
    configuration, where = loaded(arguments)
    config, clock = configuration.config, clock or SystemClock()
    environment = config.environment
    account = arguments.account or account_here(environment)
    room = Checkroom(config, where.state_dir, environment, lambda: account, clock)
    if arguments.topic == "show":
        engine = _engine(where, environment)
        period = Period(arguments.period or Period.DAILY)
        listed = room.read(period, _risk(engine, room.account()))
        say(_json(checks_json(listed)) if arguments.json else checks_text(listed))
        state = worst(check.state for check in listed.checks)
        return _CODES.get(state, _TO_LOOK_AT)
    if arguments.topic == "trades":
        days = arguments.days or _DAYS
        trades = room.journal(days)
        say(_json(journal_json(trades)) if arguments.json else journal_text(trades, days))
        return 0
    reason = without_secrets(arguments.reason)
    account, engine = room.account(), _engine(where, environment)
    if engine is not None and account and engine.account != account:
        # It would go into the record of the account that is traded, and mean another trade there.
        why = f"the engine that runs trades {engine.account}: it takes no signature for {account}"
        return _done(arguments, (f"{why}; end it first, or leave --account out",))
    if arguments.topic == "review":
        command = _note(room.journal(_EVER_DAYS), arguments.subject, reason, clock.now_ms())
    else:
        listed = room.read(Period(arguments.subject), _risk(engine, account))
        command = _signature(listed, reason, accepts=arguments.accept_limits)
    if isinstance(command, tuple):
        return _done(arguments, command)
    return _done(arguments, Signing(config, where, environment, account, clock).sign(command))


def _signature(listed: Checklist, reason: str, *, accepts: bool) -> SignOff | tuple[str, ...]:
    is_changed = listed.period is Period.WEEKLY and bool(listed.changes)
    if is_changed and not accepts:
        why = "the limits differ from those last signed; confirm that with --accept-limits:"
        return (why, *listed.changes)
    return a_sign_off(
        str(listed.period),
        reason,
        listed.time_ms,
        seen=seen_of(listed),
        summary=signed_summary(listed),
    )


def _note(
    trades: Sequence[JournalTrade], number: str, reason: str, now_ms: int
) -> SignOff | tuple[str, ...]:
    trade = next((each for each in trades if str(each.number) == number), None)
    if trade is None:
        return (f"no trade {number} ended flat here; botcore checks trades lists them",)
    summary = f"{trade.symbol} {trade.net:+,.2f} USDT"
    return a_sign_off("trade", reason, now_ms, subject=number, summary=summary)


def _engine(where: Places, environment: Environment) -> AccountView | None:
    """The account as the engine that runs sees it; None where none does, or it does not tell."""
    path = socket_path(where.state_dir, environment)
    try:
        reply = reply_of(ask(path, Question("status"), _ENGINE_SECONDS))
    except (UnavailableError, msgspec.MsgspecError):
        return None
    return reply.account if isinstance(reply, Status) else None


def _risk(engine: AccountView | None, account: str) -> RiskView | None:
    """What it sees of an account; None where it trades another."""
    return engine.risk if engine is not None and engine.account == account else None


def _done(arguments: Arguments, problems: tuple[str, ...]) -> int:
    if arguments.json:
        result = {"topic": arguments.topic, "is_done": not problems, "reasons": list(problems)}
        say(_json(result))
    elif problems:
        complain("\n".join(problems))
    else:
        say(f"checks {arguments.topic} {arguments.subject}: done")
    return int(bool(problems))


def _json(value: object) -> str:
    return without_secrets(json.dumps(value, ensure_ascii=False))
