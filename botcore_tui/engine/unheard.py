"""Contracts that the venue does not know, or does not know any more: delivered, delisted."""

from typing import Final, Protocol, runtime_checkable

from botcore_tui.errors import FetchError

_NO_SUCH_CONTRACT: Final = -1121


@runtime_checkable
class _Numbered(Protocol):
    """An error that has the venue's number."""

    code: int


def is_unheard_of(error: FetchError) -> bool:
    """Whether the venue refused a question because it knows no such contract."""
    return isinstance(error, _Numbered) and error.code == _NO_SUCH_CONTRACT
