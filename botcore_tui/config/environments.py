"""Environments, and the one table from which every address and credential name is derived.

A flag and four addresses that can disagree have sent orders meant for a test to real markets;
here one value decides them all, and nothing redirects the one that costs money.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final
from urllib.parse import urlsplit

from msgspec import Struct
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from botcore_tui.config.section import Allowed, Section
from botcore_tui.errors import ConfigError

_LOOPBACK: Final = re.compile(
    r"(?P<scheme>https?|wss?)://(127\.0\.0\.1|localhost|\[::1\])"
    r"(:(?P<port>[0-9]{1,5}))?(/[A-Za-z0-9._~-]+)*/?"
)
_HIGHEST_PORT: Final = 65_535


class Environment(StrEnum):
    """Where market data comes from and where orders would go."""

    DEMO = "demo"
    REPLAY = "replay"
    PAPER = "paper"
    TESTNET = "testnet"
    PRODUCTION = "production"

    @property
    def is_real_money(self) -> bool:
        """Whether an order could cost money."""
        return self is Environment.PRODUCTION


class Endpoints(Struct, frozen=True):
    """Base addresses of one environment; none ends in a slash."""

    rest: str
    ws_public: str
    """Book tickers and depth."""
    ws_market: str
    """Trades, mark prices, klines."""
    ws_private: str | None
    """The account's own stream; None where there is no account."""
    rights: str | None = None
    """Where the venue tells what a key may do; None where it does not."""


class CredentialVariables(Struct, frozen=True):
    """Names of the environment variables that hold a venue's key; the only place secrets live.

    Each has a twin with ``_FILE`` at its end that names a file with the value instead.
    """

    api_key: str
    api_secret: str

    @property
    def api_key_file(self) -> str:
        """Variable that names the file with the key."""
        return f"{self.api_key}_FILE"

    @property
    def api_secret_file(self) -> str:
        """Variable that names the file with the secret."""
        return f"{self.api_secret}_FILE"


def _url(text: str, *schemes: str) -> str:
    if not text:
        return text
    match = _LOOPBACK.fullmatch(text)
    if match is None or match["scheme"] not in schemes:
        raise ValueError("not such an address")
    if match["port"] and not 1 <= int(match["port"]) <= _HIGHEST_PORT:
        raise PydanticCustomError("reason", "a port is a number from 1 to 65535")
    return text.removesuffix("/")


_Http = Annotated[
    str,
    AfterValidator(lambda text: _url(text, "http", "https")),
    Allowed(
        "http:// or https:// and 127.0.0.1, localhost or [::1], with port and path as needed;"
        " empty for the environment's own"
    ),
]
_WebSocket = Annotated[
    str,
    AfterValidator(lambda text: _url(text, "ws", "wss")),
    Allowed(
        "ws:// or wss:// and 127.0.0.1, localhost or [::1], with port and path as needed;"
        " empty for the environment's own"
    ),
]


class Hosts(Section):
    """Other addresses on this machine instead of the venue's, to test against.

    Only paper and testnet take them; each must stay empty elsewhere.
    """

    rest: _Http = Field(default="", description="Base address of REST requests.")
    ws_public: _WebSocket = Field(default="", description="Base address of book tickers and depth.")
    ws_market: _WebSocket = Field(
        default="", description="Base address of trades, mark prices and day tickers."
    )
    ws_private: _WebSocket = Field(
        default="", description="Base address of the account's own stream; not for paper."
    )


class _Venue(Struct, frozen=True):
    rest: str
    stream: str
    has_account: bool = True
    takes_hosts: bool = True
    rights: str | None = None


_PRODUCTION: Final = _Venue(
    "https://fapi.binance.com",
    "wss://fstream.binance.com",
    takes_hosts=False,
    # Binance wallet API, "Get API Key Permission": only the spot host tells.
    rights="https://api.binance.com",
)
# Binance USD-M general info: "testnet" REST is demo-fapi; its streams stayed at binancefuture.com.
_TESTNET: Final = _Venue("https://demo-fapi.binance.com", "wss://fstream.binancefuture.com")
# Paper reads the real market and has no account: no key is looked up, no order leaves.
_PAPER: Final = _Venue(_PRODUCTION.rest, _PRODUCTION.stream, has_account=False)

_VENUES: Final[Mapping[Environment, _Venue | None]] = MappingProxyType(
    {
        Environment.DEMO: None,
        Environment.REPLAY: None,
        Environment.PAPER: _PAPER,
        Environment.TESTNET: _TESTNET,
        Environment.PRODUCTION: _PRODUCTION,
    }
)


def credential_variables(environment: Environment) -> CredentialVariables | None:
    """Variables that hold the key of ``environment``; None where no key is ever used."""
    venue = _VENUES[environment]
    if venue is None or not venue.has_account:
        return None
    prefix = f"BOTCORE_{environment.upper()}_API"
    return CredentialVariables(f"{prefix}_KEY", f"{prefix}_SECRET")


def refused_hosts(environment: Environment, hosts: Hosts) -> Mapping[str, str]:
    """Names in ``[hosts]`` that ``environment`` does not take, each with the reason."""
    venue = _VENUES[environment]
    refused: dict[str, str] = {}
    for name in Hosts.model_fields:
        if not getattr(hosts, name):
            continue
        if environment is Environment.DEMO:
            refused[name] = "without effect: demo has an exchange of its own; remove it"
        elif venue is None:
            refused[name] = f"without effect: {environment} never connects to the venue; remove it"
        elif not venue.takes_hosts:
            refused[name] = f"{environment} connects to the venue's own addresses only; remove it"
        elif name == "ws_private" and not venue.has_account:
            refused[name] = f"without effect: {environment} has no account; remove it"
    return refused


def endpoints(environment: Environment, hosts: Hosts | None = None) -> Endpoints | None:
    """Addresses to use; None for replay, and for demo, whose exchange takes free ones at start.

    Args:
        environment: Decides every address.
        hosts: Loopback addresses that stand in for the environment's own, where not empty.

    Raises:
        ConfigError: ``environment`` does not take one of ``hosts``.

    Source: Binance USD-M, general info and the WebSocket change notice of 2026-03-06, which split
    the streams into /public, /market and /private.
    """
    hosts = hosts or Hosts()
    refused = refused_hosts(environment, hosts)
    if refused:
        raise ConfigError([f"hosts.{name}: {reason}" for name, reason in refused.items()])
    venue = _VENUES[environment]
    if venue is None:
        return None
    return Endpoints(
        rest=hosts.rest or venue.rest,
        ws_public=hosts.ws_public or f"{venue.stream}/public",
        ws_market=hosts.ws_market or f"{venue.stream}/market",
        ws_private=(hosts.ws_private or f"{venue.stream}/private") if venue.has_account else None,
        rights=venue.rights,
    )


def is_real_money(url: str) -> bool:
    """Whether a signed request to an address could move real money.

    What is not known to be play money is taken for real.
    """
    parts = urlsplit(url)
    if _LOOPBACK.fullmatch(url) is not None:
        return False
    return f"{parts.scheme}://{parts.netloc}" not in {_TESTNET.rest, _TESTNET.stream}
