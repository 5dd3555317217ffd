"""What a refused question says: of a contract that is not known or rests, of trades of long ago."""

from typing import Final, Protocol, runtime_checkable

from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import VenueAccount

_NO_SUCH_CONTRACT: Final = -1121
_CONTRACT_RESTS: Final = -1122
"""Invalid symbol status: it is settled, off the list, or only pauses."""
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


async def proves_absence(error: FetchError, account: VenueAccount, symbol: str) -> bool:
    """Whether a refused question about an order says that there is none.

    A contract that only pauses may be refused too, and its orders wait: it must also be gone from
    the list of contracts.

    Raises:
        FetchError: That list did not come.
    """
    return is_unheard_of(error) and not await account.rules((symbol,))


def _code(error: FetchError) -> int:
    return error.code if isinstance(error, _Numbered) else 0
