"""Keys of the monitoring checklist."""

from typing import Annotated

from pydantic import Field

from botcore_tui.config.section import Allowed, Section

_Time = Annotated[str, Allowed('a time of day as "HH:MM", from "00:00" to "23:59"')]


class ChecksSettings(Section):
    """What the daily, weekly and monthly checks expect."""

    day_loss_pct: float = Field(
        default=0,
        ge=0,
        le=50,
        description="Expected at most to be lost in a UTC day, of the equity at its begin, as"
        " paper or a backtest show it; 0 takes half of the daily loss limit in force, from where"
        " on its breaker warns.",
    )
    day_gain_pct: float = Field(
        default=0,
        ge=0,
        le=100,
        description="Expected at most to be earned in a day; 0 takes the daily loss limit in"
        " force. More is worth a look: sizes may not be what was meant.",
    )
    review_at: _Time = Field(
        default="08:00",
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="From when on, in UTC, the daily review is asked for until it is signed.",
    )
    key_days: int = Field(
        default=90, ge=1, le=3650, description="Age from which on the API key is to be replaced."
    )
