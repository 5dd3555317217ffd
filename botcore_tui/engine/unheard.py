"""What the venue does not know, or does not know any more: contracts, and trades of long ago."""

from typing import Final, Protocol, runtime_checkable

from botcore_tui.errors import FetchError

_NO_SUCH_CONTRACT: Final = -1121
_OF_PARAMETERS: Final = range(-1199, -1099)
"""The venue's numbers for a parameter that it does not take."""


@runtime_checkable
class _Numbered(Protocol):
    """An error that has the venue's number."""

    code: int


def is_unheard_of(error: FetchError) -> bool:
    """Whether the venue refused a question because it knows no such contract."""
    return isinstance(error, _Numbered) and error.code == _NO_SUCH_CONTRACT


def is_out_of_reach(error: FetchError) -> bool:
    """Whether the venue refused a question for its parameters: to ask it again helps nobody."""
    is_refused = isinstance(error, _Numbered) and error.code in _OF_PARAMETERS
    return is_refused and not is_unheard_of(error)
