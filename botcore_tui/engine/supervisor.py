"""No task dies unseen: each is owned, its end is told, and what must run is started again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from botcore_tui.clock import Clock

logger = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
_HEALTHY_NS: Final = 60_000_000_000
"""Whoever ran so long starts with the shortest pause again."""


async def keep_running(
    name: str,
    run: Callable[[], Awaitable[None]],
    clock: Clock,
    *,
    on_death: Callable[[str, Exception], None],
) -> None:
    """Run until it returns by itself; after an exception tell ``on_death`` and start it again.

    Pauses double from one to thirty seconds between starts; a minute of health starts them anew.

    Args:
        name: For the log and for ``on_death``.
        run: Called for each start.
        clock: Waits between starts.
        on_death: What a death means to the engine; must not raise.
    """
    pause = _FIRST_PAUSE
    while True:
        started_ns = clock.monotonic_ns()
        try:
            await run()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # the one place that may see anything at all
            if clock.monotonic_ns() - started_ns > _HEALTHY_NS:
                pause = _FIRST_PAUSE
            logger.critical("task %s died and starts again in %.0f s", name, pause, exc_info=error)
            on_death(name, error)
            await clock.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return
