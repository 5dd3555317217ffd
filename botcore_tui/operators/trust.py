"""What is on the disk about whom to believe, read anew when it changed."""

import os
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from botcore_tui.errors import UnavailableError
from botcore_tui.operators.keys import any_can_write, read_public_key
from botcore_tui.operators.names import Operator, public_key_path
from botcore_tui.operators.register import Revoked, records, revoked_path
from botcore_tui.operators.token import verified

_Look = tuple[int, int, int] | None
"""What tells a file from what it was: inode, size, and when it or its mode was changed."""


class Trust:
    """Public keys and revocations of one directory.

    Args:
        directory: See ``operators_directory``; need not be there.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._keys: dict[str, tuple[_Look, RSAPublicKey]] = {}
        self._revoked: set[str] = set()
        self._seen: _Look = None
        self._remember()

    def operator(self, token: str, now_ms: int) -> Operator:
        """Whom a token proves.

        Raises:
            UnavailableError: It proves nothing; the text says why and shows none of it.
        """
        found = verified(token, self._key, now_ms)
        self._look_for_revocations()
        return self._unrevoked(found)

    def remembered(self, token: str, now_ms: int) -> Operator:
        """The same by what was read before: asks no disk, which may hang.

        Raises:
            UnavailableError: As far as is known it proves nothing.
        """
        found = verified(token, self._remembered_key, now_ms)
        return self._unrevoked(found)

    def _remember(self) -> None:
        with suppress(OSError):
            for path in self._directory.glob("*.pub.pem"):
                with suppress(UnavailableError):  # why, is told when a token comes
                    self._key(path.name.removesuffix(".pub.pem"))
        with suppress(UnavailableError):
            self._look_for_revocations()

    def _unrevoked(self, found: Operator) -> Operator:
        if found.token_id in self._revoked:
            raise UnavailableError(f"it is revoked ({found.token_id})")
        return found

    def _remembered_key(self, fingerprint: str) -> RSAPublicKey:
        if fingerprint not in self._keys:
            raise UnavailableError("its key is not known")
        return self._keys[fingerprint][1]

    def _key(self, fingerprint: str) -> RSAPublicKey:
        path = public_key_path(self._directory, fingerprint)
        look = _look(path)
        known = self._keys.get(fingerprint)
        if known is not None and look is not None and known[0] == look:
            return known[1]
        key = read_public_key(path)
        self._keys[fingerprint] = (look, key)
        return key

    def _look_for_revocations(self) -> None:
        path = revoked_path(self._directory)
        look = _look(path)
        if look == self._seen:
            return
        if any_can_write(path.parent) or any_can_write(path):
            raise UnavailableError(f"others can write {path}; chmod go-w {path}")
        # What was revoked stays so, even if the file is taken away.
        self._revoked |= {record.jti for record in records(path, Revoked)}
        self._seen = look


def _look(path: Path) -> _Look:
    try:
        found = os.stat(path)  # noqa: PTH116 - a directory that cannot be searched must raise
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from error
    return found.st_ino, found.st_size, found.st_ctime_ns
