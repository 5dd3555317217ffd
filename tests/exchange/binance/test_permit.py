"""Real money: no client without the whole confirmed tuple, no request beyond its reach."""

from typing import Final

import pytest
from msgspec.structs import replace

from botcore_tui.errors import FetchError, UnavailableError
from botcore_tui.exchange.binance import permit as permit_module
from botcore_tui.exchange.binance.confined import ENDPOINTS, ConfinedUsdm
from botcore_tui.exchange.binance.keys import Credentials, fingerprint
from botcore_tui.exchange.binance.permit import (
    Confirmation,
    Confirmed,
    Permit,
    Reach,
    check,
    confirm,
    inspection,
    reduction,
)
from botcore_tui.model.account import Binding

_REST: Final = "https://fapi.binance.com"
_STREAM: Final = "wss://fstream.binance.com/private"
_KEY: Final = Credentials("k" * 64, "s" * 64)
_OTHER: Final = Credentials("o" * 64, "s" * 64)
_BINDING: Final = Binding(
    environment="production",
    rest=_REST,
    ws_private=_STREAM,
    fingerprint=fingerprint(_KEY.api_key),
    account_id="FzXqsRfW",
    phase="conservative",
)


def confirmed(binding: Binding = _BINDING) -> Confirmed:
    return confirm(binding, binding.account_id[-4:], actor="ann", time_ms=1)


def test_real_address_without_a_permit_gives_no_client() -> None:
    with pytest.raises(UnavailableError, match="was not confirmed"):
        ConfinedUsdm(_REST, 5.0, _KEY)


def test_public_questions_need_no_permit() -> None:
    ConfinedUsdm(_REST, 5.0)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://demo-fapi.binance.com"])
def test_play_money_needs_no_permit(url: str) -> None:
    check(url, _KEY, None)


@pytest.mark.requirement("P02")
@pytest.mark.requirement("R18")
def test_confirmed_tuple_opens_its_own_address_and_key_and_no_other() -> None:
    permit = confirmed().permit(_KEY)
    check(_REST, _KEY, permit)
    check(f"{_REST}/", _KEY, permit)
    check(_STREAM, _KEY, permit)
    with pytest.raises(UnavailableError):
        check(_REST, _OTHER, permit)
    with pytest.raises(UnavailableError):
        check("https://api.binance.com", _KEY, permit)
    with pytest.raises(UnavailableError, match="confirmed was"):
        confirmed().permit(_OTHER)


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("typed", ["", "sRfw", "RfW", "FzXqsRfW", "yes"])
def test_anything_but_the_tail_of_the_account_confirms_nothing(typed: str) -> None:
    with pytest.raises(UnavailableError, match="not confirmed"):
        confirm(_BINDING, typed, actor="ann", time_ms=1)


def test_spaces_around_the_tail_do_not_matter() -> None:
    assert confirm(_BINDING, " sRfW ", actor="ann", time_ms=1).confirmation.actor == "ann"


@pytest.mark.parametrize(("account", "actor"), [("", "ann"), ("abc", "ann"), ("FzXqsRfW", "")])
def test_account_without_a_name_or_an_actor_cannot_be_confirmed(account: str, actor: str) -> None:
    binding = replace(_BINDING, account_id=account)
    with pytest.raises(UnavailableError, match="cannot be confirmed"):
        confirm(binding, account[-4:], actor=actor, time_ms=1)


def test_permits_and_confirmations_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError):
        Permit(
            object(),
            Reach.TRADE,
            rest=_REST,
            ws_private=_STREAM,
            fingerprint="",
            rights=None,
        )
    with pytest.raises(TypeError):
        Confirmed(object(), Confirmation(_BINDING, "ann", 1))


def test_inspection_reaches_questions_only() -> None:
    permit = inspection(_REST, _STREAM, _KEY, rights="https://api.binance.com")
    check("https://api.binance.com", _KEY, permit)
    for name in ENDPOINTS:
        is_question = " " not in name
        assert (permit.refusal(name, {}) == "") is is_question, name


@pytest.mark.requirement("K10")
def test_reduction_reaches_cancels_and_what_cannot_raise_a_position() -> None:
    permit = reduction(confirmed().confirmation, _KEY)
    for name in ("openOrders", "DELETE order", "DELETE algoOrder", "DELETE allOpenOrders"):
        assert permit.refusal(name, {}) == ""
    assert permit.refusal("POST order", {"reduceOnly": "true"}) == ""
    assert permit.refusal("POST algoOrder", {"closePosition": "true"}) == ""
    assert "not sent" in permit.refusal("POST order", {})
    assert "not sent" in permit.refusal("POST order", {"reduceOnly": "false"})
    assert "not sent" in permit.refusal("POST listenKey", {"reduceOnly": "true"})
    with pytest.raises(UnavailableError, match="set that key"):
        reduction(confirmed().confirmation, _OTHER)


async def test_request_beyond_the_reach_does_not_leave() -> None:
    confined = ConfinedUsdm(_REST, 5.0, _KEY, inspection(_REST, _STREAM, _KEY))
    with pytest.raises(FetchError, match="POST order is not sent"):
        await confined.send("POST order", {}, dict)
    await confined.close()


async def test_rights_are_asked_at_their_own_host_and_nothing_else_is() -> None:
    rights = "https://api.binance.com"
    permit = inspection(_REST, _STREAM, _KEY, rights=rights)
    confined = ConfinedUsdm(rights, 5.0, _KEY, permit)
    usdm = await confined._client()
    assert usdm.urls["api"] == {"fapiPublic": f"{rights}/api/v3", "sapi": f"{rights}/sapi/v1"}
    await confined.close()


def test_every_request_that_a_permit_names_exists() -> None:
    named = permit_module._HARMLESS | permit_module._REDUCING
    assert named <= set(ENDPOINTS)
