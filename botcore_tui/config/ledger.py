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
        description="Of SQLite. FULL: what was recorded survives a loss of power. NORMAL is"
        " faster, and such a loss may take the last rows. An order waits for neither: it is in"
        " the journal on the disk before it is sent.",
    )
    backup_keep: int = Field(
        default=3,
        ge=1,
        le=100,
        description="Copies kept of the file as it was before its tables were upgraded.",
    )
