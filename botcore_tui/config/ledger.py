"""Keys of the record of all that was decided and done."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from botcore_tui.config.section import Allowed, Section

_HIDDEN: Final = "********"
_PASSWORD: Final = re.compile(r"//[^/@]*:[^/@]*@|[?&]password=", re.IGNORECASE)
_KINDS: Final = ("sqlite:///", "postgresql+psycopg://")


def _url(text: str) -> str:
    if _PASSWORD.search(text):
        raise PydanticCustomError("reason", "without a password", {"value": _HIDDEN})
    if text and not text.startswith(_KINDS):
        raise ValueError("not such a URL")
    return text


_Url = Annotated[
    str,
    AfterValidator(_url),
    Allowed(
        'empty, or "sqlite:///FILE", or "postgresql+psycopg://USER@HOST/DATABASE" with the password'
        " in ~/.pgpass or PGPASSWORD"
    ),
]


class LedgerSettings(Section):
    """The record of all that was decided and done."""

    url: _Url = Field(
        default="",
        description="The database that holds it; empty: the file ledger-ENVIRONMENT.db of SQLite"
        " in the state directory.",
    )
    synchronous: Literal["FULL", "NORMAL"] = Field(
        default="FULL",
        description="Of SQLite. FULL: an order is on the disk before it is sent. NORMAL is faster,"
        " and a loss of power may take the last orders from the record.",
    )
    backup_keep: int = Field(
        default=3,
        ge=1,
        le=100,
        description="Copies kept of the file as it was before its tables were upgraded.",
    )
