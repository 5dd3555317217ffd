"""One environment decides every address and every credential name."""

import itertools

import pytest

from botcore_tui.config import (
    CredentialVariables,
    Endpoints,
    Environment,
    Hosts,
    credential_variables,
    endpoints,
    is_real_money,
)
from botcore_tui.config.environments import refused_hosts
from botcore_tui.errors import ConfigError

_LOCAL = Hosts(
    rest="http://127.0.0.1:8080",
    ws_public="ws://localhost:8080/public/",
    ws_market="ws://[::1]:8080/market",
)


def test_production_uses_the_documented_addresses() -> None:
    assert endpoints(Environment.PRODUCTION) == Endpoints(
        rest="https://fapi.binance.com",
        ws_public="wss://fstream.binance.com/public",
        ws_market="wss://fstream.binance.com/market",
        ws_private="wss://fstream.binance.com/private",
        rights="https://api.binance.com",
    )


def test_testnet_uses_the_documented_addresses() -> None:
    assert endpoints(Environment.TESTNET) == Endpoints(
        rest="https://demo-fapi.binance.com",
        ws_public="wss://fstream.binancefuture.com/public",
        ws_market="wss://fstream.binancefuture.com/market",
        ws_private="wss://fstream.binancefuture.com/private",
    )


def test_paper_reads_the_public_addresses_of_production_and_has_no_account() -> None:
    paper, production = endpoints(Environment.PAPER), endpoints(Environment.PRODUCTION)
    assert paper is not None
    assert production is not None
    assert (paper.rest, paper.ws_public, paper.ws_market) == (
        production.rest,
        production.ws_public,
        production.ws_market,
    )
    assert paper.ws_private is None
    assert credential_variables(Environment.PAPER) is None


@pytest.mark.parametrize("environment", [Environment.DEMO, Environment.REPLAY])
def test_demo_and_replay_have_no_fixed_address_and_no_credentials(environment: Environment) -> None:
    assert endpoints(environment) is None
    assert credential_variables(environment) is None


@pytest.mark.requirement("R16")
def test_credentials_of_two_environments_never_share_a_name() -> None:
    assert credential_variables(Environment.TESTNET) == CredentialVariables(
        "BOTCORE_TESTNET_API_KEY", "BOTCORE_TESTNET_API_SECRET"
    )
    assert credential_variables(Environment.PRODUCTION) == CredentialVariables(
        "BOTCORE_PRODUCTION_API_KEY", "BOTCORE_PRODUCTION_API_SECRET"
    )


@pytest.mark.requirement("R18")
def test_only_production_is_real_money() -> None:
    assert [item for item in Environment if item.is_real_money] == [Environment.PRODUCTION]


@pytest.mark.requirement("R18")
def test_no_address_but_papers_public_ones_is_shared_with_production() -> None:
    production = endpoints(Environment.PRODUCTION)
    testnet = endpoints(Environment.TESTNET)
    assert production is not None
    assert testnet is not None
    pairs = itertools.product(
        (production.rest, production.ws_public, production.ws_market, production.ws_private),
        (testnet.rest, testnet.ws_public, testnet.ws_market, testnet.ws_private),
    )
    assert all(one != other for one, other in pairs)


def test_testnet_takes_addresses_of_this_machine() -> None:
    assert endpoints(Environment.TESTNET, _LOCAL) == Endpoints(
        rest="http://127.0.0.1:8080",
        ws_public="ws://localhost:8080/public",
        ws_market="ws://[::1]:8080/market",
        ws_private="wss://fstream.binancefuture.com/private",
    )


def test_a_host_left_empty_keeps_the_environments_own() -> None:
    used = endpoints(Environment.PAPER, Hosts(rest="http://localhost:1"))
    assert used is not None
    assert used.rest == "http://localhost:1"
    assert used.ws_market == "wss://fstream.binance.com/market"


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(
    "environment", [Environment.PRODUCTION, Environment.DEMO, Environment.REPLAY]
)
def test_hosts_are_refused_where_they_redirect_money_or_do_nothing(
    environment: Environment,
) -> None:
    with pytest.raises(ConfigError) as caught:
        endpoints(environment, _LOCAL)
    assert len(caught.value.problems) == 3
    assert all(str(environment) in problem for problem in caught.value.problems)


@pytest.mark.requirement("R20")
@pytest.mark.parametrize(
    "url",
    [
        "http://fapi.binance.com",
        "http://127.0.0.1@evil.example",
        "http://127.0.0.1:80@evil.example/",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1\\@evil.example",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        "http://127.0.0.1:",
        "http://127.0.0.2",
        "http://0.0.0.0:80",
        "http://127.0.0.1/?redirect=evil.example",
        "http://127.0.0.1/#fragment",
        "http://127.0.0.1/\n",
        "http://127.0.0.1\n",
        "ftp://127.0.0.1",
        "ws://127.0.0.1",
        "127.0.0.1:80",
        "//127.0.0.1",
        " http://127.0.0.1",
    ],
)
def test_an_address_that_is_not_plainly_this_machine_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="rest"):
        Hosts(rest=url)


def test_a_stream_address_needs_a_stream_scheme() -> None:
    with pytest.raises(ValueError, match="ws_public"):
        Hosts(ws_public="http://127.0.0.1")


def test_the_accounts_stream_can_be_one_on_this_machine_where_there_is_an_account() -> None:
    hosts = Hosts(ws_private="ws://127.0.0.1:7/private/")
    found = endpoints(Environment.TESTNET, hosts)
    assert found is not None
    assert found.ws_private == "ws://127.0.0.1:7/private"
    assert refused_hosts(Environment.PAPER, hosts) == {
        "ws_private": "without effect: paper has no account; remove it"
    }


def test_each_credential_may_stand_in_a_file_that_a_variable_names() -> None:
    names = credential_variables(Environment.TESTNET)
    assert names is not None
    assert names.api_key_file == "BOTCORE_TESTNET_API_KEY_FILE"
    assert names.api_secret_file == "BOTCORE_TESTNET_API_SECRET_FILE"


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(
    ("url", "is_real"),
    [
        ("https://fapi.binance.com", True),
        ("wss://fstream.binance.com/private", True),
        ("https://api.binance.com", True),
        ("https://demo-fapi.binance.com", False),
        ("wss://fstream.binancefuture.com/private", False),
        ("http://127.0.0.1:8080", False),
        ("ws://[::1]:9/private", False),
        ("https://demo-fapi.binance.com.evil.example", True),
        ("https://127.0.0.1.evil.example", True),
        ("http://demo-fapi.binance.com", True),
        ("", True),
    ],
)
def test_what_is_not_known_to_be_play_money_counts_as_real(url: str, is_real: bool) -> None:
    assert is_real_money(url) is is_real
