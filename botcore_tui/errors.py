"""Errors that callers act upon.

BotcoreError
├── ConfigError      the configuration cannot be used; carries every problem at once
├── DecodeError      a frame is not what the venue documents; the stream goes on
├── TapeError        a recorded tape is damaged; what stands before the damage was played
├── FetchError       a read-only request to the venue failed; trying again is safe
│   ├── RestError    the same, with HTTP status, the venue's code and when it may be asked again
│   └── ListenKeyGoneError  the venue has forgotten the key of the user stream: ask for a new one
├── OrderError       what may change something at the venue brought no report; says what is certain
└── UnavailableError an environment or command cannot be used here and now; says why
"""

from collections.abc import Sequence


class BotcoreError(Exception):
    """Root of every error this program raises on purpose; its text is fit for a user."""


class ConfigError(BotcoreError):
    """The configuration is refused.

    Attributes:
        problems: One line each: where (file or variable, key), the value, what is allowed.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class DecodeError(BotcoreError):
    """A frame cannot be decoded.

    Attributes:
        kind: Stable name of what is wrong, for counting and for logging once per kind.
    """

    def __init__(self, kind: str, detail: str) -> None:
        self.kind = kind
        super().__init__(f"{kind}: {detail}")


class TapeError(BotcoreError):
    """A tape is damaged or cannot be read.

    Attributes:
        line: Line number, 1-based; 0 where the file could not be opened at all.
    """

    def __init__(self, path: str, line: int, reason: str) -> None:
        self.line = line
        where = f"{path}, line {line}" if line else path
        super().__init__(f"{where}: {reason}")


class FetchError(BotcoreError):
    """A read-only request failed; nothing changed at the venue."""


class UnavailableError(BotcoreError):
    """An environment, pane or command cannot be used; the text says why and what to do."""


def why_unanswered(error: BaseException, seconds: float) -> str:
    """Why a question had no answer, for a user: a time-out has no words of its own.

    Args:
        error: It ended with that.
        seconds: How long it had.
    """
    if isinstance(error, TimeoutError):
        return f"no answer within {seconds:g} s"
    return str(error) or type(error).__name__
