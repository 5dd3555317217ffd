"""The picture in the README, made by the program itself: ``python tests/screenshot.py [FILE]``.

Plays the real capture, or the demo market where it is absent, through the real engine into the
cockpit for some seconds, then writes what is on the screen as SVG.
"""

import asyncio
import logging
import re
import sys
from pathlib import Path

from shared_tape import SHARED_TAPE

from botcore_tui.cli.embedded import demo_feed
from botcore_tui.cli.workplace import Playback, tape_player
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config
from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.engine.port import EngineSettings
from botcore_tui.engine.tape import Tape
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.ui.app import CockpitApp
from botcore_tui.ui.settings import CockpitSettings

SIZE = (160, 48)
TARGET = Path(__file__).resolve().parents[1] / ".github" / "cockpit.svg"
SYMBOL = "BTCUSDT"
LOOKING_SECONDS = 6.0
_START_SECONDS = 330.0
"""Of the capture: late enough for a chart of five-second bars that fills its pane."""


def an_engine(tape_path: Path, log: LogRing) -> Engine:
    """An engine on the capture near its end, or on the demo market."""
    clock = SystemClock()
    if not tape_path.is_file():
        settings = EngineSettings("demo", "SYNTHETIC")
        feed = demo_feed(Config(), Limiter(1_200, clock))
        engine = Engine(Trader((SYMBOL,)), feed, clock, settings, log=log)
        feed.starting = engine.child_process
        return engine
    player = tape_player(Playback(Tape(tape_path), 1.0, _START_SECONDS))
    settings = EngineSettings("replay", "REPLAY")
    return Engine(Trader(()), player, clock, settings, log=log)


async def picture(engine: Engine, seconds: float) -> str:
    """Look at a started engine through the cockpit until it has shown a live book for so long."""
    app = CockpitApp(engine, CockpitSettings(actor="trader", interval_ms=5_000))
    async with app.run_test(size=SIZE) as pilot:
        async with asyncio.timeout(120):
            while app.latest is None or not app.latest.book.bids:
                await pilot.pause(0.1)
        await pilot.pause(seconds)
        return app.export_screenshot(title="botcore")


def smaller(svg: str) -> str:
    """The same picture with neighbouring areas of one colour in one piece."""
    area = re.compile(
        r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"'
        r' shape-rendering="crispEdges"/>'
    )
    merged: list[tuple[str, float, str, float, str]] = []
    for colour, x, y, width, height in area.findall(svg):
        left, right = float(x), float(x) + float(width)
        if merged and (*merged[-1][:1], *merged[-1][2::2]) == (colour, y, height):
            last = merged[-1]
            if abs(last[3] - left) < 0.1:
                merged[-1] = (colour, last[1], y, right, height)
                continue
        merged.append((colour, left, y, right, height))
    areas = "".join(
        f'<rect fill="{colour}" x="{left:g}" y="{y}" width="{right - left:g}" height="{height}"'
        ' shape-rendering="crispEdges"/>'
        for colour, left, y, right, height in merged
    )
    first = area.search(svg)
    assert first is not None
    rest = area.sub("", svg)
    return rest[: first.start()] + areas + rest[first.start() :]


def main() -> None:
    """Write the picture."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    log = LogRing()
    package = logging.getLogger("botcore_tui")
    package.setLevel(logging.INFO)
    package.addHandler(log)
    engine = an_engine(SHARED_TAPE, log)
    engine.start()
    try:
        svg = smaller(asyncio.run(picture(engine, LOOKING_SECONDS)))
    finally:
        engine.stop()
    target.parent.mkdir(exist_ok=True)
    target.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
