"""``botcore phase``: show, promote, demote, restart, sign-off."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, structs

from botcore_tui.cli.account_name import account_here
from botcore_tui.cli.actor import actor
from botcore_tui.cli.ledger_write import write_row
from botcore_tui.cli.operator_token import operator_token
from botcore_tui.cli.output import complain, say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.phase_report import PhaseReport, phase_report
from botcore_tui.cli.phase_text import phase_json, phase_text
from botcore_tui.cli.secrecy import without_secrets
from botcore_tui.cli.settings import loaded
from botcore_tui.clock import Clock, SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.core.phase import Phase, previous_phase
from botcore_tui.core.promotion import verdict
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.evidence import REVIEW
from botcore_tui.ledger.verify import verify
from botcore_tui.model.ledger import AuditRow, LedgerRow, PhaseRow
from botcore_tui.model.severity import Severity
from botcore_tui.operators.names import operators_directory


class Desk(Struct, frozen=True, kw_only=True):
    """What the command needs of the world around it."""

    operator: Callable[[Path], str]
    """Who may do this with real money, by the token that is there; takes the state directory and
    raises UnavailableError where nobody may."""
    ask: Callable[[str], str]
    """Has a person type something."""
    clock: Clock = SystemClock()


class _Case(Struct, frozen=True):
    config: Config
    state_dir: Path
    environment: Environment
    report: PhaseReport
    reason: str
    desk: Desk

    @property
    def phase(self) -> Phase:
        return Phase(self.report.view.phase)


def run_phase(arguments: Arguments, desk: Desk | None = None) -> int:
    """Run one of the topics; its exit code.

    Args:
        arguments: Parsed.
        desk: See there; None for the real one.
    """
    desk = desk or Desk(operator=_operator, ask=_ask)
    configuration, where = loaded(arguments)
    config = configuration.config
    environment = config.environment
    account = arguments.account or account_here(environment)
    report = phase_report(config, where.state_dir, environment, account, desk.clock.now_ms())
    if arguments.topic == "show":
        say(json.dumps(phase_json(report)) if arguments.json else phase_text(report))
        return 0
    reason = without_secrets(arguments.reason)
    case = _Case(config, where.state_dir, environment, report, reason, desk)
    try:
        problems = _change(case, arguments)
    except UnavailableError as error:
        problems = (str(error),)
    return _done(arguments, problems)


def _change(case: _Case, arguments: Arguments) -> tuple[str, ...]:
    if not case.report.account:
        how = "name it with --account, or set its key"
        return (f"no account of {case.environment} is known here: {how}",)
    match arguments.topic:
        case "promote":
            return _promote(case, arguments.confirm)
        case "demote":
            return _demote(case)
        case "restart":
            return _restart(case)
        case _:
            return _sign_off(case)


def _done(arguments: Arguments, problems: tuple[str, ...]) -> int:
    if arguments.json:
        result = {"topic": arguments.topic, "is_done": not problems, "reasons": list(problems)}
        say(json.dumps(result, ensure_ascii=False))
    elif problems:
        complain("\n".join(problems))
    else:
        say(f"phase {arguments.topic}: done")
    return int(bool(problems))


# --- what changes something ---------------------------------------------------------------------


def _promote(case: _Case, typed: str | None) -> tuple[str, ...]:
    report, target = case.report, case.report.target
    if not case.environment.is_real_money:
        how = "what is shown here counts for botcore phase promote --environment production"
        return (f"{case.environment} is always in phase {case.phase}; {how}",)
    if problems := _missing(report):
        return problems
    assert target is not None  # else evidence is missing
    who = _person(case)
    if typed is None:
        typed = case.desk.ask(f"Type {target} to begin that phase: ")
    if typed != target:
        return (f"not confirmed: {target} was to be typed",)
    evidence = json.dumps([structs.asdict(each) for each in report.evidence])
    row = _row(case, target, evidence, who)
    return _write(case, row, lambda: _change_since(case))


def _change_since(case: _Case) -> tuple[str, ...]:
    """What no longer holds of what was looked at before somebody typed."""
    account, now_ms = case.report.account, case.desk.clock.now_ms()
    report = phase_report(case.config, case.state_dir, case.environment, account, now_ms)
    if report.target is not case.report.target:
        return (f"the phase has become {report.view.phase} meanwhile",)
    return verdict(report.evidence)


def _missing(report: PhaseReport) -> tuple[str, ...]:
    if report.target is None:
        return verdict(())
    if not report.evidence:
        return ("no evidence: there is no record of a session yet",)
    if problems := verdict(report.evidence):
        return problems
    found = verify(report.evidence_url)
    return tuple(f"the record was tampered with: {each}" for each in found.breaks)


def _demote(case: _Case) -> tuple[str, ...]:
    before = previous_phase(case.phase)
    if before is None or not case.environment.is_real_money:
        return (f"{case.environment} in phase {case.phase}: there is none before it",)
    return _write(case, _row(case, before, "", actor()))


def _restart(case: _Case) -> tuple[str, ...]:
    if case.environment.is_real_money and case.phase is Phase.TESTNET:
        return ("no phase has begun with real money: nothing can begin anew",)
    # The capital counts anew as well, which may bring it back into the band.
    return _write(case, _row(case, case.phase, "", _person(case)))


def _sign_off(case: _Case) -> tuple[str, ...]:
    text = f"review of phase {case.phase} signed by {_person(case)}: {case.reason}"
    now_ms = case.desk.clock.now_ms()
    return _write(case, AuditRow(code=REVIEW, severity=Severity.INFO, text=text, time_ms=now_ms))


def _person(case: _Case) -> str:
    """Who does this; with real money an operator, by the token that is there."""
    if case.environment.is_real_money:
        return f"{case.desk.operator(case.state_dir)} {actor()}"
    return actor()


def _row(case: _Case, phase: Phase, evidence: str, who: str) -> PhaseRow:
    return PhaseRow(
        phase=phase,
        previous=case.phase,
        actor=who,
        reason=case.reason,
        evidence=evidence,
        # What is on the account when trading begins counts, not what was there when it ended.
        equity=None,
        time_ms=case.desk.clock.now_ms(),
    )


def _write(
    case: _Case, row: LedgerRow, problems: Callable[[], tuple[str, ...]] = tuple
) -> tuple[str, ...]:
    """Write a row as the only one who may, unless there are problems then; those."""
    return write_row(
        case.config,
        case.state_dir,
        case.environment,
        case.report.account,
        row,
        case.desk.clock,
        problems=problems,
    )


# --- the world around ---------------------------------------------------------------------------


def _operator(state_dir: Path) -> str:
    # Cryptography takes a tenth of a second.
    from botcore_tui.cli.real_money_road import operator_refusal  # noqa: PLC0415 - cryptography
    from botcore_tui.operators.trust import Trust  # noqa: PLC0415 - the same

    if refusal := operator_refusal(state_dir, os.environ):
        raise UnavailableError(refusal)
    token = operator_token(os.environ) or ""
    trust = Trust(operators_directory(state_dir))
    return trust.operator(token, SystemClock().now_ms()).name


def _ask(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise UnavailableError("nobody can be asked here: give the phase's name with --confirm")
    print(prompt, end="", file=sys.stderr, flush=True)
    try:
        return input()
    except EOFError:
        return ""
