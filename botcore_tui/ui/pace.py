"""Things that are due at rates of their own, under one timer."""


class Pace:
    """Says what is due; on average at its rate, also where that is no multiple of the timer's."""

    def __init__(self) -> None:
        self._due_ns: dict[str, float] = {}

    def is_due(self, name: str, now_ns: int, period_ns: float) -> bool:
        """Whether it is time, and if so, when the next time comes; due when first asked.

        Args:
            name: Of the thing.
            now_ns: Monotonic.
            period_ns: Between two times; may change from call to call.
        """
        due_ns = self._due_ns.get(name, now_ns)
        if now_ns < due_ns:
            return False
        # After a pause the times that went by are not made up for.
        self._due_ns[name] = max(due_ns + period_ns, now_ns + period_ns / 2)
        return True

    def hurry(self, name: str) -> None:
        """Make it due at once."""
        self._due_ns.pop(name, None)
