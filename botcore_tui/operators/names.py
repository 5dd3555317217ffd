"""How operators, keys and tokens are named, and where their records are."""

import re
from pathlib import Path
from typing import Final

from msgspec import Struct

from botcore_tui.model.command import Scope

MOST_HOURS: Final = 24
"""Longest life of a token: a stolen one is of no use for long."""

is_subject: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII).fullmatch
"""Name of an operator; no blank and no ``#``, which end it in the name of an actor."""
is_token_id: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII).fullmatch
is_fingerprint: Final = re.compile(r"[0-9a-f]{16}", re.ASCII).fullmatch


class Operator(Struct, frozen=True, kw_only=True):
    """A person, as a token that was verified names them."""

    subject: str
    fingerprint: str
    """Of the key that the token is signed with."""
    token_id: str
    scopes: tuple[Scope, ...]
    expires_ms: int

    @property
    def name(self) -> str:
        """Operator and key in one word, such as ``ada#3f9c0a12bd5e77aa``."""
        return f"{self.subject}#{self.fingerprint}"


def operators_directory(state_dir: Path) -> Path:
    """Where public keys and the records of tokens are."""
    return state_dir / "operators"


def public_key_path(directory: Path, fingerprint: str) -> Path:
    """File of a public key that is trusted."""
    return directory / f"{fingerprint}.pub.pem"
