"""Rows of what limits trading, with sensible defaults; a test names only what it is about."""

from decimal import Decimal

from builders import NOW_MS

from botcore_tui.model.ledger import (
    AnchorRow,
    CallRow,
    CommandRow,
    DrillRow,
    EquityRow,
    OverrideRow,
    PhaseRow,
    ResetRow,
    StrategyRow,
    StreamRow,
    TransferRow,
    TripRow,
)


def an_anchor(kind: str = "day", equity: str = "5000", *, time_ms: int = NOW_MS) -> AnchorRow:
    return AnchorRow(kind=kind, equity=Decimal(equity), reason="first", time_ms=time_ms)


def a_trip(code: str = "A01", *, observed: str | None = "5.2", time_ms: int = NOW_MS) -> TripRow:
    return TripRow(
        code=code,
        observed=None if observed is None else Decimal(observed),
        limit=Decimal(5),
        amount=Decimal(260),
        limit_amount=Decimal(250),
        action="hold",
        text="daily loss 5.2 %",
        time_ms=time_ms,
    )


def a_command(name: str, arguments: str = "{}") -> CommandRow:
    return CommandRow(
        command_id="c",
        command=name,
        actor="ann",
        arguments=arguments,
        reason="",
        is_accepted=True,
        code="",
        text="",
        time_ms=NOW_MS,
    )


def a_reset(code: str = "A01", *, time_ms: int = NOW_MS) -> ResetRow:
    return ResetRow(code=code, is_rebased=True, actor="ada", reason="understood", time_ms=time_ms)


def an_override(
    limit: str = "risk.max_leverage",
    value: str = "2",
    *,
    until_ms: int = NOW_MS + 600_000,
    time_ms: int = NOW_MS,
) -> OverrideRow:
    return OverrideRow(
        limit=limit,
        value=Decimal(value),
        normal=Decimal(1),
        actor="ada",
        reason="hedge",
        until_ms=until_ms,
        time_ms=time_ms,
    )


def a_strategy(
    name: str = "ema_cross", *, is_enabled: bool = False, time_ms: int = NOW_MS
) -> StrategyRow:
    return StrategyRow(
        strategy=name, is_enabled=is_enabled, code="P19", actor="", reason="x", time_ms=time_ms
    )


def a_phase(
    phase: str = "conservative",
    previous: str = "testnet",
    *,
    equity: str | None = "800",
    time_ms: int = NOW_MS,
) -> PhaseRow:
    return PhaseRow(
        phase=phase,
        previous=previous,
        actor="ada",
        reason="all met",
        evidence="[]",
        equity=None if equity is None else Decimal(equity),
        time_ms=time_ms,
    )


def a_drill(drill: str = "breaker", *, is_passed: bool = True, time_ms: int = NOW_MS) -> DrillRow:
    return DrillRow(
        drill=drill,
        is_passed=is_passed,
        timings='{"latched":3}',
        text="tripped and blocked",
        version="0",
        config_hash="c",
        time_ms=time_ms,
    )


def a_stream(
    name: str = "public", *, span_ms: int = 600_000, up_ms: int = 600_000, time_ms: int = NOW_MS
) -> StreamRow:
    return StreamRow(name=name, span_ms=span_ms, up_ms=up_ms, time_ms=time_ms)


def a_call(
    endpoint: str = "depth",
    *,
    attempts: int = 100,
    repeated: int = 0,
    given_up: int = 0,
    failed: int = 0,
    limited: int = 0,
    banned: int = 0,
    time_ms: int = NOW_MS,
) -> CallRow:
    return CallRow(
        endpoint=endpoint,
        attempts=attempts,
        repeated=repeated,
        saved=repeated,
        given_up=given_up,
        failed=failed,
        limited=limited,
        banned=banned,
        span_ms=600_000,
        time_ms=time_ms,
    )


def an_equity(wallet: str = "5000", unrealized: str = "0", *, time_ms: int = NOW_MS) -> EquityRow:
    return EquityRow(wallet=Decimal(wallet), unrealized=Decimal(unrealized), time_ms=time_ms)


def a_transfer(
    amount: str = "100",
    *,
    asset: str = "USDT",
    reason: str = "TRANSFER",
    time_ms: int = NOW_MS,
) -> TransferRow:
    return TransferRow(asset=asset, amount=Decimal(amount), reason=reason, time_ms=time_ms)
