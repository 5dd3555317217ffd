"""The contract canary: one order of each type, far from the market, cancelled at once.

Venues change how orders are placed, and tell so in a change log that nobody reads in time. The
canary finds out before a position depends on it.
"""

import asyncio
import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from botcore_tui.cli.doctor_terms import Finding, Grade, good
from botcore_tui.cli.preflight_streams import Witness
from botcore_tui.clock import SystemClock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError, VenueAccount
from botcore_tui.model.account import UserStreamUp
from botcore_tui.model.event import Cancel
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    OrderReport,
    OrderRequest,
    OrderType,
    Purpose,
    Source,
    TimeInForce,
)

PREFIX: Final = "canary-"
"""Of the ids of its orders."""
_FAR: Final = Decimal("0.1")
"""Share of the price."""
_WORTH: Final = Decimal("1.2")
"""Of an order, as a multiple of the smallest that is taken."""
_CALLBACK_PCT: Final = Decimal(5)
_STREAM_SECONDS: Final = 10.0
_EVENT_SECONDS: Final = 5.0
_ID_BYTES: Final = 5
_TRIES: Final = 3
_PAUSE_SECONDS: Final = 1.0
_NEEDED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_MARKET})
"""Without these nothing can be entered, or protected."""


async def canary(
    venue: VenueAccount, price: Decimal, rules: ContractRules, witness: Witness
) -> list[Finding]:
    """Place each, see that the account's stream tells of it, cancel it.

    Args:
        venue: The account; its stream is being followed by ``witness``.
        price: About that of the market.
        rules: Of the contract.
        witness: See ``venue``.
    """
    if await witness.saw(UserStreamUp, _STREAM_SECONDS) is None:
        text = f"the account's stream is not up after {_STREAM_SECONDS:g} s"
        return [Finding(Grade.BAD, "user stream", text, "see that its host can be reached")]
    tried = [await _tried(venue, request, witness) for request in requests(price, rules)]
    return [good("user stream", "up"), *tried, *await _left(venue, rules.symbol)]


def requests(price: Decimal, rules: ContractRules) -> Iterator[OrderRequest]:
    """One order of each type, none of which the market is near to.

    None reduces: without a position the venue would refuse it.
    """
    low, high = price * (1 - _FAR), price * (1 + _FAR)
    lowest = rules.min_notional * _WORTH / low
    quantity = max(rules.round_quantity(lowest) + rules.step, rules.min_quantity)

    def request(kind: OrderType, trigger: Decimal | None) -> OrderRequest:
        is_limit, is_trail = kind is OrderType.LIMIT, kind is OrderType.TRAILING_STOP_MARKET
        return OrderRequest(
            client_order_id=f"{PREFIX}{secrets.token_hex(_ID_BYTES)}",
            symbol=rules.symbol,
            side=Side.BUY,
            type=kind,
            purpose=Purpose.ENTRY,
            quantity=quantity,
            price=rules.round_price(low, Side.BUY) if is_limit else None,
            trigger_price=None if trigger is None else rules.round_price(trigger, Side.BUY),
            callback_pct=_CALLBACK_PCT if is_trail else None,
            time_in_force=TimeInForce.GTX if is_limit else None,
            actor="doctor",
            reason="canary",
        )

    yield request(OrderType.LIMIT, None)
    yield request(OrderType.STOP_MARKET, high)
    yield request(OrderType.TAKE_PROFIT_MARKET, low)
    yield request(OrderType.TRAILING_STOP_MARKET, low)


async def _tried(venue: VenueAccount, request: OrderRequest, witness: Witness) -> Finding:
    name = request.client_order_id
    bad = Grade.BAD if request.type in _NEEDED else Grade.WARN
    began_ns = SystemClock().monotonic_ns()
    try:
        await venue.place(request, lambda _: None)
        placed_ms = (SystemClock().monotonic_ns() - began_ns) / 1e6
        is_told = await _is_told(witness, request)
    except OrderError as error:
        remedy = "the venue may have changed how it is placed: look for a newer version"
        return Finding(bad, "canary", f"{request.type} is refused: {error}", remedy)
    finally:
        gone = await _cancelled(venue, request)
    if gone:
        remedy = f"cancel {name} at the venue, or with botcore halt"
        return Finding(Grade.BAD, "canary", f"{request.type} is not cancelled: {gone}", remedy)
    if not is_told:
        text = f"{request.type}: the account's stream did not tell of it"
        return Finding(bad, "canary", text, "fills would be seen late: look for a newer version")
    return good("canary", f"{request.type} placed in {placed_ms:.0f} ms, told, cancelled")


async def _is_told(witness: Witness, request: OrderRequest) -> bool:
    name = request.client_order_id

    def is_order(report: OrderReport) -> bool:
        return report.client_order_id == name and report.source is Source.STREAM

    def is_algo(report: AlgoReport) -> bool:
        return report.client_order_id == name and report.source is Source.STREAM

    if request.is_algo:
        return await witness.saw(AlgoReport, _EVENT_SECONDS, is_algo) is not None
    return await witness.saw(OrderReport, _EVENT_SECONDS, is_order) is not None


async def _cancelled(venue: VenueAccount, request: OrderRequest) -> str:
    """Cancel it, even if nothing came back of it; why that failed, empty if it did not."""
    cancel = Cancel(
        client_order_id=request.client_order_id, symbol=request.symbol, is_algo=request.is_algo
    )
    trouble = ""
    for _ in range(_TRIES):
        try:
            await venue.cancel(cancel)
        except OrderError as error:
            trouble = str(error)
        else:
            return ""
        try:
            if request.client_order_id not in await _open(venue, request.symbol):
                return ""
        except FetchError as error:
            trouble = str(error)
        await asyncio.sleep(_PAUSE_SECONDS)  # as often as there are tries
    return trouble


async def _open(venue: VenueAccount, symbol: str) -> list[str]:
    orders = await venue.open_orders(symbol)
    algos = await venue.open_algo_orders(symbol)
    names = [order.client_order_id for order in orders]
    return [*names, *(order.client_order_id for order in algos)]


async def _left(venue: VenueAccount, symbol: str) -> list[Finding]:
    """Canaries that are still there, of this look or an earlier one."""
    try:
        names = await _open(venue, symbol)
    except FetchError as error:
        text = f"whether all are gone could not be asked: {error}"
        return [Finding(Grade.BAD, "canary", text, "look for them with botcore status")]
    left = [name for name in names if name.startswith(PREFIX)]
    if not left:
        return []
    text = f"still open: {', '.join(left)}"
    return [Finding(Grade.BAD, "canary", text, "cancel them at the venue, or with botcore halt")]
