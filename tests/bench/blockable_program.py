"""The real program with a way to block its engine's loop: a file ``block`` in its state directory.

The loop sleeps for as many seconds as stand in the file, and removes it before.
"""

import asyncio
import logging
import sys
import time
from pathlib import Path

from botcore_tui.cli import main
from botcore_tui.cli.trading_place import TradingPlace
from botcore_tui.engine.engine import Engine

logger = logging.getLogger("botcore_tui.blockable")

_LOOK_SECONDS = 0.01


def _blockable(state_dir: Path) -> None:
    attach = TradingPlace.attach

    async def block() -> None:
        wish = state_dir / "block"
        while True:
            await asyncio.sleep(_LOOK_SECONDS)  # a file calls nobody
            if wish.exists() and (text := wish.read_text()):
                logger.warning("the loop is blocked for %s s", text)
                wish.unlink()
                time.sleep(float(text))  # noqa: ASYNC251 - this is the trouble

    def attached(place: TradingPlace, engine: Engine) -> None:
        attach(place, engine)
        engine.serve("block", block)

    TradingPlace.attach = attached  # type: ignore[method-assign,assignment]  # a spy


if __name__ == "__main__":
    arguments = sys.argv[1:]
    _blockable(Path(arguments[arguments.index("--state-dir") + 1]))
    sys.exit(main(arguments))
