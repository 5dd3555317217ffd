"""Keys that could do more than trade are refused; what is doubtful is said."""

import json
import random
from typing import Final

import pytest
from rest_server import Answer, rest_server

from botcore_tui.clock import SystemClock
from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.key_rights import (
    ask_rights,
    decode_rights,
    doubtful_rights,
    refused_rights,
)
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.permit import inspection
from botcore_tui.model.account import KeyRights

# Binance wallet API, "Get API Key Permission", its own example, withdrawals switched off.
_TOLD: Final = {
    "ipRestrict": True,
    "createTime": 1698645219000,
    "enableReading": True,
    "enableWithdrawals": False,
    "enableInternalTransfer": False,
    "enableMargin": False,
    "enableFutures": True,
    "permitsUniversalTransfer": False,
    "enableVanillaOptions": False,
    "enableFixApiTrade": False,
    "enableFixReadOnly": True,
    "enableSpotAndMarginTrading": True,
    "enablePortfolioMarginTrading": True,
}


def told(**changed: bool) -> KeyRights:
    return decode_rights(json.dumps({**_TOLD, **changed}).encode())


def test_key_that_may_only_trade_from_one_address_is_fine() -> None:
    assert told() == KeyRights(
        may_trade=True,
        may_withdraw=False,
        may_transfer=False,
        is_ip_bound=True,
        created_ms=1_698_645_219_000,
    )
    assert refused_rights(told()) == ""
    assert doubtful_rights(told()) == ()


@pytest.mark.requirement("R69")
def test_key_that_may_withdraw_is_refused() -> None:
    assert "may withdraw money" in refused_rights(told(enableWithdrawals=True))


def test_key_that_may_not_trade_futures_is_refused() -> None:
    assert "may not trade futures" in refused_rights(told(enableFutures=False))


@pytest.mark.requirement("R69")
def test_key_that_works_from_anywhere_is_doubtful() -> None:
    assert "any address" in doubtful_rights(told(ipRestrict=False))[0]


@pytest.mark.parametrize("name", ["enableInternalTransfer", "permitsUniversalTransfer"])
def test_key_that_may_transfer_is_doubtful(name: str) -> None:
    assert "between wallets" in doubtful_rights(told(**{name: True}))[0]


def test_what_the_venue_does_not_say_counts_as_allowed() -> None:
    rights = decode_rights(b"{}")
    assert rights.may_withdraw
    assert not rights.is_ip_bound


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"ipRestrict": "yes"}'])
def test_reply_that_is_none_is_told(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_rights(raw)


async def test_rights_are_asked_with_a_signature() -> None:
    async with rest_server() as server:
        clock = SystemClock()
        server.usual = Answer(body=json.dumps({**_TOLD, "serverTime": clock.now_ms()}))
        credentials = Credentials("k" * 64, "s" * 64)
        permit = inspection(
            "http://127.0.0.1:1", "ws://127.0.0.1:1", credentials, rights=server.url
        )
        rights = await ask_rights(
            permit,
            credentials,
            clock=clock,
            rng=random.Random(1),
            limiter=Limiter(1_200, clock),
        )
        assert rights == told()
        assert server.asked[-1].startswith("/sapi/v1/account/apiRestrictions?timestamp=")


async def test_where_the_venue_does_not_tell_nobody_is_asked() -> None:
    credentials = Credentials("k" * 64, "s" * 64)
    permit = inspection("http://127.0.0.1:1", "ws://127.0.0.1:1", credentials)
    clock = SystemClock()
    limiter = Limiter(1_200, clock)
    assert (
        await ask_rights(permit, credentials, clock=clock, rng=random.Random(1), limiter=limiter)
        is None
    )
