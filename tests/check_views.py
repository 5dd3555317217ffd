"""Checks and lists of them with sensible defaults; a test names only what it is about."""

from decimal import Decimal

from builders import NOW_MS
from msgspec.structs import replace

from botcore_tui.core.checks import Sums
from botcore_tui.model.check import (
    Check,
    Checklist,
    CheckState,
    JournalTrade,
    Period,
    Signature,
)


def a_check(state: CheckState = CheckState.OK, **overrides: object) -> Check:
    """P&L of the day; any field can be given."""
    check = Check(
        code="R59",
        name="P&L of the day",
        state=state,
        value="+0.40 % (+20.00 USDT)",
        limit="-2.5 % to +5 %",
        source="ledger",
        age_ms=61_000,
        remedy="" if state is CheckState.OK else "botcore checks trades",
    )
    return replace(check, **overrides)


def a_signature(**overrides: object) -> Signature:
    """Signed an hour ago."""
    signature = Signature(
        actor="ada", reason="all read", summary="5 OK", time_ms=NOW_MS - 3_600_000
    )
    return replace(signature, **overrides)


def a_list(*checks: Check, period: Period = Period.DAILY, **overrides: object) -> Checklist:
    """Of a testnet account; any field can be given."""
    listed = Checklist(
        period=period,
        environment="testnet",
        account="testnet:3f9c0a12",
        checks=checks or (a_check(),),
        signed=None,
        limits=(("risk.risk_pct", "2"),),
        changes=(),
        time_ms=NOW_MS,
    )
    return replace(listed, **overrides)


def a_trade(number: int = 12, *, note: str = "", net: str = "2.5") -> JournalTrade:
    return JournalTrade(
        number=number,
        symbol="BTCUSDT",
        net=Decimal(net),
        fees=Decimal("0.5"),
        funding=Decimal(0),
        closed_ms=NOW_MS - 86_400_000,
        note=note,
        reviewer="ada" if note else "",
    )


def sums(endpoint: str = "depth", **overrides: object) -> Sums:
    """A hundred requests, all answered; any field can be given."""
    total = Sums(
        endpoint=endpoint,
        attempts=100,
        repeated=0,
        saved=0,
        given_up=0,
        failed=0,
        limited=0,
        banned=0,
        newest_ms=NOW_MS - 60_000,
    )
    return replace(total, **overrides)
