"""The road to real money: look at the account, show what is at risk, have a person confirm it."""

import asyncio
import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from botcore_tui.cli.credentials import credentials_of
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment, endpoints
from botcore_tui.core.phase import PhaseRules
from botcore_tui.errors import ConfigError, FetchError, UnavailableError
from botcore_tui.exchange.binance.account import AccountSettings, BinanceAccount
from botcore_tui.exchange.binance.key_rights import ask_rights, doubtful_rights, refused_rights
from botcore_tui.exchange.binance.keys import Credentials, fingerprint
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.permit import (
    Confirmation,
    Confirmed,
    Permit,
    account_tail,
    confirm,
    inspection,
)
from botcore_tui.model.account import Binding, KeyRights
from botcore_tui.small_file import replace_content

_HUNDRED: Final = Decimal(100)
_SECONDS: Final = 30.0
"""Longest look at an account."""


class Inspected(Struct, frozen=True, kw_only=True):
    """An account as it was found; nothing was changed there."""

    binding: Binding
    equity: Decimal
    """Wallet and unrealized profit of all positions at mark, USDT."""
    positions: int
    orders: int
    """Open ones, conditional ones included."""
    rights: KeyRights | None
    """Of the key; None where the venue does not tell."""
    doubts: tuple[str, ...]
    """What is not as it should be, yet no reason to refuse."""

    @property
    def tail(self) -> str:
        """The end of the account's name, which confirms it."""
        return account_tail(self.binding.account_id)


def inspect(config: Config, env: Mapping[str, str], limiter: Limiter, phase: str) -> Inspected:
    """Look at the production account; blocks, and reads only.

    Args:
        config: Checked.
        env: Environment variables; the key is there.
        limiter: Of this process.
        phase: In force there.

    Raises:
        ConfigError: There is no key.
        UnavailableError: The venue did not answer, or the key must not be used.
    """
    hosts = endpoints(Environment.PRODUCTION, config.hosts)
    assert hosts is not None
    assert hosts.ws_private is not None
    credentials = credentials_of(Environment.PRODUCTION, env)
    permit = inspection(hosts.rest, hosts.ws_private, credentials, rights=hosts.rights)
    try:
        return asyncio.run(_inspected(permit, credentials, limiter, phase))
    except (FetchError, TimeoutError) as error:
        why = str(error) or f"no answer within {_SECONDS:g} s"
        raise UnavailableError(f"the production account cannot be looked at: {why}") from error


def lines(found: Inspected, rules: PhaseRules) -> list[str]:
    """What a person must see before typing.

    Args:
        found: The account.
        rules: Of the phase in force.
    """
    binding, equity = found.binding, found.equity
    day, peak = (equity * pct / _HUNDRED for pct in (rules.daily_loss_pct, rules.drawdown_pct))
    most = f"at most {rules.max_positions} positions, leverage {rules.max_leverage:f}"
    today = f"{day:.2f} USDT today ({rules.daily_loss_pct:f} %)"
    from_peak = f"{peak:.2f} USDT from the peak ({rules.drawdown_pct:f} %)"
    return [
        f"REAL MONEY: {equity:.2f} USDT are at risk",
        f"account ...{found.tail}, key {binding.fingerprint}, {binding.rest}",
        f"{found.positions} positions and {found.orders} orders are open there",
        f"phase {binding.phase}: {most}",
        f"halts after losing {today} or {from_peak}",
        *(f"NOTE: {doubt}" for doubt in found.doubts),
    ]


def confirmed(found: Inspected, typed: str, actor: str) -> Confirmed:
    """Take a person's word for what was found.

    Raises:
        UnavailableError: Something else was typed.
    """
    return confirm(found.binding, typed, actor=actor, time_ms=SystemClock().now_ms())


class Confirmations:
    """Keeps the last confirmation, so that ``botcore halt`` knows where money is without asking.

    It opens nothing for trading: a session needs one of its own.

    Args:
        state_dir: Of this installation.
    """

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / "confirmed-production.json"

    def keep(self, confirmation: Confirmation) -> None:
        """Write it.

        Raises:
            UnavailableError: It cannot be written: then nothing may be sent either.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_content(self.path, msgspec.json.encode(confirmation) + b"\n")
        except OSError as error:
            raise UnavailableError(
                f"{self.path} cannot be written ({error.strerror}): without it a halt from"
                " another program would not find the account"
            ) from error

    def last(self) -> Confirmation | None:
        """The last one; None if there never was one.

        Raises:
            ConfigError: It is damaged.
        """
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Confirmation)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise ConfigError([f"{self.path} cannot be read: {error}"]) from error


async def _inspected(
    permit: Permit, credentials: Credentials, limiter: Limiter, phase: str
) -> Inspected:
    async with asyncio.timeout(_SECONDS):
        return await _found(permit, credentials, limiter, phase)


async def _found(
    permit: Permit, credentials: Credentials, limiter: Limiter, phase: str
) -> Inspected:
    clock, rng = SystemClock(), random.Random()  # noqa: S311 - jitter
    settings = AccountSettings(rest=permit.rest, ws_private=permit.ws_private)
    account = BinanceAccount(
        settings, credentials, clock=clock, rng=rng, limiter=limiter, permit=permit
    )
    try:
        rights = await ask_rights(permit, credentials, clock=clock, rng=rng, limiter=limiter)
        if rights is not None and (refusal := refused_rights(rights)):
            raise UnavailableError(refusal)
        balance = await account.balance()
        positions = await account.positions()
        orders = await account.open_orders("")
        algo_orders = await account.open_algo_orders("")
        account_id = await account.account_id()
    finally:
        await account.close()
    unrealized = sum(
        (
            (each.mark - each.entry_price) * each.quantity
            for each in positions
            if each.mark is not None
        ),
        Decimal(0),
    )
    return Inspected(
        binding=Binding(
            environment=str(Environment.PRODUCTION),
            rest=permit.rest,
            ws_private=permit.ws_private,
            fingerprint=fingerprint(credentials.api_key),
            account_id=account_id,
            phase=phase,
        ),
        equity=balance.wallet + unrealized,
        positions=len(positions),
        orders=len(orders) + len(algo_orders),
        rights=rights,
        doubts=() if rights is None else doubtful_rights(rights),
    )
