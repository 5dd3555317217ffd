"""What every section of the configuration shares: strictness, and how a key says what it allows."""

from msgspec import Struct
from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A table of the configuration: immutable, of known keys only, nothing converted silently."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        validate_default=True,
        # A traceback of a ValidationError must not carry what somebody typed into the wrong key.
        hide_input_in_errors=True,
    )


class Allowed(Struct, frozen=True):
    """Says in words what a key takes where its type and bounds do not; annotates the field."""

    text: str


def contradiction(reason: str, *keys: str, others: tuple[str, ...]) -> PydanticCustomError:
    """Why values that are fine one by one cannot stand together.

    Args:
        reason: Ends the sentence "KEY = VALUE: ...".
        keys: The keys at fault, named from the section that raises this; each gets its own line.
        others: The keys they disagree with; while one of these is wrong itself, nothing is said.
    """
    return PydanticCustomError(
        "contradiction", "{reason}", {"reason": reason, "keys": keys, "others": others}
    )
