"""What is said where nobody can carry out an effect."""

import pytest
from order_builders import a_request

from botcore_tui.exchange.broker import BrokerEffect, failure_of
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
)
from botcore_tui.model.ledger import IntentRow
from botcore_tui.model.order import CancelFailed, Outcome, QueryFailed, SubmitFailed

REQUEST = a_request(client_order_id="bc-1-1-e")


@pytest.mark.parametrize(
    ("effect", "failure"),
    [
        (Submit(REQUEST), SubmitFailed("bc-1-1-e", Outcome.FAILED, 0, "away", 5)),
        (
            Cancel(client_order_id="bc-1-1-e", symbol="BTCUSDT", is_algo=False),
            CancelFailed("bc-1-1-e", Outcome.FAILED, 0, "away", 5),
        ),
        (
            Query(client_order_id="bc-1-1-e", symbol="BTCUSDT", is_algo=True),
            QueryFailed("bc-1-1-e", "away", 5),
        ),
        (Reconcile(reason="start"), ReconcileFailed("start", "away", 5)),
        (
            ArmDeadMan(symbol="BTCUSDT", countdown_ms=120_000),
            DeadManFailed("BTCUSDT", "away", 5),
        ),
        (CancelAll(symbol="BTCUSDT"), None),
        (Append(IntentRow(REQUEST, None, None, None)), None),
    ],
)
def test_effect_that_nobody_performs_has_failed_for_certain(
    effect: BrokerEffect, failure: Event | None
) -> None:
    assert failure_of(effect, "away", 5) == failure
