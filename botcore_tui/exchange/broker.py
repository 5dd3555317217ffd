"""Who performs at the venue what the core decided: the port between the engine and an account.

It stands here and not with the engine, so that feeds which wrap another one can pass it on.
"""

from typing import Protocol, assert_never, runtime_checkable

from msgspec import Struct

from botcore_tui.model.account import DeadManFailed, ReconcileFailed
from botcore_tui.model.event import (
    Append,
    ArmDeadMan,
    Cancel,
    CancelAll,
    Event,
    Query,
    Reconcile,
    Submit,
    VenueEffect,
)
from botcore_tui.model.order import CancelFailed, Outcome, QueryFailed, SubmitFailed

BrokerEffect = VenueEffect | Append
"""What belongs to one account: its orders, questions about it, and the rows of its ledger."""


class AccountStamps(Struct, frozen=True):
    """When the venue last confirmed what is shown, monotonic nanoseconds; 0 never."""

    reconciled_ns: int = 0
    wallet_ns: int = 0
    positions_ns: dict[str, int] = {}
    """Of each symbol's quantity."""


@runtime_checkable
class Broker(Protocol):
    """A feed that also has an account."""

    def perform(self, effect: BrokerEffect) -> None:
        """Do it; returns at once. The outcome is delivered as an event, always, but of an Append,
        and of a CancelAll only as far as orders are still there.

        Call in the engine's loop.
        """

    def open_market(self) -> None:
        """Let the market's data come; idempotent."""


@runtime_checkable
class Stamped(Protocol):
    """A broker that knows when the venue last confirmed its figures."""

    def stamps(self) -> AccountStamps:
        """When what is shown was confirmed."""


def failure_of(effect: BrokerEffect, reason: str, time_ms: int) -> Event | None:
    """The event that says that certainly nothing was done; None where there is no such event.

    A row has no outcome, and that of a CancelAll shows in its orders alone.

    Args:
        effect: What cannot be performed.
        reason: Why not, one line.
        time_ms: Now, UTC.
    """
    match effect:
        case Submit():
            client_order_id = effect.request.client_order_id
            return SubmitFailed(client_order_id, Outcome.FAILED, 0, reason, time_ms)
        case Cancel():
            return CancelFailed(effect.client_order_id, Outcome.FAILED, 0, reason, time_ms)
        case Query():
            return QueryFailed(effect.client_order_id, reason, time_ms)
        case Reconcile():
            return ReconcileFailed(effect.reason, reason, time_ms)
        case ArmDeadMan():
            return DeadManFailed(effect.symbol, reason, time_ms)
        case CancelAll() | Append():
            return None
        case _:
            assert_never(effect)
