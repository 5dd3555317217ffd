"""Names of the commands that a cockpit sends, by which their answers are known."""

from itertools import count


class CommandIds:
    """Names for commands: a prefix and a number that grows.

    Args:
        prefix: What tells this cockpit's commands from those of any other start of it.
    """

    def __init__(self, prefix: str = "ui") -> None:
        self._prefix = prefix
        self._numbers = count(1)

    def __call__(self) -> str:
        """The next name."""
        return f"{self._prefix}-{next(self._numbers)}"
