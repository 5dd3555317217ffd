"""A strategy that tells secrets when it fails."""

import os
from collections.abc import Sequence

from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar

PLANTED = "BOTCORE_TESTNET_API_SECRET"


class Telling:
    """Fails with its first bars."""

    name = "telling"
    interval_ms = 60_000

    def warm(self, symbol: str, _bars: Sequence[Bar]) -> Signal | None:
        """Fail, with what it should not know in the message."""
        raise ValueError(f"{symbol} cannot be had with {os.environ[PLANTED]}")

    def on_bar(self, _bar: Bar) -> Signal | None:
        """Never come to this."""
        raise AssertionError("asked again")


class Unmade(Telling):
    """Fails when it is made."""

    def __init__(self) -> None:
        raise ValueError(f"no way with {os.environ[PLANTED]}")
