"""A run without a screen that has an end: after so long, with a report of what was traded."""

import logging
import os
import threading
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from botcore_tui.cli.output import complain, say
from botcore_tui.cli.workplace import Workplace
from botcore_tui.core.standing import LEAVING
from botcore_tui.engine.engine import Engine

logger = logging.getLogger(__name__)

_REASON = "the run is over"
_CHUNK = 4096
NO_SESSION: Final = "no session with the venue ever began: what is held there is not known"


class Ending(Struct, frozen=True):
    """When a run ends, and what is told then."""

    duration_seconds: float | None = None
    """None: when a signal or a person ends it."""
    wants_report: bool = False
    is_unseen: bool = False
    """Nobody looks at a screen: only the exit code tells that nothing was traded at all."""
    lifeline: int | None = None
    """File descriptor whose end is that of the run: whoever holds the other end is gone."""

    def schedule(self, engine: Engine, terminate: Callable[[str], None]) -> None:
        """Leave after the duration, or at the lifeline's end; once signals are blocked."""

        def leave(flag: str, reason: str) -> None:
            engine.halt(LEAVING, reason)
            terminate(flag)

        if self.duration_seconds is not None:
            flag = "--duration"
            timer = threading.Timer(self.duration_seconds, leave, (flag, f"{flag} is over"))
            timer.name = "duration"
            timer.daemon = True
            timer.start()
        if self.lifeline is not None:
            lifeline = self.lifeline

            def wait() -> None:
                _read_to_the_end(lifeline)
                leave("--until-eof", "standard input has ended")

            threading.Thread(target=wait, name="lifeline", daemon=True).start()


def _read_to_the_end(descriptor: int) -> None:
    try:
        while os.read(descriptor, _CHUNK):
            pass
    except OSError as error:
        logger.warning("standard input cannot be read, which counts as its end: %s", error)


def finish(workplace: Workplace, ending: Ending) -> int:
    """Leave a workplace, and tell what was traded if that is wanted; exit code."""
    if workplace.trading is None or not ending.wants_report:
        workplace.close()
        return _left(workplace, ending)
    from botcore_tui.cli.trade_report import Reporter  # noqa: PLC0415 - a database

    workplace.settle(_REASON)
    reporter = Reporter(workplace)
    workplace.close()
    say(reporter.as_json())
    return 1 if reporter.trouble else 0


def _left(workplace: Workplace, ending: Ending) -> int:
    # Whoever left by a key sees no log any more, and a service is judged by its exit code.
    settled, trading = workplace.settled, workplace.trading
    if settled is not None and not settled.is_clean:
        complain(
            f"the account is left in doubt: {settled.trouble}; look at the venue, or ask it:"
            " botcore status"
        )
        return 1
    if ending.is_unseen and trading is not None and trading.counter.latest is None:
        complain(f"{NO_SESSION}; the log says why, and botcore status asks the venue")
        return 1
    return 0
