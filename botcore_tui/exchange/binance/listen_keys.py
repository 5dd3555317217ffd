"""The key to the user's stream, as far as the stream needs it."""

from typing import Protocol

from botcore_tui.errors import FetchError


class ListenKeyGoneError(FetchError):
    """The venue does not know the listen key any more: a new one must be opened."""


class ListenKeys(Protocol):
    """Opens the user's stream and keeps it open.

    A key is never ended by us: that would silence every other program of the same account.

    Source: Binance USD-M futures, "User Data Streams": a key is valid for 60 minutes after it was
    last asked for or extended.
    """

    async def open(self) -> str:
        """The key that is valid now, extended, or a new one (POST).

        Raises:
            FetchError: There was no answer, or a refusal.
        """

    async def keep(self, key: str) -> None:
        """Extend a key (PUT).

        Raises:
            ListenKeyGoneError: The venue has no valid key (-1125), or its reply names another.
            FetchError: There was no answer, or another refusal.
        """
