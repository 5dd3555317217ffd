"""Trips of accounts that are not traded now: their halt file was resumed for another one.

The ledger may not have them, so they wait here until their account is opened again.
"""

import logging
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from botcore_tui.config.masking import printable
from botcore_tui.core.standing import BREAKER, joined, trips_of
from botcore_tui.model.command import NotedTrip
from botcore_tui.model.snapshot import HaltInfo
from botcore_tui.small_file import beginning_of, changed_ms, replace_content

logger = logging.getLogger(__name__)

_LARGEST: Final = 64 * 1024
LATEST_MS: Final = 253_402_300_799_999
"""The year 9999: no ledger takes a row, and no screen draws a time, of much later."""


class NotedTrips:
    """The file beside a halt file; there only while it has something.

    Args:
        path: Its directory is that of the halt file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def added(self, halt: HaltInfo | None, account: str) -> HaltInfo | None:
        """A halt with what is noted of that account; that alone where nobody else halted.

        What cannot be read may be of that account: it counts as a halt.
        """
        found = self._read() if account else ()
        if isinstance(found, str):
            damage = HaltInfo("latch", f"{found}; taken for halted", changed_ms(self.path))
            return damage if halt is None else joined(halt, damage)
        for each in found:
            if each.account == account:
                noted = HaltInfo(BREAKER, each.reason, each.time_ms, account)
                halt = noted if halt is None else joined(halt, noted)
        return halt

    def settle(self, halt: HaltInfo | None, account: str) -> None:
        """The account was resumed: its own are over, those that the halt file has of others stay.

        Raises:
            OSError: They cannot be kept.
        """
        if not account:
            return
        before = self._read()
        if isinstance(before, str):
            # A person has seen it and resumed; else every start would be halted by it again.
            self.path.replace(self.path.with_name(f"{self.path.name}.damaged"))
            before = ()
        held = [] if halt is None else [each for each in trips_of(halt) if each not in before]
        kept = [each for each in (*before, *held) if each.account not in {"", account}]
        if tuple(kept) == before:
            return
        if not kept:
            self.path.unlink()
            return
        replace_content(self.path, msgspec.json.encode(kept) + b"\n")

    def _read(self) -> tuple[NotedTrip, ...] | str:
        """What is noted, or why nobody knows."""
        try:
            raw = beginning_of(self.path, _LARGEST)
            trips = legible(msgspec.json.decode(raw, type=tuple[NotedTrip, ...]))
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            why = getattr(error, "strerror", None) or printable(str(error))
        else:
            if trips is not None:
                return trips
            why = "time of a trip"
        text = f"trips in {self.path} cannot be read: {why}"
        logger.error("%s", text)
        return text


def legible(trips: tuple[NotedTrip, ...]) -> tuple[NotedTrip, ...] | None:
    """Trips from a file, without what a terminal would obey; None if a time of them is none.

    Anybody may have written the file by hand.
    """
    if any(not 0 <= each.time_ms <= LATEST_MS for each in trips):
        return None
    return tuple(replace(each, reason=printable(each.reason)) for each in trips)
