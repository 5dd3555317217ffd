"""The monitoring checklist, put together from ledger, configuration, phase and engine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple, assert_never

from msgspec import Struct, structs
from sqlalchemy import Connection

from botcore_tui.cli.checks_limits import limits_in_force
from botcore_tui.cli.desk_settings import breaker_limits, exact
from botcore_tui.cli.key_check import told_rights
from botcore_tui.cli.ledger_place import ledger_url, reading
from botcore_tui.cli.month_report import bounds_of, month_before
from botcore_tui.cli.phase_report import PhaseReport, drill_ms, phase_report
from botcore_tui.clock import Clock
from botcore_tui.config import Config, Environment
from botcore_tui.core.breaker import Breakers, Reading
from botcore_tui.core.checks import DAY_MS
from botcore_tui.core.checks_daily import (
    Day,
    Duty,
    Observed,
    breaker_checks,
    error_checks,
    is_overdue,
    pnl_check,
    refusals_check,
    review_check,
    uptime_check,
)
from botcore_tui.core.checks_later import (
    Earned,
    changes_of,
    drill_check,
    journal_check,
    key_checks,
    limits_check,
    performance_check,
    retry_check,
)
from botcore_tui.core.standing import Standing
from botcore_tui.core.utc import utc_time
from botcore_tui.ledger.checkup import Checkup, SignedList
from botcore_tui.ledger.month import month_figures
from botcore_tui.ledger.reader import newest_account
from botcore_tui.ledger.recall import recall
from botcore_tui.model.account import KeyRights
from botcore_tui.model.check import Check, Checklist, CheckState, JournalTrade, Period
from botcore_tui.model.event import TradingState
from botcore_tui.model.instrument import SETTLEMENT_ASSET
from botcore_tui.model.risk import Gauge, RiskView

_WEEK_MS: Final = 7 * DAY_MS
_HALF: Final = Decimal("0.5")
_WEEKLY: Final = str(Period.WEEKLY)

Rights = Callable[[Config, Environment], tuple[KeyRights | None, str]]
"""Asks the venue what the key may do; what it told, or why it did not."""


class _Look(Struct, frozen=True):
    """What one reading needs."""

    now_ms: int
    account: str
    connection: Connection | None
    """None: nothing of that account is on record yet."""
    url: str

    @property
    def checkup(self) -> Checkup | None:
        return None if self.connection is None else Checkup(self.connection, self.account)

    @property
    def day_ms(self) -> int:
        return self.now_ms - self.now_ms % DAY_MS


class _OnRecord(NamedTuple):
    seen: Observed
    gauges: tuple[Gauge, ...]
    latched: tuple[str, ...]
    start: Decimal | None
    equity: Decimal | None


class Checkroom:
    """Reads the lists of one environment; every call in whatever thread, and may take a second.

    Args:
        config: Checked.
        state_dir: Of this installation.
        environment: Whose checks.
        account: Whose; empty for that of the newest run.
        clock: Decides what today is.
        rights: Asks about the key; replaced in tests.
    """

    def __init__(
        self,
        config: Config,
        state_dir: Path,
        environment: Environment,
        account: Callable[[], str],
        clock: Clock,
        *,
        rights: Rights = told_rights,
    ) -> None:
        self._config, self._state_dir = config, state_dir
        self._environment, self._account = environment, account
        self._clock, self._rights = clock, rights

    # --- what is asked --------------------------------------------------------------------------

    def read(self, period: Period, risk: RiskView | None) -> Checklist:
        """All checks of a period, as they stand.

        Args:
            period: Which list.
            risk: As the engine that runs sees it; None: the ledger has to tell.

        Raises:
            UnavailableError: A ledger cannot be read.
        """
        with self._looking() as look:
            report = self._phase(look)
            limits = limits_in_force(self._config, report.caps, report.view.phase)
            signed = self._signed(look, str(period))
            weekly = signed if period is Period.WEEKLY else self._signed(look, _WEEKLY)
            changes = changes_of(limits, None if weekly is None else weekly.limits)
            match period:
                case Period.DAILY:
                    checks = self._daily(look, report, risk)
                case Period.WEEKLY:
                    checks = self._weekly(look, changes, weekly)
                case Period.MONTHLY:
                    checks = self._monthly(look)
                case _:
                    assert_never(period)
            return Checklist(
                period=period,
                environment=str(self._environment),
                account=look.account,
                checks=tuple(checks),
                signed=None if signed is None else signed.signature,
                limits=limits,
                changes=changes,
                time_ms=look.now_ms,
            )

    def account(self) -> str:
        """Whose checks these are; empty: there was no account yet.

        Raises:
            UnavailableError: The ledger cannot be read.
        """
        with self._looking() as look:
            return look.account

    def journal(self, days: int = 7) -> tuple[JournalTrade, ...]:
        """Trades that ended flat in the last days, newest first.

        Raises:
            UnavailableError: The ledger cannot be read.
        """
        with self._looking() as look:
            return _trades(look, days)

    def reminder(self) -> str:
        """That the daily review is due and not signed (R75); empty if it is not due.

        It is about the account that is named, and no other.

        Raises:
            UnavailableError: The ledger cannot be read.
        """
        if not self._account():
            return ""  # of an account that ended, as a demo's does, nobody owes a review
        with self._looking() as look:
            duty = self._duty(look)
        if not is_overdue(duty):
            return ""
        at = utc_time(duty.due_ms)[:5]
        return f"the daily P&L review is due since {at} UTC: botcore checks, then sign it"

    # --- lists ----------------------------------------------------------------------------------

    def _daily(self, look: _Look, report: PhaseReport, risk: RiskView | None) -> Iterator[Check]:
        now_ms, checkup = look.now_ms, look.checkup
        loss_pct, gain_pct = self._band(report)
        if risk is not None:
            seen = Observed("engine", risk.equity_age_ms)
            gauges, latched = risk.gauges, risk.latched
            start, equity = risk.day_start_equity, risk.equity
        else:
            seen, gauges, latched, start, equity = self._on_record(look, report)
        yield from breaker_checks(gauges, latched, seen)
        day = Day(start=start, equity=equity, loss_pct=loss_pct, gain_pct=gain_pct)
        yield pnl_check(day, seen)
        today = (look.day_ms, now_ms + 1)
        calls = () if checkup is None else checkup.calls(*today)
        streams = () if checkup is None else checkup.streams(*today)
        orders = None if checkup is None else checkup.orders(*today)
        if orders is not None and not (calls or orders.total):
            orders = None
        yield refusals_check(calls, now_ms)
        yield uptime_check(streams, now_ms)
        yield from error_checks(calls, orders, now_ms)
        yield review_check(self._duty(look), now_ms)

    def _weekly(
        self, look: _Look, changes: tuple[str, ...], signed: SignedList | None
    ) -> Iterator[Check]:
        now_ms, checkup = look.now_ms, look.checkup
        yield journal_check(None if checkup is None else _trades(look, 7), now_ms)
        begin = now_ms + 1 - _WEEK_MS
        week = () if checkup is None else checkup.calls(begin, now_ms + 1)
        before = () if checkup is None else checkup.calls(begin - _WEEK_MS, begin)
        yield retry_check(week, before, now_ms)
        yield drill_check(drill_ms(self._config, self._state_dir), now_ms)
        signed_ms = None if signed is None else signed.signature.time_ms
        yield limits_check(changes, signed_ms, now_ms)

    def _monthly(self, look: _Look) -> Iterator[Check]:
        name = month_before(look.now_ms)
        earned = Earned(
            month=name,
            return_pct=None,
            drawdown_pct=None,
            sharpe=None,
            costs=Decimal(0),
            trades=0,
        )
        if look.connection is not None:
            found = month_figures(
                look.connection, look.account, *bounds_of(name), asset=SETTLEMENT_ASSET
            )
            earned = Earned(
                month=name,
                return_pct=found.return_pct,
                drawdown_pct=found.drawdown_pct,
                sharpe=found.sharpe,
                costs=found.costs,
                trades=len(found.trades),
            )
        yield performance_check(earned)
        if self._environment is Environment.DEMO:
            yield _no_key()
            return
        rights, why = self._rights(self._config, self._environment)
        yield from key_checks(rights, why, self._config.checks.key_days, look.now_ms)

    # --- sources --------------------------------------------------------------------------------

    @contextmanager
    def _looking(self) -> Iterator[_Look]:
        url = ledger_url(self._config, self._state_dir, self._environment)
        now_ms = self._clock.now_ms()
        account = self._account()
        with reading(url) as connection:
            if connection is None:
                yield _Look(now_ms, account, None, url)
                return
            account = account or newest_account(connection, str(self._environment))
            yield _Look(now_ms, account, connection if account else None, url)

    def _phase(self, look: _Look) -> PhaseReport:
        return phase_report(
            self._config, self._state_dir, self._environment, look.account, look.now_ms
        )

    def _band(self, report: PhaseReport) -> tuple[Decimal, Decimal]:
        keys, daily = self._config.checks, report.caps.daily_loss_pct
        loss = exact(keys.day_loss_pct) if keys.day_loss_pct else daily * _HALF
        return loss, exact(keys.day_gain_pct) if keys.day_gain_pct else daily

    def _on_record(self, look: _Look, report: PhaseReport) -> _OnRecord:
        """Breakers as a session would find them now; by the ledger alone."""
        if look.checkup is None:
            return _OnRecord(Observed("ledger", None), (), (), None, None)
        memory = recall(look.url, look.account, look.now_ms)
        limits = breaker_limits(self._config).within(report.rules)
        breakers = Breakers(limits, Standing(TradingState.HALTED), memory)
        breakers.restore(memory)
        latched = tuple(sorted(breakers.latched))
        newest, day = look.checkup.newest_equity(), memory.risk.day
        # Without equity of today, or what the day began with, nothing can be told of it.
        is_known = newest is not None and day is not None and newest.time_ms >= look.day_ms
        equity = newest.equity if newest is not None and is_known else None
        sure = None if equity is None else Reading(equity, equity)
        breakers.evaluate(sure, look.now_ms, is_expected=False)
        # What would trip only when a session begins has not tripped yet.
        gauges = tuple(
            structs.replace(gauge, is_latched=gauge.code in latched) for gauge in breakers.gauges()
        )
        age_ms = max(0, look.now_ms - newest.time_ms) if newest is not None and is_known else None
        start = day.equity if day is not None and is_known else None
        return _OnRecord(Observed("ledger", age_ms), gauges, latched, start, equity)

    def _duty(self, look: _Look) -> Duty:
        hours, minutes = map(int, self._config.checks.review_at.split(":"))
        due_ms = look.day_ms + (60 * hours + minutes) * 60_000
        if due_ms > look.now_ms:
            due_ms -= DAY_MS
        signed = self._signed(look, str(Period.DAILY))
        return Duty(
            due_ms=due_ms,
            signed_ms=None if signed is None else signed.signature.time_ms,
            begun_ms=None if look.checkup is None else look.checkup.begun_ms(),
        )

    @staticmethod
    def _signed(look: _Look, what: str) -> SignedList | None:
        return None if look.checkup is None else look.checkup.signed(what)


def _trades(look: _Look, days: int) -> tuple[JournalTrade, ...]:
    if look.checkup is None:
        return ()
    return look.checkup.trades(look.now_ms + 1 - days * DAY_MS, look.now_ms + 1)


def _no_key() -> Check:
    return Check(
        code="R69",
        name="API key",
        state=CheckState.OK,
        value="none of yours: the demo makes its own anew each time",
        limit="trade only, from listed addresses",
        source="environment",
        age_ms=None,
        remedy="",
    )
