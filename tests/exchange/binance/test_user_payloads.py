import pytest
from msgspec import ValidationError
from msgspec.json import decode
from user_samples import algo_event, event_of, order_event

from botcore_tui.exchange.binance.user_payloads import (
    AccountFrame,
    AlgoUpdate,
    Envelope,
    OrderTradeUpdate,
)


def test_money_stays_text() -> None:
    body = decode(order_event(q="0.10", p="7100.50"), type=OrderTradeUpdate).body
    assert (body.quantity, body.price) == ("0.10", "7100.50")
    frame = decode(event_of("ACCOUNT_UPDATE"), type=AccountFrame)
    assert frame.body.balances[0].wallet == "122624.12345678"


def test_frames_without_a_contract_family_are_margined_in_usdt() -> None:
    assert decode(order_event(), type=Envelope).st == 1
    assert decode(order_event(), type=OrderTradeUpdate).body.st == 1
    assert decode(order_event(st=2), type=OrderTradeUpdate).body.st == 2


def test_number_that_no_ledger_can_hold_is_refused() -> None:
    with pytest.raises(ValidationError):
        decode(algo_event(aid=2**63), type=AlgoUpdate)
