"""How much a record matters to a reader."""

from enum import StrEnum


class Severity(StrEnum):
    """From detail to alarm."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARN"
    ERROR = "ERROR"
    CRITICAL = "CRIT"
