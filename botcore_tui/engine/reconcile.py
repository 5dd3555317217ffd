"""Asks the venue for the whole account, so that positions and trades belong to one moment."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from botcore_tui.engine.unheard import is_of_contract, is_refused
from botcore_tui.errors import FetchError, why_unanswered
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.model.account import (
    AccountPicture,
    BalanceReport,
    LeverageChange,
    PositionReport,
    SymbolAccount,
)
from botcore_tui.model.order import AlgoReport, Fill, OrderReport

logger = logging.getLogger(__name__)

_MOST_ROUNDS: Final = 5
_BALANCE_SECONDS: Final = 5.0
_SETTINGS_SECONDS: Final = 5.0
"""Positions without a stop wait for the picture; only new risk needs money, leverages and mode."""
_BOOK_SECONDS: Final = 3.0
_FEW: Final = 20
"""Of more symbols the venue lists the whole account for less."""


async def account_picture(  # noqa: PLR0913 - keyword only, each of its own kind
    account: VenueAccount,
    *,
    reason: str,
    followed: tuple[str, ...],
    listed: tuple[str, ...],
    known_trades: Mapping[str, int],
    with_settings: bool,
    oldest_trades: Mapping[str, int] = MappingProxyType({}),
) -> AccountPicture:
    """Everything that a reconciliation needs to know; one question after the other.

    Positions first, then the trades since those known: where none came, the positions are the sum
    of all trades up to the last one; else both are asked again.

    Args:
        account: Whom to ask.
        reason: See ``AccountPicture``.
        followed: Symbols that belong to it in any case.
        listed: Symbols whose open orders are listed; empty: the whole account.
        known_trades: Of a symbol the trade up to which all are known; absent: none is.
        with_settings: Also leverages and position mode; else the picture has neither.
        oldest_trades: Of a symbol of which no trade is known to be the last of an unbroken row: the
            oldest known one.

    Raises:
        FetchError: A question other than those of balance and settings had no answer, or trades
            kept coming.
    """
    asked_ms = account.now_ms()
    symbols = await _consistent(followed, _Trades(account, known_trades, oldest_trades))
    algo_orders, orders, listed = await _listings(account, listed)
    balance = await _balance(account)
    settings = await _settings(account) if with_settings else ((), True, True)
    leverages, is_one_way, is_single_asset = settings or ((), True, True)
    return AccountPicture(
        reason=reason,
        asked_ms=asked_ms,
        time_ms=account.now_ms(),
        symbols=symbols,
        balance=balance,
        orders=tuple(orders),
        algo_orders=tuple(algo_orders),
        listed=listed,
        leverages=leverages,
        is_one_way=is_one_way,
        is_single_asset=is_single_asset,
        lacks_settings=settings is None,
    )


async def account_sighting(
    account: VenueAccount, *, reason: str, is_whole: bool = False
) -> AccountPicture | None:
    """What is held, and what is open there: what a stop needs, if the rest is long in coming.

    Without its conditional orders no position is told of: it may have its stop already.

    Args:
        account: Whom to ask.
        reason: See ``AccountPicture``.
        is_whole: List what is open in the whole account, held or not.

    Returns:
        None if nothing is held, and the whole account was not asked for.

    Raises:
        FetchError: Positions or conditional orders had no answer.
    """
    asked_ms = account.now_ms()
    held = {one.symbol: one for one in _net(await account.positions()).values() if one.quantity}
    if not (held or is_whole):
        return None
    listed = () if is_whole or len(held) > _FEW else tuple(held)
    algo_orders: list[AlgoReport] = []
    try:
        for symbol in listed or ("",):
            algo_orders += await account.open_algo_orders(symbol)
    except FetchError as error:
        if not (listed and is_of_contract(error)):
            raise
        listed, algo_orders = (), await account.open_algo_orders("")
    return AccountPicture(
        reason=reason,
        asked_ms=asked_ms,
        time_ms=account.now_ms(),
        symbols=tuple(
            SymbolAccount(position=position, last_trade_id=0, fills=())
            for position in held.values()
        ),
        balance=None,
        orders=await _book(account, listed),
        algo_orders=tuple(algo_orders),
        listed=listed,
        is_sighting=True,
    )


async def _book(account: VenueAccount, listed: tuple[str, ...]) -> tuple[OrderReport, ...] | None:
    """Open orders of the book; None if they are not told within seconds: no stop is among them."""
    orders: list[OrderReport] = []
    try:
        async with asyncio.timeout(_BOOK_SECONDS):
            for symbol in listed or ("",):
                orders += await account.open_orders(symbol)
    except (FetchError, TimeoutError) as error:
        why = why_unanswered(error, _BOOK_SECONDS)
        logger.warning("open orders did not come, positions and their stops did: %s", why)
        return None
    return tuple(orders)


async def _listings(
    account: VenueAccount, symbols: tuple[str, ...]
) -> tuple[list[AlgoReport], list[OrderReport], tuple[str, ...]]:
    """Open orders of both services, and which contracts they cover; none: the whole account.

    A contract that is refused by itself is not covered: nothing is known of it, or it only pauses.
    """
    algo_orders: list[AlgoReport] = []
    orders: list[OrderReport] = []
    told: list[str] = []
    # Both services of one symbol right after each other: a conditional order that is triggered in
    # between leaves one list and enters the other; waiting ones are asked first, so that it is
    # seen twice rather than never.
    for symbol in symbols:
        try:
            algo_orders += await account.open_algo_orders(symbol)
            orders += await account.open_orders(symbol)
        except FetchError as error:
            if not is_of_contract(error):
                raise
        else:
            told.append(symbol)
    if told:
        return algo_orders, orders, tuple(told)
    return await account.open_algo_orders(""), await account.open_orders(""), ()


async def _settings(
    account: VenueAccount,
) -> tuple[tuple[LeverageChange, ...], bool, bool] | None:
    try:
        async with asyncio.timeout(_SETTINGS_SECONDS):
            leverages = tuple(await account.leverages())
            return leverages, await account.is_one_way(), await account.is_single_asset()
    except (FetchError, TimeoutError) as error:
        why = why_unanswered(error, _SETTINGS_SECONDS)
        logger.warning("leverages and mode did not come, positions and orders did: %s", why)
        return None


async def _balance(account: VenueAccount) -> BalanceReport | None:
    try:
        async with asyncio.timeout(_BALANCE_SECONDS):
            return await account.balance()
    except (FetchError, TimeoutError) as error:
        why = why_unanswered(error, _BALANCE_SECONDS)
        logger.warning("the balance did not come, positions and orders did: %s", why)
        return None


async def _consistent(followed: tuple[str, ...], trades: "_Trades") -> tuple[SymbolAccount, ...]:
    symbols = dict.fromkeys(followed)
    for _ in range(_MOST_ROUNDS):
        positions = _net(await trades.account.positions())
        symbols |= dict.fromkeys(positions)
        if not await trades.fetch_new(symbols):
            return tuple(trades.account_of(symbol, positions.get(symbol)) for symbol in symbols)
    raise FetchError(f"trades kept coming in while the positions were read {_MOST_ROUNDS} times")


def _net(listed: Iterable[PositionReport]) -> dict[str, PositionReport]:
    """By contract. In hedge mode, which is refused, it may have two: what is at risk is the net."""
    net: dict[str, PositionReport] = {}
    for one in listed:
        other = net.get(one.symbol)
        net[one.symbol] = one if other is None else _joined(one, other)
    return net


def _joined(one: PositionReport, other: PositionReport) -> PositionReport:
    larger = max(one, other, key=lambda each: abs(each.quantity))
    return replace(
        larger,
        quantity=one.quantity + other.quantity,
        liquidation_price=None,
        time_ms=max(one.time_ms, other.time_ms),
    )


class _Trades:
    def __init__(
        self, account: VenueAccount, known: Mapping[str, int], oldest: Mapping[str, int]
    ) -> None:
        self.account = account
        self._last = dict(known)
        self._oldest = oldest
        self._fills: dict[str, list[Fill]] = {}
        self._untold: dict[str, str] = {}

    async def fetch_new(self, symbols: Iterable[str]) -> bool:
        """Ask for what came since; whether there was any."""
        came = False
        for symbol in symbols:
            last = self._last.get(symbol, 0)
            fills = await self._after(symbol, last)
            new = [fill for fill in fills if fill.trade_id > last]
            if new:
                came = True
                self._fills.setdefault(symbol, []).extend(new)
                self._last[symbol] = max(fill.trade_id for fill in new)
        return came

    async def _after(self, symbol: str, last: int) -> list[Fill]:
        fills = await self._from(symbol, last + 1 if last else 0)
        oldest = self._oldest.get(symbol, 0)
        if last or not oldest or any(fill.trade_id <= oldest for fill in fills):
            return fills
        # The newest are those of a week at most: what is missing may be of a longer absence.
        return await self._from(symbol, oldest)

    async def _from(self, symbol: str, trade_id: int) -> list[Fill]:
        """Those from a number on; the newest, where the venue reaches back that far no longer."""
        try:
            return await self.account.trades(symbol, from_id=trade_id)
        except FetchError as error:
            if not is_refused(error):
                raise
            if trade_id and not is_of_contract(error):
                # It keeps three months of them: an account that rested longer must begin all the
                # same.
                logger.warning("trades of %s from %d on are not told: %s", symbol, trade_id, error)
                return await self._from(symbol, 0)
            self._untold[symbol] = str(error)  # others need their picture
            return []

    def account_of(self, symbol: str, position: PositionReport | None) -> SymbolAccount:
        fills = tuple(self._fills.get(symbol, ()))
        if position is None:
            changed_ms = fills[-1].time_ms if fills else 0
            zero = Decimal(0)
            position = PositionReport(
                symbol=symbol, quantity=zero, entry_price=zero, time_ms=changed_ms
            )
        return SymbolAccount(
            position=position,
            last_trade_id=self._last.get(symbol, 0),
            fills=fills,
            untold=self._untold.get(symbol, ""),
        )
