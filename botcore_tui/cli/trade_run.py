"""A run without a screen that has an end: after so long, with a report of what was traded."""

import threading
from collections.abc import Callable

from msgspec import Struct

from botcore_tui.cli.output import say
from botcore_tui.cli.workplace import Workplace
from botcore_tui.core.standing import LEAVING
from botcore_tui.engine.engine import Engine

_REASON = "the run is over"


class Ending(Struct, frozen=True):
    """When a run ends, and what is told then."""

    duration_seconds: float | None = None
    """None: when a signal or a person ends it."""
    wants_report: bool = False

    def schedule(self, engine: Engine, terminate: Callable[[str], None]) -> None:
        """Leave after the duration; to be called once signals are blocked."""
        if self.duration_seconds is None:
            return

        def leave() -> None:
            engine.halt(LEAVING, "--duration is over")
            terminate("--duration")

        timer = threading.Timer(self.duration_seconds, leave)
        timer.name = "duration"
        timer.daemon = True
        timer.start()


def finish(workplace: Workplace, ending: Ending) -> int:
    """Leave a workplace, and tell what was traded if that is wanted; exit code."""
    if workplace.trading is None or not ending.wants_report:
        workplace.close()
        return 0
    from botcore_tui.cli.trade_report import Reporter  # noqa: PLC0415 - a database

    workplace.settle(_REASON)
    reporter = Reporter(workplace)
    workplace.close()
    say(reporter.as_json())
    return 0 if workplace.settled is not None and workplace.settled.is_clean else 1
