"""Keys of the exchange that environment demo starts on this machine."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field, Strict

from botcore_tui.config.section import Allowed, Section

SYNTHETIC: Final = "synthetic"
TAPE: Final = "tape:"
"""Begins a market that is a recording; its path follows."""
_MOST_FAULTS: Final = 20


def _market(text: str) -> str:
    if text != SYNTHETIC and (not text.startswith(TAPE) or text == TAPE):
        raise ValueError("not a market")
    return text


_Market = Annotated[
    str,
    AfterValidator(_market),
    Allowed('"synthetic", or "tape:" and the path of a recording, such as "tape:~/btc.zst"'),
]
_Faults = Annotated[
    tuple[str, ...],
    Strict(strict=False),
    Allowed(
        f'up to {_MOST_FAULTS} of what "botcore sim --fault" takes, such as ["disconnect=count:1"]'
    ),
]


class DemoSettings(Section):
    """The exchange that environment demo starts on this machine, as a process of its own."""

    market: _Market = Field(
        default=SYNTHETIC,
        description="Where its prices come from: synthetic makes them up; tape:FILE plays a"
        " recording into the book, over which orders fill.",
    )
    seed: int = Field(
        default=20_240_808,
        ge=0,
        le=2**53,
        description="Decides all that is left to chance: the same seed, the same market.",
    )
    balance: float = Field(
        default=5_000,
        gt=0,
        le=1_000_000_000,
        description="Play money in its account at start, in USDT.",
    )
    speed: float = Field(
        default=1,
        gt=0,
        le=100,
        description="How fast its clock runs, as a multiple of real time. Other than at 1 it can be"
        " watched only: orders are dated by this machine's clock.",
    )
    faults: _Faults = Field(
        default=(),
        max_length=_MOST_FAULTS,
        description='Failures to rehearse from the start on; "botcore sim --list-faults" explains'
        " them.",
    )

    @property
    def tape(self) -> Path | None:
        """The recording that is its market, seen from the working directory; None if made up."""
        if not self.market.startswith(TAPE):
            return None
        return Path(self.market.removeprefix(TAPE)).expanduser().absolute()
