"""The account at Binance USD-M: orders, questions, and what its user stream tells."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from functools import partial
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.exchange.base import Leaving, Sink, freely
from botcore_tui.exchange.binance.account_replies import (
    check_done,
    decode_account_id,
    decode_algo,
    decode_algos,
    decode_balance,
    decode_income,
    decode_is_one_way,
    decode_is_single_asset,
    decode_kept_key,
    decode_leverages,
    decode_listen_key,
    decode_order,
    decode_orders,
    decode_positions,
    decode_rules,
    decode_trades,
)
from botcore_tui.exchange.binance.allowance import Lane
from botcore_tui.exchange.binance.clock_watch import watch_clock
from botcore_tui.exchange.binance.confined import Parameters
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.listen_keys import ListenKeyGoneError
from botcore_tui.exchange.binance.order_requests import asking, cancelling, placing
from botcore_tui.exchange.binance.outcomes import LISTEN_KEY_GONE
from botcore_tui.exchange.binance.permit import Permit
from botcore_tui.exchange.binance.replies import decode_quotas
from botcore_tui.exchange.binance.rest import RestError
from botcore_tui.exchange.binance.set_replies import check_countdown, decode_leverage
from botcore_tui.exchange.binance.signed_rest import SignedRest
from botcore_tui.exchange.binance.user_stream import UserStream, UserStreamSettings
from botcore_tui.model.account import (
    MOST_INCOME_ROWS,
    BalanceReport,
    Income,
    IncomeKind,
    LeverageChange,
    PositionReport,
)
from botcore_tui.model.event import Cancel, Event, Query
from botcore_tui.model.instrument import SETTLEMENT_ASSET, ContractRules
from botcore_tui.model.order import (
    AlgoReport,
    Fill,
    OrderReport,
    OrderRequest,
    OrderSent,
    Source,
)
from botcore_tui.model.snapshot import FeedState

logger = logging.getLogger(__name__)

_PAGE: Final = 1_000
"""Most rows that the venue gives at once of trades."""
_BOOKED: Final = tuple(kind.value for kind in IncomeKind if kind is not IncomeKind.OTHER)


class AccountSettings(Struct, frozen=True, kw_only=True):
    """Where an account is, and how patiently it is asked."""

    rest: str
    """Scheme and host."""
    ws_private: str
    """Of the user stream, such as ``wss://fstream.binance.com/private``."""
    symbols: tuple[str, ...] = ()
    """Followed."""
    asset: str = SETTLEMENT_ASSET
    """In which it settles."""
    recv_window_ms: int = 5_000
    """How long after its timestamp the venue takes a request."""
    timeout_seconds: float = 10.0
    """Longest wait for one reply."""
    is_for_kill: bool = False
    """Whether all that it asks and sends has the kill switch's reserve (K9)."""
    user_stream: UserStreamSettings = UserStreamSettings()


class BinanceAccount:
    """Implements ``VenueAccount``; see there.

    Args:
        settings: Where it is.
        credentials: Sign its requests.
        clock: All time goes through it.
        rng: Jitter of pauses.
        limiter: Of this process; every request waits for its turn there.
        permit: Needed where the key could move real money.

    Raises:
        UnavailableError: It could, and nobody has confirmed that.
    """

    def __init__(
        self,
        settings: AccountSettings,
        credentials: Credentials,
        *,
        clock: Clock,
        rng: random.Random,
        limiter: Limiter,
        permit: Permit | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._sink: Sink | None = None
        self._gate = limiter.gate(settings.rest)
        self._rest = SignedRest(
            settings.rest,
            credentials,
            gate=self._gate,
            clock=clock,
            rng=rng,
            recv_window_ms=settings.recv_window_ms,
            timeout_seconds=settings.timeout_seconds,
            asking=Lane.KILL if settings.is_for_kill else Lane.ACCOUNT,
            permit=permit,
        )
        self._stream = UserStream(
            settings.ws_private,
            listen_keys=_ListenKeys(self._rest),
            settings=settings.user_stream,
            clock=clock,
            rng=rng,
            deliver=self._deliver,
        )

    async def run(self, sink: Sink) -> None:
        """Keep clock and user stream until cancelled."""
        self._sink = sink
        async with asyncio.TaskGroup() as group:
            group.create_task(self._rest.venue_clock.run())
            group.create_task(self._stream.run())
            group.create_task(watch_clock(self._rest.venue_clock, sink, self._clock))

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """The row of the user stream, for the screen; that of the requests is the gate's."""
        return self._stream.states(now_ns)

    def counters(self) -> tuple[int, int]:
        """Frames of the user stream that could not be decoded, and those of unknown types."""
        return self._stream.counters()

    def now_ms(self) -> int:
        """The venue's time, as far as it is known."""
        return self._rest.venue_clock.now_ms()

    async def place(
        self,
        request: OrderRequest,
        on_sent: Callable[[OrderSent], None],
    ) -> OrderReport | AlgoReport:
        """Send an order, once: its turn, its signature, ``on_sent``, the bytes.

        Raises:
            OrderError: No report; see its outcome.
        """
        name, parameters = placing(request)
        lane = Lane.REDUCING if request.purpose.is_reducing else Lane.ENTRY
        if self._settings.is_for_kill and lane is Lane.REDUCING:
            lane = Lane.KILL

        def leaving(timestamp_ms: int) -> None:
            expires_ms = timestamp_ms + self._settings.recv_window_ms
            on_sent(OrderSent(request.client_order_id, timestamp_ms, expires_ms))

        if request.is_algo:
            read_algo = partial(decode_algo, source=Source.REPLY)
            algo = await self._rest.order(lane, name, parameters, read_algo, leaving)
            self._stream.expect(request.client_order_id)
            return algo
        read = partial(decode_order, source=Source.REPLY)
        report = await self._rest.order(lane, name, parameters, read, leaving)
        self._stream.expect(request.client_order_id)
        return report

    async def cancel(self, cancel: Cancel, leaving: Leaving = freely) -> OrderReport | None:
        """Ask once to cancel an order; None of a conditional one.

        Raises:
            OrderError: Not confirmed; see its outcome.
        """
        name, parameters = cancelling(cancel)
        if cancel.is_algo:
            await self._rest.order(Lane.KILL, name, parameters, check_done, lambda _: leaving())
            return None
        read = partial(decode_order, source=Source.REPLY)
        return await self._rest.order(Lane.KILL, name, parameters, read, lambda _: leaving())

    async def cancel_all(self, symbol: str, leaving: Leaving = freely) -> None:
        """Ask once to cancel every order of the book in a symbol; conditional ones stay.

        Raises:
            OrderError: Not confirmed; see its outcome.
        """
        name, parameters = "DELETE allOpenOrders", _of(symbol)
        await self._rest.order(Lane.KILL, name, parameters, check_done, lambda _: leaving())

    async def cancel_all_algo(self, symbol: str) -> None:
        """Ask once to cancel every conditional order of a symbol, protective stops too.

        Raises:
            OrderError: Not confirmed; see its outcome.
        """
        await self._rest.order(Lane.KILL, "DELETE algoOpenOrders", _of(symbol), check_done)

    async def count_down(self, symbol: str, countdown_ms: int, leaving: Leaving = freely) -> None:
        """Have the venue cancel the orders of a symbol so much later, unless asked again; 0 stops.

        Not in the kill lane: its reserve is for what cancels now.

        Raises:
            OrderError: Not confirmed; see its outcome.
        """
        parameters: Parameters = {"symbol": symbol, "countdownTime": countdown_ms}
        read = partial(check_countdown, symbol=symbol, countdown_ms=countdown_ms)
        name = "POST countdownCancelAll"
        await self._rest.order(Lane.ACCOUNT, name, parameters, read, lambda _: leaving())

    async def set_leverage(
        self, symbol: str, leverage: int, leaving: Leaving = freely
    ) -> LeverageChange:
        """Set the leverage of a symbol, once; what the venue says that it is now.

        Raises:
            OrderError: Not confirmed; see its outcome.
        """
        parameters: Parameters = {"symbol": symbol, "leverage": leverage}
        read = partial(decode_leverage, symbol=symbol)
        name = "POST leverage"
        return await self._rest.order(Lane.ACCOUNT, name, parameters, read, lambda _: leaving())

    async def account_id(self) -> str:
        """The venue's own name of the account.

        Raises:
            RestError: No answer.
        """
        return await self._rest.ask("balance", {}, decode_account_id)

    async def order(self, query: Query) -> OrderReport | AlgoReport | None:
        """What the venue says of one order; None if it says that it has none.

        Raises:
            RestError: No answer.
        """
        name, parameters = asking(query)
        if query.is_algo:
            read_algo = partial(decode_algo, source=Source.QUERY)
            return await self._rest.ask_for_order(name, parameters, read_algo)
        read = partial(decode_order, source=Source.QUERY)
        return await self._rest.ask_for_order(name, parameters, read)

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        """Orders of the book that have not ended; of the whole account if ``symbol`` is empty."""
        return await self._rest.ask("openOrders", _of(symbol), decode_orders)

    async def open_algo_orders(self, symbol: str) -> list[AlgoReport]:
        """Conditional orders that wait; of the whole account if ``symbol`` is empty."""
        return await self._rest.ask("openAlgoOrders", _of(symbol), decode_algos)

    async def positions(self) -> list[PositionReport]:
        """Every position that is not flat."""
        return await self._rest.ask("positionRisk", {}, decode_positions)

    async def balance(self) -> BalanceReport:
        """Of the settlement asset."""
        read = partial(decode_balance, asset=self._settings.asset)
        return await self._rest.ask("balance", {}, read)

    async def trades(self, symbol: str, *, from_id: int = 0, order_id: int = 0) -> list[Fill]:
        """Trades of a symbol, oldest first: all from an id on, or of one order, or the newest."""
        parameters: dict[str, str | int] = {"symbol": symbol, "limit": _PAGE}
        if order_id:
            parameters["orderId"] = order_id
            fills = await self._trades(parameters, is_evidence=True)
            return [fill for fill in fills if fill.order_id == order_id]
        if not from_id:
            return await self._trades(parameters)
        found: list[Fill] = []
        while True:
            page = await self._trades({**parameters, "fromId": from_id})
            found += page
            if len(page) < _PAGE:
                return found
            from_id = page[-1].trade_id + 1

    async def income(self, start_ms: int, end_ms: int) -> list[Income]:
        """All that moved money in that time, both ends included, oldest first."""
        # Each question begins where the last answer ended, in the same millisecond: rows of it may
        # have been left over. The venue takes no `page` any more (change log of 2026-10-16; SDK
        # 18.0.1 has none): where it is ignored, every page is the first one.
        found: dict[Income, None] = {}
        while start_ms <= end_ms:
            rows = await self._income(start_ms, end_ms)
            found |= dict.fromkeys(rows)
            if len(rows) < MOST_INCOME_ROWS:
                break
            last_ms = max(row.time_ms for row in rows)
            if last_ms <= start_ms:
                # All of one moment, such as an order that swept hundreds: the rest of it cannot be
                # reached by time.
                words = dict.fromkeys((*_BOOKED, *(row.word for row in rows)))
                found |= dict.fromkeys(await self._income_of(start_ms, words))
                last_ms = start_ms + 1
            start_ms = last_ms
        return sorted(found, key=lambda row: row.time_ms)

    async def leverages(self) -> list[LeverageChange]:
        """Leverage and margin type of every symbol."""
        return await self._rest.ask("symbolConfig", {}, decode_leverages)

    async def is_one_way(self) -> bool:
        """Whether a symbol has one net position (not hedge mode)."""
        return await self._rest.ask("positionSide/dual", {}, decode_is_one_way)

    async def is_single_asset(self) -> bool:
        """Whether margin is of the settlement asset only (not multi-assets mode)."""
        return await self._rest.ask("accountConfig", {}, decode_is_single_asset)

    async def rules(self, symbols: tuple[str, ...]) -> list[ContractRules]:
        """Filters of these contracts; those the venue does not know are left out."""

        def read(raw: bytes) -> list[ContractRules]:
            self._gate.learn(decode_quotas(raw))  # What may be asked stands in the same reply.
            return decode_rules(raw, symbols)

        return await self._rest.ask_unsigned("exchangeInfo", {}, read)

    async def close(self) -> None:
        """Free the connections."""
        await self._rest.close()

    def _deliver(self, event: Event, received_ns: int) -> None:
        assert self._sink is not None  # Delivered by ``run`` only, which has set it.
        self._sink.deliver(event, received_ns)

    async def _income_of(self, time_ms: int, words: Iterable[str]) -> list[Income]:
        """Of one millisecond, a question for each kind: each costs thirty, so only where needed."""
        found: list[Income] = []
        for word in words:
            rows = await self._income(time_ms, time_ms, {"incomeType": word})
            found += rows
            if len(rows) >= MOST_INCOME_ROWS:
                told = (
                    "%s of the millisecond %d: the venue tells %d rows at most; more may be missing"
                )
                logger.error(told, word, time_ms, MOST_INCOME_ROWS)
        return found

    async def _income(
        self, start_ms: int, end_ms: int, kind: Parameters = MappingProxyType({})
    ) -> list[Income]:
        span = {"startTime": start_ms, "endTime": end_ms, "limit": MOST_INCOME_ROWS}
        return await self._rest.ask("income", {**kind, **span}, decode_income)

    async def _trades(self, parameters: Parameters, *, is_evidence: bool = False) -> list[Fill]:
        return await self._rest.ask(
            "userTrades", parameters, decode_trades, is_evidence=is_evidence
        )


class _ListenKeys:
    def __init__(self, rest: SignedRest) -> None:
        self._rest = rest

    async def open(self) -> str:
        return await self._rest.ask_unsigned("POST listenKey", {}, decode_listen_key)

    async def keep(self, key: str) -> None:
        parameters = {"listenKey": key}
        try:
            kept = await self._rest.ask_unsigned("PUT listenKey", parameters, decode_kept_key)
        except RestError as error:
            if error.code == LISTEN_KEY_GONE:
                raise ListenKeyGoneError(str(error)) from error
            raise
        if kept not in {"", key}:
            raise ListenKeyGoneError("the venue has another listen key by now")


def _of(symbol: str) -> Parameters:
    return {"symbol": symbol} if symbol else {}
