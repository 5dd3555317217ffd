"""Controls of what must stand before anything is sent: P01-P03, P10, P19, P22-P24."""

from collections.abc import Iterator
from typing import Final

from botcore_tui.core.controls import Control, Reading
from botcore_tui.core.gate_terms import Denial, Proposal, Surroundings
from botcore_tui.core.overrides import MOST_MINUTES, MOST_TIMES
from botcore_tui.core.permission import missing_scope
from botcore_tui.model.command import Scope
from botcore_tui.model.event import TradingState

_MINUTE_MS: Final = 60_000
_WAIT: Final = "wait"


# --- P01 -----------------------------------------------------------------------------------------


def trading_state(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P01: trading is enabled and ACTIVE, no breaker and no phase stands in the way."""
    if not around.is_trading_enabled:
        return Denial("P01", "trading is not enabled", remedy="start with --enable-trading")
    if around.state is not TradingState.ACTIVE:
        return Denial(
            "P01",
            f"trading is {around.state}: only reducing orders pass",
            observed=_state_and_reason(around),
            remedy=_way_back(around),
        )
    trouble = around.breaker_denial or around.phase_trouble
    return Denial("P01", trouble, observed="ACTIVE") if trouble else None


def _state_and_reason(around: Surroundings) -> str:
    # Why it is halted stands on every screen; why it is reducing only here.
    if around.state is TradingState.HALTED or not around.state_reason:
        return str(around.state)
    return f"{around.state} by {around.state_reason}"


def _way_back(around: Surroundings) -> str:
    if around.latched:
        return f"reset it first: botcore reset-breaker {around.latched} --reason TEXT"
    how = "resume" if around.state is TradingState.HALTED else "resume once more"
    return f"{how} with F9"


def _see_state(_proposal: Proposal, around: Surroundings) -> Reading:
    value = str(around.state) if around.is_trading_enabled else "not enabled"
    return Reading(around.breaker_denial or around.phase_trouble or value, "ACTIVE")


# --- P02 -----------------------------------------------------------------------------------------


def confirmed_account(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P02: key, host, account and phase are those that were confirmed."""
    if not around.binding_trouble:
        return None
    return Denial(
        "P02",
        around.binding_trouble,
        observed="another account",
        remedy="end this session and confirm the account anew",
    )


def _see_account(_proposal: Proposal, around: Surroundings) -> Reading:
    return Reading(around.binding_trouble or "as confirmed", "key, host, account, phase")


# --- P03 -----------------------------------------------------------------------------------------


def permission(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P03: the contract is one to trade, for a strategy too, and the operator may.

    A strategy has no token: it trades by the word of who confirmed the account.
    """
    symbol, limits = proposal.request.symbol, around.limits
    if symbol not in around.symbols:
        return Denial("P03", f"{symbol} is not followed", remedy="add it to `symbols`")
    if limits.symbols is not None and symbol not in limits.symbols:
        remedy = "add it to trading.symbols"
        return Denial("P03", f"{symbol} is not to be traded", remedy=remedy)
    if proposal.is_strategy:
        allowed = limits.strategy_symbols
        if allowed is None or symbol in allowed:
            return None
        remedy = "add it to strategy.symbols"
        return Denial("P03", f"{symbol} is not for strategies", remedy=remedy)
    needed = (Scope.TRADE, Scope.PRODUCTION)
    return missing_scope(proposal.scopes, needed, is_real_money=around.is_real_money)


def _see_permission(proposal: Proposal, around: Surroundings) -> Reading:
    allowed = around.symbols if around.limits.symbols is None else sorted(around.limits.symbols)
    return Reading(proposal.request.symbol, ", ".join(allowed))


# --- P10 -----------------------------------------------------------------------------------------


def account_known(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P10: user stream live, account reconciled, nothing UNKNOWN on the symbol."""
    return Denial("P10", around.trouble, observed=around.trouble) if around.trouble else None


def _see_account_known(_proposal: Proposal, around: Surroundings) -> Reading:
    return Reading(around.trouble or "known", "reconciled, nothing UNKNOWN")


# --- P19 -----------------------------------------------------------------------------------------


def strategy_enabled(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P19: its strategy was not disabled."""
    if not around.disabled:
        return None
    return Denial(
        "P19",
        f"strategy {proposal.request.actor} is disabled by {around.disabled}",
        observed=around.disabled,
        remedy=f"botcore enable-strategy {proposal.request.actor} --reason TEXT",
    )


def _see_strategy(_proposal: Proposal, around: Surroundings) -> Reading:
    return Reading(around.disabled or "enabled", "10 entries in 5 min, 5 losses in a row")


# --- P22 -----------------------------------------------------------------------------------------


def ledger_writable(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P22: the intent can be recorded before bytes leave."""
    if around.is_ledger_writable:
        return None
    remedy = "no new risk until it can"
    return Denial("P22", "the ledger cannot be written", observed="not writable", remedy=remedy)


def _see_ledger(_proposal: Proposal, around: Surroundings) -> Reading:
    return Reading("writable" if around.is_ledger_writable else "not writable", "writable")


# --- P23 -----------------------------------------------------------------------------------------


def clock_known(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P23: the venue's clock is known, close to ours, and has not stepped."""
    limits, clock = around.limits, around.clock
    if limits.clock_offset_ms is None:
        return None
    if clock is None:
        return Denial("P23", "the venue's clock was not measured yet", remedy=_WAIT)
    if clock.has_stepped:
        remedy = "wait for the next measurement"
        return Denial("P23", "a clock has stepped", observed="stepped", remedy=remedy)
    for name, seen, most in (
        ("the clock is off by", abs(clock.offset_ms), limits.clock_offset_ms),
        ("the clock is uncertain by", clock.uncertainty_ms, limits.clock_doubt_ms),
    ):
        if not seen <= most:
            observed, limit = f"{seen:.0f} ms", f"at most {most} ms"
            remedy = "set this machine's clock by NTP"
            return Denial("P23", f"{name} {observed}", limit, observed, remedy)
    return None


def _see_clock(_proposal: Proposal, around: Surroundings) -> Reading:
    limits, clock = around.limits, around.clock
    if limits.clock_offset_ms is None:
        return Reading("not watched", "")
    limit = f"{limits.clock_offset_ms} ms +- {limits.clock_doubt_ms} ms"
    if clock is None:
        return Reading("unknown", limit)
    stepped = ", stepped" if clock.has_stepped else ""
    value = f"{clock.offset_ms:+z.0f} ms +- {clock.uncertainty_ms:.0f} ms{stepped}"
    return Reading(value, limit, around.time_ms - clock.time_ms)


# --- P24 -----------------------------------------------------------------------------------------


def overrides_bounded(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P24: whatever is relaxed is so by name, within its bounds, and not over."""
    trouble = next(_override_troubles(around), "")
    return Denial("P24", trouble, remedy="end it with --minutes 0") if trouble else None


def _override_troubles(around: Surroundings) -> Iterator[str]:
    for row in around.overrides:
        if not row.value <= MOST_TIMES * row.normal:
            yield f"{row.limit} is relaxed to more than {MOST_TIMES} times its normal value"
        if not (row.actor and row.reason):
            yield f"{row.limit} is relaxed by nobody"
        if not around.time_ms < row.until_ms <= row.time_ms + MOST_MINUTES * _MINUTE_MS:
            yield f"{row.limit} is relaxed for longer than it may"


def _see_overrides(_proposal: Proposal, around: Surroundings) -> Reading:
    told = [f"{row.limit} {row.normal:f} -> {row.value:f}" for row in around.overrides]
    limit = f"{MOST_TIMES} times, {MOST_MINUTES} min"
    return Reading(", ".join(told) or "nothing is relaxed", limit)


P01: Final = Control("P01", "trading state", trading_state, _see_state)
P02: Final = Control("P02", "environment binding", confirmed_account, _see_account)
P03: Final = Control("P03", "permission", permission, _see_permission)
P10: Final = Control("P10", "account known", account_known, _see_account_known)
P19: Final = Control("P19", "repeated execution", strategy_enabled, _see_strategy)
P22: Final = Control("P22", "ledger writable", ledger_writable, _see_ledger)
P23: Final = Control("P23", "clock", clock_known, _see_clock)
P24: Final = Control("P24", "overrides", overrides_bounded, _see_overrides)
