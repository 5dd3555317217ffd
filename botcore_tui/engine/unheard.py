"""What a refused question says: of a contract that is not known or rests, of trades of long ago."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeVar, runtime_checkable

from msgspec.structs import replace

from botcore_tui.clock import Clock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.model.event import Query
from botcore_tui.model.order import AlgoReport, Fill, OrderReport, Source

Orders = TypeVar("Orders", OrderReport, AlgoReport)

_NO_SUCH_CONTRACT: Final = -1121
_CONTRACT_RESTS: Final = -1122
"""Invalid symbol status: it is settled, off the list, or only pauses."""
_WHOLE_NS: Final = 30_000_000_000
"""Between two looks at the whole account for one contract: its book alone weighs forty."""
_OF_PARAMETERS: Final = range(-1199, -1099)
"""The venue's numbers for a parameter that it does not take."""


@runtime_checkable
class _Numbered(Protocol):
    """An error that has the venue's number."""

    code: int


def is_unheard_of(error: FetchError) -> bool:
    """Whether the venue refused a question because it knows no such contract."""
    return _code(error) == _NO_SUCH_CONTRACT


def is_of_contract(error: FetchError) -> bool:
    """Whether it refused it because of the contract, of which the list of all may tell more."""
    return _code(error) in {_NO_SUCH_CONTRACT, _CONTRACT_RESTS}


def is_refused(error: FetchError) -> bool:
    """Whether the venue refused a question for its parameters: to ask it again helps nobody."""
    return _code(error) in _OF_PARAMETERS


class Absence:
    """Whether a refused question about an order says that there is none.

    A contract that only pauses may be refused too, and its orders wait: it must also be gone from
    the list of contracts. Where the venue still has a word for it, and says no more than that its
    state is invalid, moreover nothing of it may be anywhere in the account.

    Args:
        account: Whom to ask.
        clock: Says when the whole account may be looked at again.
    """

    def __init__(self, account: VenueAccount, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._due_ns: dict[str, int] = {}

    async def is_proven(self, error: FetchError, query: Query) -> bool:
        """Whether the order is not there, and never will be.

        Raises:
            FetchError: A list did not come.
        """
        if not is_of_contract(error) or await self._account.rules((query.symbol,)):
            return False
        if is_unheard_of(error):
            # Time for the income history, which may tell that it was executed before.
            return self._is_due(query.client_order_id)
        return self._is_due(query.symbol) and await self._is_empty(query)

    def _is_due(self, name: str) -> bool:
        now_ns = self._clock.monotonic_ns()
        if now_ns < self._due_ns.get(name, now_ns):
            return False
        self._due_ns[name] = now_ns + _WHOLE_NS
        return True

    async def _is_empty(self, query: Query) -> bool:
        account, symbol = self._account, query.symbol
        if any(position.symbol == symbol for position in await account.positions()):
            return False
        try:
            if await account.trades(symbol):
                return False  # one of them may be its own
        except FetchError as error:
            if not is_of_contract(error):
                raise
        # Those that wait for a trigger first: one that is triggered in between is seen twice.
        waiting = await account.open_algo_orders("") if query.is_algo else []
        if any(order.symbol == symbol for order in waiting):
            return False
        return all(order.symbol != symbol for order in await account.open_orders(""))


async def executions(account: VenueAccount, report: OrderReport) -> list[Fill]:
    """Those of an order of the book; none where the venue refuses to tell them, for its contract.

    What it tells of the order itself must not wait for what it never tells.

    Raises:
        FetchError: They did not come.
    """
    if not report.filled_quantity:
        return []
    try:
        fills = await account.trades(report.symbol, order_id=report.order_id)
    except FetchError as error:
        if not is_of_contract(error):
            raise
        return []
    # The list of trades knows numbers only; whose number it is, the report has just said.
    whose = report.client_order_id
    return [replace(fill, source=Source.QUERY, client_order_id=whose) for fill in fills]


async def listed(
    ask: Callable[[str], Awaitable[list[Orders]]], symbols: Sequence[str], unheard_of: set[str]
) -> list[Orders]:
    """Open orders of some contracts, also of those that are refused by themselves.

    Args:
        ask: For those of a contract; of the whole account, if given nothing.
        symbols: All are asked for at once.
        unheard_of: Gets those that the venue does not know, whatever becomes of the rest.

    Raises:
        FetchError: A question had no answer.
    """
    refused: set[str] = set()

    async def of(symbol: str) -> list[Orders]:
        try:
            return await ask(symbol)
        except FetchError as error:
            if not (symbol and is_of_contract(error)):
                raise
            refused.add(symbol)
            if is_unheard_of(error):
                unheard_of.add(symbol)
            return []

    orders = [order for each in await asyncio.gather(*map(of, symbols)) for order in each]
    if refused:
        # Once for all of them: the whole account weighs forty, and who asks for more is banned.
        orders += [order for order in await ask("") if order.symbol in refused]
    return orders


def _code(error: FetchError) -> int:
    return error.code if isinstance(error, _Numbered) else 0
