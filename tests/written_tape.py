"""A recording of one symbol, written frame by frame for tests."""

from typing import Final

from botcore_tui.exchange.sim.tape_opening import Line

TAPE_MS: Final = 1_700_000_000_000
_MS: Final = 1_000_000

Levels = tuple[tuple[int, int], ...]


def text(levels: Levels) -> str:
    return "[" + ",".join(f'["{ticks}.0","{lots}"]' for ticks, lots in levels) + "]"


class WrittenTape:
    """Writes a recording, frame by frame; whole prices and quantities."""

    def __init__(self, bids: Levels = ((99, 10), (98, 20)), asks: Levels = ((101, 10),)) -> None:
        self.lines: list[Line] = []
        self.now_ms = TAPE_MS
        self.last_id = 100
        self.add(f'{{"lastUpdateId":100,"E":5,"T":5,"bids":{text(bids)},"asks":{text(asks)}}}', "")

    def add(self, data: str, stream: str = "tapeusdt@x") -> None:
        raw = f'{{"stream":"{stream}","data":{data}}}' if stream else data
        self.lines.append((self.now_ms * _MS, raw.encode()))
        self.now_ms += 10

    def delta(
        self, bids: Levels = (), asks: Levels = (), *, gap: int = 0, time_ms: int = 0
    ) -> None:
        before = self.last_id + gap
        self.last_id = before + 5
        time_ms = time_ms or self.now_ms
        self.add(
            f'{{"e":"depthUpdate","E":{time_ms},"T":{time_ms},"s":"TAPEUSDT","U":{before + 1},'
            f'"u":{self.last_id},"pu":{before},"b":{text(bids)},"a":{text(asks)}}}',
            "tapeusdt@depth@0ms",
        )

    def trade(
        self, ticks: int, lots: int, *, is_sell: bool, kind: str = "trade", time_ms: int = 0
    ) -> None:
        maker = str(is_sell).lower()
        number = '"a":1,"f":1,"l":2' if kind == "aggTrade" else '"t":1'
        self.add(
            f'{{"e":"{kind}","E":{time_ms or self.now_ms},"T":{time_ms or self.now_ms},'
            f'"s":"TAPEUSDT",{number},"p":"{ticks}.0","q":"{lots}","m":{maker}}}',
            f"tapeusdt@{kind}",
        )
