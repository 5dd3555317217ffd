"""After the lease is gone: who has the account may come later, or be learned later."""

import threading
from collections.abc import Callable
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.ledger.health import HealthReport
from botcore_tui.ledger.session import WriteSession

_AGAIN_SECONDS: Final = 5.0


def watch(
    session: WriteSession,
    health: HealthReport,
    clock: Clock,
    changed: threading.Condition,
    is_closing: Callable[[], bool],
) -> None:
    """Ask until another program has the lease, or this one ends; by the writer's thread.

    A lease may be gone without anybody who trades: given back by who took it, or with another copy
    of the ledger. The session goes on protecting its positions then, and must hear of the next one.

    Args:
        session: Of the writer that has ended.
        health: Told once the account is taken.
        clock: Of the lease.
        changed: Notified when the program ends.
        is_closing: Whether it does.
    """
    while not (health.now.is_taken or is_closing()):
        with changed:
            changed.wait_for(is_closing, timeout=_AGAIN_SECONDS)
        if session.is_taken(clock.now_ms()):
            health.bad(health.now.reason, is_taken=True)
