"""Client order ids: who sent an order, in which run, as its how manyeth, and what for."""

from typing import Final

from botcore_tui.model.order import Purpose

PREFIX: Final = "bc-"
"""Of every order that is ours; of whichever run."""
KILL_PREFIX: Final = "bk-"
"""Of orders that a kill places; no session manages them."""

_LETTERS: Final = {
    Purpose.ENTRY: "e",
    Purpose.EXIT: "x",
    Purpose.STOP: "s",
    Purpose.TARGET: "t",
    Purpose.TRAIL: "r",
}
_PURPOSES: Final = {letter: purpose for purpose, letter in _LETTERS.items()}
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST_RUN: Final = 12
_PARTS: Final = 4


class ClientIds:
    """Makes ids ``bc-<run>-<number, base 36>-<e|x|s|t|r>``, each once.

    They are deterministic: the same run id gives the same ids. A run id is used by one session
    only, so no id ever comes back.

    Args:
        run_id: 1 to 12 of ``0-9a-z``.

    Raises:
        ValueError: It is not.
    """

    def __init__(self, run_id: str) -> None:
        if not 1 <= len(run_id) <= _LONGEST_RUN or not set(run_id) <= set(_DIGITS):
            raise ValueError(f"run id {run_id!r} is not 1 to {_LONGEST_RUN} of 0-9a-z")
        self.run_id: Final = run_id
        self._sequence = 0

    def next(self, purpose: Purpose) -> str:
        """An id that was never given out before."""
        self._sequence += 1
        return f"{PREFIX}{self.run_id}-{_base36(self._sequence)}-{_LETTERS[purpose]}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def is_ours(client_order_id: str) -> bool:
    """Whether an order of that id was sent by us, in whichever run."""
    return client_order_id.startswith(PREFIX)


def is_by_kill(client_order_id: str) -> bool:
    """Whether a kill of ours placed an order of that id."""
    return client_order_id.startswith(KILL_PREFIX)


def run_of(client_order_id: str) -> str:
    """The run that sent it; empty if it is not ours or says none."""
    parts = client_order_id.split("-")
    return parts[1] if is_ours(client_order_id) and len(parts) == _PARTS else ""


def purpose_of(client_order_id: str) -> Purpose | None:
    """What an order is for by its id; None if it is not ours or does not say."""
    if not run_of(client_order_id):
        return None
    return _PURPOSES.get(client_order_id.rpartition("-")[2])
