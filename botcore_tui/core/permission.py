"""What an operator may do with real money (P03); with play money anybody may."""

from typing import Final, assert_never

from botcore_tui.core.gate_terms import Denial
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    DeskCommand,
    EnableStrategy,
    MoveStop,
    PlaceOrder,
    Relax,
    ResetBreaker,
    Resume,
    Scope,
    SignOff,
)

_LOOSENING: Final = (Scope.RESUME, Scope.PRODUCTION)
_RAISING: Final = (Scope.TRADE, Scope.PRODUCTION)
_LOWERING: Final = (Scope.TRADE,)


def scope_denial(command: Resume | DeskCommand, *, is_real_money: bool) -> Denial | None:
    """Why the operator's scopes do not cover a command; None if they do.

    What lowers risk needs no more than TRADE; halting is nobody's to refuse and not asked here.
    """
    return missing_scope(command.scopes, _needed(command), is_real_money=is_real_money)


def missing_scope(
    scopes: tuple[Scope, ...], needed: tuple[Scope, ...], *, is_real_money: bool
) -> Denial | None:
    """The refusal of the first scope that is needed and not there."""
    if not is_real_money:
        return None
    missing = next((scope for scope in needed if scope not in scopes), None)
    if missing is None:
        return None
    return Denial(
        "P03",
        f"with real money this needs an operator token of scope {missing}",
        observed=", ".join(scopes) or "no token",
        remedy="set BOTCORE_OPERATOR_TOKEN to one that has it",
    )


def _needed(command: Resume | DeskCommand) -> tuple[Scope, ...]:
    match command:
        case Resume() | ResetBreaker() | Relax() | EnableStrategy():
            return _LOOSENING
        case PlaceOrder(reduce_only=False) | SignOff():
            return _RAISING
        case PlaceOrder() | ClosePosition() | CancelOrder() | MoveStop():
            return _LOWERING
        case _:
            assert_never(command)
