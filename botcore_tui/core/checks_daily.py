"""The checks of a day: breakers, profit and loss, requests, streams, orders, the signature."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.checks import (
    HUNDRED,
    RECORDING,
    Delivery,
    OrderCount,
    Sums,
    age_of,
    money,
    percent,
    plain,
    share,
)
from botcore_tui.core.utc import utc_time
from botcore_tui.model.check import Check, CheckState
from botcore_tui.model.risk import Gauge

LEAST_UPTIME_PCT: Final = Decimal(99)
MOST_ERRORS_PCT: Final = Decimal(1)
_LEAST_LEFT: Final = Decimal(20)
_HALF: Final = Decimal(50)
_LEDGER: Final = "ledger"
_HOUR_MS: Final = 3_600_000
_REQUESTS: Final = (
    "requests are recorded while trading is enabled (botcore run --enable-trading), first after a"
    " minute, then every ten"
)
_Grade = tuple[CheckState, str, str]
"""State, what is seen, what to do next."""


class Observed(Struct, frozen=True):
    """Where something was seen, and how long ago."""

    source: str
    age_ms: int | None


class Day(Struct, frozen=True, kw_only=True):
    """Profit and loss of the UTC day, transfers aside."""

    start: Decimal | None
    """Equity at its begin, moved by transfers."""
    equity: Decimal | None
    loss_pct: Decimal
    """Expected at most; positive percent of the start."""
    gain_pct: Decimal


class Duty(Struct, frozen=True, kw_only=True):
    """When the daily review is to be signed."""

    due_ms: int
    """The last time at which it was due."""
    signed_ms: int | None
    """Newest signature."""
    begun_ms: int | None
    """When the account's first session began; None: it had none."""


# --- breakers -----------------------------------------------------------------------------------


def breaker_checks(
    gauges: Sequence[Gauge], latched: Sequence[str], seen: Observed
) -> Iterator[Check]:
    """One for each limit of loss, and one for each other breaker that is latched (R58).

    Args:
        gauges: Empty where nothing is known.
        latched: Codes of all that wait for a reset.
        seen: See there.
    """
    if not gauges:
        yield Check(
            code="R58",
            name="breakers",
            state=CheckState.NOT_KNOWN,
            value="nothing is measured yet",
            limit=f"none tripped, {_LEAST_LEFT} % left",
            source=seen.source,
            age_ms=seen.age_ms,
            remedy=RECORDING,
        )
    known = {gauge.code for gauge in gauges}
    yield from (_breaker(gauge, seen) for gauge in gauges)
    for code in latched:
        if code not in known:
            yield Check(
                code="R58",
                name=f"breaker {code}",
                state=CheckState.FAILED,
                value="TRIPPED, latched",
                limit="not tripped",
                source=seen.source,
                age_ms=seen.age_ms,
                remedy=_reset(code),
            )


def _breaker(gauge: Gauge, seen: Observed) -> Check:
    used, amount = gauge.used_pct, gauge.limit_amount
    limit = f"{plain(gauge.limit_pct)} %" + ("" if amount is None else f" ({money(amount)})")
    state, word, remedy = _grade(gauge)
    known = "equity is not known"
    if used is not None and gauge.used_amount is not None:
        known = f"{percent(used)} lost ({money(gauge.used_amount)})"
    return Check(
        code="R58",
        name=f"breaker {gauge.code} {gauge.name}",
        state=state,
        value=f"{word}{known}",
        limit=f"{limit}, at least {_LEAST_LEFT} % of it left",
        source=seen.source,
        age_ms=seen.age_ms,
        remedy=remedy,
    )


def _grade(gauge: Gauge) -> _Grade:
    if gauge.is_latched:
        return CheckState.FAILED, "TRIPPED, latched; ", _reset(gauge.code)
    if gauge.used_pct is None:
        return CheckState.NOT_KNOWN, "", RECORDING
    left = HUNDRED - HUNDRED * gauge.used_pct / gauge.limit_pct
    if left < _LEAST_LEFT:
        how = "only reducing orders pass: look what loses, botcore risk tells how far it is"
        return CheckState.FAILED, "", how
    if left < _HALF:
        return CheckState.LOOK, "", "half of the limit is used: positions are not added to"
    return CheckState.OK, "", ""


def _reset(code: str) -> str:
    return f"find out why it tripped, then botcore reset-breaker {code} --reason TEXT"


# --- profit and loss ----------------------------------------------------------------------------


def pnl_check(day: Day, seen: Observed) -> Check:
    """Whether the day is within what is expected (R59)."""
    start, equity = day.start, day.equity
    low, high = plain(day.loss_pct), plain(day.gain_pct)
    limit = f"-{low} % to +{high} %"
    state, value, remedy = CheckState.NOT_KNOWN, "equity of today is not known", RECORDING
    if start is not None and start > 0 and equity is not None:
        profit = equity - start
        pct = HUNDRED * profit / start
        value = f"{pct:+.2f} % ({profit:+,.2f} USDT)"
        limit += f" (-{start * day.loss_pct / HUNDRED:,.2f} to"
        limit += f" +{start * day.gain_pct / HUNDRED:,.2f} USDT)"
        state, remedy = CheckState.OK, ""
        if pct < -day.loss_pct:
            state, remedy = CheckState.FAILED, "go through today's trades: botcore checks trades"
        elif pct > day.gain_pct:
            state = CheckState.LOOK
            remedy = "more than expected is unexpected too: see that sizes are what was meant"
    return Check(
        code="R59",
        name="P&L of the day",
        state=state,
        value=value,
        limit=limit,
        source=seen.source,
        age_ms=seen.age_ms,
        remedy=remedy,
    )


# --- requests and orders ------------------------------------------------------------------------


def refusals_check(calls: Sequence[Sums], now_ms: int) -> Check:
    """Whether the venue refused for a broken limit today (R60)."""
    limited, banned = sum(each.limited for each in calls), sum(each.banned for each in calls)
    names = [each.endpoint for each in calls if each.limited or each.banned]
    grade: _Grade = (CheckState.OK, "0", "")
    if not calls:
        grade = (CheckState.NOT_KNOWN, "no requests are on record today", _REQUESTS)
    elif limited or banned:
        value = f"{limited} of 429, {banned} of 418: {', '.join(names)}"
        remedy = "lower limits.weight_per_minute, or end what else asks from this address"
        grade = (CheckState.FAILED, value, remedy)
    return _recorded(("R60", "rate limits broken"), grade, "0", _newest(calls, now_ms))


def error_checks(
    calls: Sequence[Sums], orders: OrderCount | None, now_ms: int
) -> tuple[Check, Check]:
    """Requests without a usable reply, and orders that came to nothing, today (R62).

    Args:
        calls: By endpoint.
        orders: None where no session is on record today.
        now_ms: UTC.
    """
    limit = f"below {MOST_ERRORS_PCT} %"
    failed, attempts = sum(each.failed for each in calls), sum(each.attempts for each in calls)
    unknown = (CheckState.NOT_KNOWN, "nothing is on record today", _REQUESTS)
    how = "botcore checks --weekly tells which; see the log for why"
    of_calls = _rate(failed, attempts, how) if calls else unknown
    how = "botcore ledger show orders tells why each was refused"
    of_orders = unknown if orders is None else _rate(orders.failed, orders.total, how)
    return (
        _recorded(("R62", "requests failed"), of_calls, limit, _newest(calls, now_ms)),
        _recorded(("R62", "orders failed"), of_orders, limit, None),
    )


def _rate(failed: int, total: int, remedy: str) -> _Grade:
    rate = share(failed, total)
    value = f"{failed} of {total:,}" + (f", {percent(rate)}" if total else "")
    if rate < MOST_ERRORS_PCT:
        return CheckState.OK, value, ""
    return CheckState.FAILED, value, remedy


# --- streams ------------------------------------------------------------------------------------


def uptime_check(streams: Sequence[Delivery], now_ms: int) -> Check:
    """Whether every stream delivered today (R61); stale time is down time."""
    limit = f"above {LEAST_UPTIME_PCT} % each"
    about = ("R61", "uptime of streams")
    known = [each for each in streams if each.span_ms]
    if not known:
        why = "no stream is on record today"
        how = "it is recorded every ten minutes while trading is enabled"
        return _recorded(about, (CheckState.NOT_KNOWN, why, how), limit, None)
    low = min(known, key=lambda each: each.up_pct)
    poor = tuple(each for each in known if each.up_pct <= LEAST_UPTIME_PCT)
    hours = Decimal(low.span_ms) / _HOUR_MS
    value = f"{percent(low.up_pct)} of {hours:.2f} h, the worst of {len(known)}: {low.name}"
    age_ms = age_of(max(each.newest_ms for each in known), now_ms)
    if not poor:
        return _recorded(about, (CheckState.OK, value, ""), limit, age_ms)
    grade = (CheckState.FAILED, value, "see that the line to the venue holds: botcore doctor")
    details = tuple(f"{each.name}: {percent(each.up_pct)}" for each in poor)
    return _recorded(about, grade, limit, age_ms, details)


# --- the review ---------------------------------------------------------------------------------


def review_check(duty: Duty, now_ms: int) -> Check:
    """Whether the daily review is signed since it was last due (R75)."""
    at = f"{utc_time(duty.due_ms)[:5]} UTC"
    signed_ms = duty.signed_ms
    age_ms = None if signed_ms is None else age_of(signed_ms, now_ms)
    value = "never signed" if signed_ms is None else "signed"
    state, remedy = CheckState.OK, ""
    if duty.begun_ms is None:
        state, value, remedy = CheckState.NOT_KNOWN, "there was no session yet", RECORDING
    elif is_overdue(duty):
        state, value = CheckState.LOOK, f"{value}, due since {at}"
        if signed_ms is not None:
            value = f"not signed since it was due at {at}"
        remedy = "go through this list, then botcore checks sign daily --reason TEXT"
    elif signed_ms is None:
        value = f"first due at {at}"
    return Check(
        code="R75",
        name="daily P&L review",
        state=state,
        value=value,
        limit=f"signed each day from {at} on",
        source=_LEDGER,
        age_ms=age_ms,
        remedy=remedy,
    )


def is_overdue(duty: Duty) -> bool:
    """Whether a review was due that nobody signed; an account that began later owes none."""
    if duty.begun_ms is None or duty.begun_ms >= duty.due_ms:
        return False
    return duty.signed_ms is None or duty.signed_ms < duty.due_ms


def _recorded(
    about: tuple[str, str],
    grade: _Grade,
    limit: str,
    age_ms: int | None,
    details: tuple[str, ...] = (),
) -> Check:
    (code, name), (state, value, remedy) = about, grade
    return Check(
        code=code,
        name=name,
        state=state,
        value=value,
        limit=limit,
        source=_LEDGER,
        age_ms=age_ms,
        remedy=remedy,
        details=details,
    )


def _newest(calls: Sequence[Sums], now_ms: int) -> int | None:
    if not calls:
        return None
    return age_of(max(each.newest_ms for each in calls), now_ms)
