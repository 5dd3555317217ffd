"""Accounts that this program may open: where they are, whose key opens them, and how far."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from botcore_tui.cli.credentials import credentials_of
from botcore_tui.config import Config, Endpoints, Environment, endpoints, is_real_money
from botcore_tui.core.phase import Phase
from botcore_tui.errors import UnavailableError
from botcore_tui.exchange.binance.keys import Credentials, fingerprint, load_credentials
from botcore_tui.exchange.binance.permit import (
    Confirmation,
    Confirmed,
    Permit,
    inspection,
    reduction,
)
from botcore_tui.exchange.sim.ready import Ready
from botcore_tui.model.account import Binding


class Address(Struct, frozen=True, kw_only=True):
    """An account: where it is, and under which name the ledger keeps it."""

    account: str
    """``<environment>:<key or exchange>``."""
    environment: Environment
    hosts: Endpoints
    symbols: tuple[str, ...]
    credentials: Credentials
    permit: Permit | None = None
    """To use that key there; None where money is play money."""
    binding: Binding
    """What the session is to be connected to; the account's name is in it where somebody confirmed
    that, else it is empty."""


def demo_address(ready: Ready) -> Address:
    """The account of an embedded exchange."""
    credentials = load_credentials(ready.api_key, ready.api_secret)
    hosts = Endpoints(ready.rest, ready.ws_public, ready.ws_market, ready.ws_private)
    return Address(
        account=f"{Environment.DEMO}:{ready.instance}",
        environment=Environment.DEMO,
        hosts=hosts,
        symbols=ready.symbols,
        credentials=credentials,
        binding=_unconfirmed(Environment.DEMO, hosts, credentials),
    )


def venue_address(
    config: Config,
    environment: Environment,
    env: Mapping[str, str],
    confirmed: Confirmed | None = None,
) -> Address:
    """The account that the key in the environment variables opens, to trade there.

    Args:
        config: Checked.
        environment: With an account at the venue.
        env: Environment variables.
        confirmed: By a person, in this session; needed where money is real.

    Raises:
        ConfigError: There is no key.
        UnavailableError: Money is real, and nobody has confirmed just this account.
    """

    def trading(hosts: Endpoints, credentials: Credentials) -> Permit:
        if confirmed is None:
            raise UnavailableError(
                f"{hosts.rest} is real money, and nobody has confirmed the account: start with"
                " --production and type the end of its name"
            )
        return confirmed.permit(credentials)

    binding = None if confirmed is None else confirmed.confirmation.binding
    return _address(config, environment, env, trading, binding)


def looking_address(config: Config, environment: Environment, env: Mapping[str, str]) -> Address:
    """The same account, to ask questions only.

    Raises:
        ConfigError: There is no key.
    """

    def looking(hosts: Endpoints, credentials: Credentials) -> Permit:
        assert hosts.ws_private is not None
        return inspection(hosts.rest, hosts.ws_private, credentials, rights=hosts.rights)

    return _address(config, environment, env, looking)


def killing_address(
    config: Config,
    environment: Environment,
    env: Mapping[str, str],
    confirmation: Confirmation | None,
) -> Address:
    """The same account, to cancel and to close there; asks nobody.

    Args:
        config: Checked.
        environment: With an account at the venue.
        env: Environment variables.
        confirmation: The last one of this installation.

    Raises:
        ConfigError: There is no key.
        UnavailableError: Money is real, and this account was never traded from here.
    """

    def killing(hosts: Endpoints, credentials: Credentials) -> Permit:
        if confirmation is None:
            raise UnavailableError(
                f"no account at {hosts.rest} was ever traded from here: nothing of ours is there"
            )
        return reduction(confirmation, credentials)

    return _address(config, environment, env, killing)


def _address(
    config: Config,
    environment: Environment,
    env: Mapping[str, str],
    leave: Callable[[Endpoints, Credentials], Permit],
    binding: Binding | None = None,
) -> Address:
    hosts = endpoints(environment, config.hosts)
    assert hosts is not None  # there is a venue
    credentials = credentials_of(environment, env)
    return Address(
        account=f"{environment}:{fingerprint(credentials.api_key)}",
        environment=environment,
        hosts=hosts,
        symbols=config.symbols,
        credentials=credentials,
        permit=leave(hosts, credentials) if is_real_money(hosts.rest) else None,
        binding=binding or _unconfirmed(environment, hosts, credentials),
    )


def _unconfirmed(environment: Environment, hosts: Endpoints, credentials: Credentials) -> Binding:
    return Binding(
        environment=str(environment),
        rest=hosts.rest,
        ws_private=hosts.ws_private or "",
        fingerprint=fingerprint(credentials.api_key),
        account_id="",
        phase=str(Phase.TESTNET),
    )
