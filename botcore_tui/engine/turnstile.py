"""How many entries leave at a time, so that what is more urgent finds the loop free."""

import asyncio
from collections import deque
from typing import Final

_PLACES: Final = 4
"""Entries that leave in one turn of the loop; each takes a third of a millisecond."""


class Turnstile:
    """Lets a few entries out in each turn of the loop, in the order of their coming.

    A commit makes many intents durable at once. To sign and send them all in one turn takes as
    long as all of them together, and a cancel that is decided meanwhile would have to wait.
    """

    def __init__(self) -> None:
        self._places = _PLACES
        self._line: deque[asyncio.Future[None]] = deque()

    async def passed(self) -> None:
        """Return when it is this one's turn; at once where few others want to leave."""
        loop = asyncio.get_running_loop()
        if self._places == _PLACES:
            loop.call_soon(self._open)
        if self._places:
            self._places -= 1
            return
        turn = loop.create_future()
        self._line.append(turn)
        await turn

    def _open(self) -> None:
        self._places = _PLACES
        while self._line and self._places:
            turn = self._line.popleft()
            if not turn.done():  # its order was given up meanwhile
                turn.set_result(None)
                self._places -= 1
        if self._places < _PLACES:
            asyncio.get_running_loop().call_soon(self._open)
