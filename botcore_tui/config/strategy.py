"""Keys of the strategy that trades unattended, and of each that comes with the program."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from botcore_tui.config.section import Allowed, Section, contradiction

EMA_CROSS: Final = "ema_cross"
_SHIPPED: Final = frozenset({EMA_CROSS})
_WORD: Final = r"[A-Za-z_][A-Za-z0-9_]*"
_CLASS: Final = re.compile(rf"{_WORD}(\.{_WORD})*:{_WORD}")
_LONGEST_NAME: Final = 200


def _name(text: str) -> str:
    is_class = len(text) <= _LONGEST_NAME and _CLASS.fullmatch(text) is not None
    if text and text not in _SHIPPED and not is_class:
        raise ValueError("not a strategy")
    return text


_Name = Annotated[
    str,
    AfterValidator(_name),
    Allowed(
        f'"{EMA_CROSS}", or "package.module:Class" for one of your own; empty for none, so that'
        " only a person trades"
    ),
]


class EmaCrossSettings(Section):
    """The strategy ema_cross: long while the fast average is above the slow one, else short."""

    interval: Literal["1m", "5m", "15m", "1h"] = Field(
        default="1m", description="Length of the bars that it reads."
    )
    fast: int = Field(default=9, ge=2, le=200, description="Bars of the fast average.")
    slow: int = Field(default=21, ge=3, le=500, description="Bars of the slow average.")

    @model_validator(mode="after")
    def _fast_is_faster(self) -> Self:
        if self.fast >= self.slow:
            raise contradiction(f"must be less than slow = {self.slow}", "fast", others=("slow",))
        return self


class StrategySettings(Section):
    """What trades unattended."""

    name: _Name = Field(
        default="",
        description="The strategy. With none, a demo without a screen in which trading is enabled"
        " runs ema_cross; everything else waits for a person.",
    )
    ema_cross: EmaCrossSettings = EmaCrossSettings()
