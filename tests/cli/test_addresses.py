"""No combination of configuration, key and confirmation opens real money but the whole tuple."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Final

import pytest
from fake_exchange import ready_facts
from msgspec.structs import replace

from botcore_tui.cli.addresses import (
    Address,
    demo_address,
    killing_address,
    looking_address,
    venue_address,
)
from botcore_tui.config import Config, Environment, is_real_money
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.binance.keys import fingerprint
from botcore_tui.exchange.binance.permit import Confirmed, Reach, check, confirm
from botcore_tui.model.account import Binding

_PRODUCTION: Final = Binding(
    environment="production",
    rest="https://fapi.binance.com",
    ws_private="wss://fstream.binance.com/private",
    fingerprint=fingerprint("real-key"),
    account_id="FzXqsRfW",
    phase="conservative",
)
_WITH_ACCOUNT: Final = (Environment.TESTNET, Environment.PRODUCTION)


def variables(testnet: str = "play-key", production: str = "real-key") -> Mapping[str, str]:
    return {
        "BOTCORE_TESTNET_API_KEY": testnet,
        "BOTCORE_TESTNET_API_SECRET": "play-secret",
        "BOTCORE_PRODUCTION_API_KEY": production,
        "BOTCORE_PRODUCTION_API_SECRET": "real-secret",
    }


def a_confirmation(binding: Binding = _PRODUCTION) -> Confirmed:
    return confirm(binding, binding.account_id[-4:], actor="ann", time_ms=1)


def a_config(**sections: object) -> Config:
    return Config.model_validate({"trading": {"enabled": True}, **sections})


def test_accounts_are_named_so_that_two_never_mix() -> None:
    assert demo_address(ready_facts()).account == "demo:0123abcd"
    address = venue_address(a_config(), Environment.TESTNET, variables(testnet="key"))
    assert address.account == "testnet:2c70e12b"
    assert address.hosts.ws_private == "wss://fstream.binancefuture.com/private"
    assert address.permit is None
    with pytest.raises(ConfigError, match="needs a key"):
        venue_address(a_config(), Environment.TESTNET, {})


def test_confirmed_account_is_opened_for_trading() -> None:
    address = venue_address(a_config(), Environment.PRODUCTION, variables(), a_confirmation())
    assert address.permit is not None
    assert address.permit.reach is Reach.TRADE
    assert address.binding == _PRODUCTION
    check(address.hosts.rest, address.credentials, address.permit)


@pytest.mark.requirement("R18")
def test_account_that_nobody_confirmed_is_not_opened() -> None:
    with pytest.raises(UnavailableError, match="nobody has confirmed the account"):
        venue_address(a_config(), Environment.PRODUCTION, variables())


@pytest.mark.requirement("P02")
def test_key_that_changed_after_the_confirmation_is_not_used() -> None:
    env = variables(production="another-key")
    with pytest.raises(UnavailableError, match="confirmed was"):
        venue_address(a_config(), Environment.PRODUCTION, env, a_confirmation())


def test_questions_need_no_confirmation_and_reach_no_further() -> None:
    address = looking_address(a_config(), Environment.PRODUCTION, variables())
    assert address.permit is not None
    assert address.permit.reach is Reach.INSPECT


@pytest.mark.requirement("K6")
def test_kill_goes_where_was_traded_before_without_asking_and_reaches_no_further() -> None:
    last = a_confirmation().confirmation
    address = killing_address(a_config(), Environment.PRODUCTION, variables(), last)
    assert address.permit is not None
    assert address.permit.reach is Reach.REDUCE
    with pytest.raises(UnavailableError, match="was ever traded from here"):
        killing_address(a_config(), Environment.PRODUCTION, variables(), None)
    assert killing_address(a_config(), Environment.TESTNET, variables(), None).permit is None


# --- every combination -----------------------------------------------------------------------

_LOOPBACK: Final = {"rest": "http://127.0.0.1:8080", "ws_private": "ws://127.0.0.1:8080/private"}
_HOSTS: Final[tuple[Mapping[str, str], ...]] = (
    {},
    _LOOPBACK,
    {"rest": "https://fapi.binance.com"},
    {"rest": "https://demo-fapi.binance.com"},
    {"ws_private": "wss://fstream.binance.com/private"},
)
_BINDINGS: Final = (
    _PRODUCTION,
    replace(_PRODUCTION, rest="https://demo-fapi.binance.com"),
    replace(_PRODUCTION, rest="https://fapi.binance.com.evil.example"),
    replace(_PRODUCTION, fingerprint=fingerprint("play-key")),
    replace(_PRODUCTION, fingerprint=""),
)
_TYPED: Final = (None, "", "sRfW", "yes", "production")


def openings() -> Iterator[tuple[bool, Address]]:
    """Whether the whole tuple was confirmed, and what was opened, of all that could be opened."""
    keys = (variables(), variables(production="play-key"), variables(testnet="real-key"))
    for environment, hosts, binding, typed, env, enabled, configured in itertools.product(
        _WITH_ACCOUNT, _HOSTS, _BINDINGS, _TYPED, keys, (True, False), Environment
    ):
        sections = {"hosts": hosts, "environment": configured, "trading": {"enabled": enabled}}
        try:
            config = Config.model_validate(sections)
            confirmed = None if typed is None else confirm(binding, typed, actor="ann", time_ms=1)
            opened = venue_address(config, environment, env, confirmed)
            check(opened.hosts.rest, opened.credentials, opened.permit)
        except (ConfigError, UnavailableError, ValueError):
            continue
        is_whole = typed == "sRfW" and (
            binding.rest == opened.hosts.rest
            and binding.fingerprint == fingerprint(opened.credentials.api_key)
        )
        yield is_whole, opened


@pytest.mark.requirement("R18")
@pytest.mark.requirement("P02")
def test_no_combination_reaches_real_money_without_the_confirmed_tuple() -> None:
    found = list(openings())
    real = [(is_whole, each) for is_whole, each in found if is_real_money(each.hosts.rest)]
    assert {is_whole for is_whole, _ in real} == {True}
    assert {each.environment for _, each in real} == {Environment.PRODUCTION}
    play = [each for _, each in found if not is_real_money(each.hosts.rest)]
    assert {each.environment for each in play} == {Environment.TESTNET}
