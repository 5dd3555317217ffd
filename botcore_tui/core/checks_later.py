"""The checks of a week and of a month: trades, retries, drill, limits, performance, the key."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.checks import DAY_MS, RECORDING, Sums, age_of, percent, share
from botcore_tui.model.account import KeyRights
from botcore_tui.model.check import Check, CheckState, JournalTrade

_LEDGER: Final = "ledger"
_DRILL_DAYS: Final = 7
_MOST_RETRIES_PCT: Final = Decimal(20)
"""R42: from there on it is an alarm."""
_NOISE_PCT: Final = Decimal(1)
_TWICE: Final = 2
_SHOWN: Final = 12


class Earned(Struct, frozen=True, kw_only=True):
    """The month in a few numbers; None where the ledger does not tell."""

    month: str
    """2026-10"""
    return_pct: Decimal | None
    drawdown_pct: Decimal | None
    sharpe: Decimal | None
    costs: Decimal
    """Fees less funding received, quote units."""
    trades: int


# --- weekly -------------------------------------------------------------------------------------


def journal_check(trades: Sequence[JournalTrade] | None, now_ms: int) -> Check:
    """How many trades of the week nobody has reviewed (R63).

    Args:
        trades: Of seven days; None where no session is on record.
        now_ms: UTC.
    """
    if trades is None:
        state, value, remedy = CheckState.NOT_KNOWN, "no session is on record", RECORDING
    else:
        left = sum(not trade.note for trade in trades)
        state, remedy = CheckState.OK, ""
        value = f"{len(trades) - left} of {len(trades)} of 7 days"
        if left:
            state = CheckState.LOOK
            remedy = "botcore checks review NUMBER --reason NOTE, or the journal in the cockpit"
    return Check(
        code="R63",
        name="trades reviewed",
        state=state,
        value=value,
        limit="all",
        source=_LEDGER,
        age_ms=None,
        remedy=remedy,
        details=tuple(_unreviewed(trades or (), now_ms)),
    )


def _unreviewed(trades: Sequence[JournalTrade], now_ms: int) -> Iterator[str]:
    left = [trade for trade in trades if not trade.note]
    for trade in left[:_SHOWN]:
        age = _days(age_of(trade.closed_ms, now_ms))
        yield f"{trade.number} {trade.symbol} {trade.net:+,.2f} USDT, {age} ago"
    if len(left) > _SHOWN:
        yield f"and {len(left) - _SHOWN} more"


def retry_check(week: Sequence[Sums], before: Sequence[Sums], now_ms: int) -> Check:
    """How many requests had to be repeated, this week beside the last (R64).

    Args:
        week: Of the last seven days, by endpoint.
        before: Of the seven days before them.
        now_ms: UTC.
    """
    state, remedy = CheckState.OK, ""
    now_pct, then_pct = _retried(week), _retried(before)
    then = "no record" if then_pct is None else percent(then_pct)
    if now_pct is None:
        return Check(
            code="R64",
            name="requests repeated",
            state=CheckState.NOT_KNOWN,
            value=f"nothing is on record of 7 days; {then} the week before",
            limit=_RETRY_LIMIT,
            source=_LEDGER,
            age_ms=None,
            remedy=RECORDING,
        )
    if any(share(each.repeated, each.attempts) > _MOST_RETRIES_PCT for each in week):
        state, remedy = CheckState.FAILED, "see that the line holds, and the venue's status page"
    elif then_pct is not None and now_pct > max(_NOISE_PCT, _TWICE * then_pct):
        state, remedy = CheckState.LOOK, "it has doubled: see the log for the reasons"
    return Check(
        code="R64",
        name="requests repeated",
        state=state,
        value=f"{percent(now_pct)} of 7 days; {then} the week before",
        limit=_RETRY_LIMIT,
        source=_LEDGER,
        age_ms=age_of(max(each.newest_ms for each in week), now_ms),
        remedy=remedy,
        details=tuple(_retry_lines(week, before)),
    )


_RETRY_LIMIT: Final = f"at most {_MOST_RETRIES_PCT} % of an endpoint, not twice the week before"


def _retried(calls: Sequence[Sums]) -> Decimal | None:
    attempts = sum(each.attempts for each in calls)
    return share(sum(each.repeated for each in calls), attempts) if attempts else None


def _retry_lines(week: Sequence[Sums], before: Sequence[Sums]) -> Iterator[str]:
    then = {each.endpoint: each for each in before}
    troubled = (each for each in week if each.repeated or each.given_up or each.failed)
    for each in troubled:
        rate = percent(share(each.repeated, each.attempts))
        old = then.get(each.endpoint)
        was = "-" if old is None else percent(share(old.repeated, old.attempts))
        yield (
            f"{each.endpoint}: {each.attempts:,} sent, {each.repeated:,} repeated ({rate}, was"
            f" {was}), {each.saved:,} saved, {each.given_up:,} given up, {each.failed:,} failed"
        )


def drill_check(passed_ms: int | None, now_ms: int) -> Check:
    """How old the last passed rehearsal of the breakers is (R65)."""
    age_ms = None if passed_ms is None else age_of(passed_ms, now_ms)
    is_recent = age_ms is not None and age_ms <= _DRILL_DAYS * DAY_MS
    days = "" if age_ms is None else f"passed {_days(age_ms)} ago"
    return Check(
        code="R65",
        name="breaker drill",
        state=CheckState.OK if is_recent else CheckState.LOOK,
        value=days or "none passed yet",
        limit=f"passed within {_DRILL_DAYS} days",
        source=_LEDGER,
        age_ms=age_ms,
        remedy="" if is_recent else "botcore drill breaker",
    )


def changes_of(
    limits: Sequence[tuple[str, str]], signed: Mapping[str, str] | None
) -> tuple[str, ...]:
    """What differs from the limits that were last signed, a line each; empty if nothing was."""
    if signed is None:
        return ()
    now = dict(limits)
    keys = [*now, *(key for key in signed if key not in now)]
    return tuple(
        f"{key}: {signed.get(key, 'none')} -> {now.get(key, 'none')}"
        for key in keys
        if signed.get(key) != now.get(key)
    )


def limits_check(changes: Sequence[str], signed_ms: int | None, now_ms: int) -> Check:
    """Whether the limits in force are those of the last signed weekly list (R66)."""
    state, value, remedy = CheckState.OK, "as signed", ""
    if signed_ms is None:
        state, value = CheckState.LOOK, "never signed: nothing to compare with"
        remedy = "botcore config show tells them; botcore checks sign weekly --reason TEXT"
    elif changes:
        state, value = CheckState.LOOK, f"{len(changes)} changed"
        remedy = "if that is meant: botcore checks sign weekly --accept-limits --reason TEXT"
    return Check(
        code="R66",
        name="risk limits",
        state=state,
        value=value,
        limit="as last signed",
        source="configuration and phase",
        age_ms=None if signed_ms is None else age_of(signed_ms, now_ms),
        remedy=remedy,
        details=tuple(changes),
    )


# --- monthly ------------------------------------------------------------------------------------


def performance_check(earned: Earned) -> Check:
    """The month before this one, in a few numbers (R67)."""
    how = f"botcore report --month {earned.month}"
    if earned.return_pct is None or earned.drawdown_pct is None:
        state, value = CheckState.NOT_KNOWN, f"{earned.month}: no equity is on record"
    else:
        sharpe = "unknown" if earned.sharpe is None else f"{earned.sharpe:.2f}"
        state = CheckState.OK
        value = (
            f"{earned.month}: return {earned.return_pct:+.2f} %, drawdown"
            f" {percent(earned.drawdown_pct)}, Sharpe {sharpe}, costs {earned.costs:,.2f} USDT,"
            f" {earned.trades} trades"
        )
    return Check(
        code="R67",
        name="performance report",
        state=state,
        value=value,
        limit="read by a person",
        source=_LEDGER,
        age_ms=None,
        remedy=f"read it: {how}",
    )


def key_checks(
    rights: KeyRights | None, why: str, most_days: int, now_ms: int
) -> tuple[Check, Check]:
    """What the key may do, and how old it is (R69).

    Args:
        rights: As the venue told; None: it did not.
        why: It did not; shown then.
        most_days: Oldest age.
        now_ms: UTC.
    """
    return _rights(rights, why), _key_age(rights, why, most_days, now_ms)


_VENUE: Final = "venue"
_LOOK_THERE: Final = "look at the venue, where the key was made: only trading, listed addresses"


def _rights(rights: KeyRights | None, why: str) -> Check:
    state, value, remedy = CheckState.NOT_KNOWN, why, _LOOK_THERE
    if rights is not None:
        faults = [
            text
            for text, is_so in (
                ("may WITHDRAW money", rights.may_withdraw),
                ("may not trade", not rights.may_trade),
            )
            if is_so
        ]
        doubts = [
            text
            for text, is_so in (
                ("works from any address", not rights.is_ip_bound),
                ("may move money between wallets", rights.may_transfer),
            )
            if is_so
        ]
        value = ", ".join((*faults, *doubts)) or "may trade, no more, from listed addresses only"
        state = CheckState.LOOK if doubts else CheckState.OK
        state = CheckState.FAILED if faults else state
        remedy = "change that at the venue, where the key was made" if faults or doubts else ""
    return Check(
        code="R69",
        name="rights of the API key",
        state=state,
        value=value,
        limit="trade only, from listed addresses",
        source=_VENUE,
        age_ms=None if rights is None else 0,
        remedy=remedy,
    )


def _key_age(rights: KeyRights | None, why: str, most_days: int, now_ms: int) -> Check:
    made_ms = 0 if rights is None else rights.created_ms
    state, remedy = CheckState.NOT_KNOWN, _LOOK_THERE
    value = why if rights is None else "the venue does not tell when it was made"
    if made_ms:
        days = Decimal(age_of(made_ms, now_ms)) / DAY_MS
        is_old = days > most_days
        state = CheckState.LOOK if is_old else CheckState.OK
        value, remedy = f"{days:.0f} days", "make a new one, and delete this one" if is_old else ""
    return Check(
        code="R69",
        name="age of the API key",
        state=state,
        value=value,
        limit=f"at most {most_days} days",
        source=_VENUE,
        age_ms=0 if made_ms else None,
        remedy=remedy,
    )


def _days(span_ms: int) -> str:
    return f"{Decimal(span_ms) / DAY_MS:.1f} days"
