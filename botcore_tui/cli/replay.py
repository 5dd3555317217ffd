"""``botcore replay``: a tape into the cockpit, or a check of the book without one."""

import json
import logging
import sys
import time
from collections.abc import Sequence

import msgspec
from msgspec import structs

from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places
from botcore_tui.cli.settings import loaded, speed_of
from botcore_tui.cli.workplace import Builder, engine_settings, market_settings
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.core.market import SymbolMarket
from botcore_tui.core.trader import Trader
from botcore_tui.engine.book_check import BookCheck
from botcore_tui.engine.engine import Engine, Observer
from botcore_tui.engine.player import Player, PlayerSettings
from botcore_tui.engine.publisher import peak_resident_mb
from botcore_tui.engine.tape import Tape
from botcore_tui.errors import TapeError, UnavailableError
from botcore_tui.model.event import Effect, Event

DAMAGED = 3
"""Exit code of a tape that could not be read to its end."""


def run_replay(arguments: Arguments) -> int:
    """Play a tape; its exit code."""
    configuration, where = loaded(arguments)
    config = configuration.config
    if (arguments.check or arguments.json) and not arguments.headless:
        raise UnavailableError("--check and --json report at the end: add --headless")
    try:
        tape = Tape(arguments.tape)
    except TapeError as error:
        print(f"botcore: {error}", file=sys.stderr)
        return DAMAGED
    if arguments.headless:
        return _play_headless(arguments, config, tape)
    return _play_in_cockpit(arguments, config, where, tape)


def _play_in_cockpit(arguments: Arguments, config: Config, where: Places, tape: Tape) -> int:
    from botcore_tui.cli.cockpit import ControlRoom  # noqa: PLC0415 - only with a screen

    config = config.model_copy(update={"environment": Environment.REPLAY})
    room = ControlRoom(config, where, is_headless=False)
    builder = Builder(
        config,
        room.logs.ring,
        tape=tape,
        speed=speed_of(arguments, config),
        start_seconds=arguments.start,
    )
    code = room.run(Environment.REPLAY, builder, tape=tape.path)
    return _report_damage(tape.errors) or code


def _play_headless(arguments: Arguments, config: Config, tape: Tape) -> int:
    logging.basicConfig(format="botcore: %(message)s", level=logging.WARNING)
    check = BookCheck() if arguments.check else None
    trader = Trader(settings=market_settings(config))
    player = Player(
        lambda: iter(tape),  # a thread that reads ahead would only share the one core
        PlayerSettings(
            str(arguments.tape),
            speed_of(arguments, config),
            start_seconds=arguments.start,
            takes_latency=False,
        ),
        SystemClock(),
    )
    engine = Engine(
        trader,
        player,
        SystemClock(),
        structs.replace(
            engine_settings(config, Environment.REPLAY, "REPLAY"),
            pins_cores=False,  # there is no screen to keep apart from
            ends_with_feed=True,
        ),
        observer=_observer(check),
    )
    started = time.perf_counter()
    engine.start()
    engine.finished.wait()
    seconds = time.perf_counter() - started
    engine.stop()
    if engine.failure:
        raise UnavailableError(f"{arguments.tape}: the replay failed: {engine.failure}")
    if check is not None:
        check.finish()
    report = Report(player, trader, tape, seconds, check)
    print(report.as_json() if arguments.json else report.as_text())
    for line in check.examples if check else ():
        print(f"botcore: mismatch: {line}", file=sys.stderr)
    return _report_damage(tape.errors) or int(check is not None and check.mismatches > 0)


def _observer(check: BookCheck | None) -> Observer | None:
    if check is None:
        return None

    def observe(event: Event, _effects: Sequence[Effect], trader: Trader) -> None:
        check.observe(event, trader)

    return observe


def _report_damage(errors: Sequence[TapeError]) -> int:
    for error in errors:
        print(f"botcore: {error}", file=sys.stderr)
    return DAMAGED if errors else 0


class Report:
    """What a headless replay found."""

    def __init__(
        self,
        player: Player,
        trader: Trader,
        tape: Tape,
        wall_seconds: float,
        check: BookCheck | None,
    ) -> None:
        self._player = player
        self._trader = trader
        self._tape = tape
        self._wall_seconds = wall_seconds
        self._check = check

    def as_json(self) -> str:
        """One object; prices and quantities are numbers with the venue's own digits."""
        return msgspec.json.encode(self._fields()).decode()

    def as_text(self) -> str:
        """The same for people: one line a field."""
        fields = self._fields()
        width = max(map(len, fields))
        return "\n".join(
            f"{name:<{width}}  {json.dumps(_plain(value)).strip(chr(34))}"
            for name, value in fields.items()
        )

    def _fields(self) -> dict[str, object]:
        receiver = self._player.receiver
        markets = self._trader.market.by_symbol
        books = [market.book for market in markets.values()]
        first, last = self._tape.first_ns or 0, self._tape.last_ns or 0
        fields: dict[str, object] = {
            "tape": str(self._tape.path),
            "symbols": list(markets),
            "frames": receiver.frames,
            "decoded": receiver.decoded,
            "decode_errors": receiver.decode_errors,
            "by_type": receiver.by_type(),
            "depth_applied": sum(book.applied for book in books),
            "depth_dropped": sum(book.dropped for book in books),
            "sequence_gaps": sum(book.gaps for book in books),
            "resyncs": sum(book.resyncs for book in books),
            "book_checks": self._check.checks if self._check else None,
            "book_mismatches": self._check.mismatches if self._check else None,
        }
        main = max(markets.values(), key=lambda market: market.book.applied, default=None)
        fields |= _best(main)
        if len(markets) > 1:
            fields["books"] = {symbol: _best(market) for symbol, market in markets.items()}
        return fields | {
            "tape_seconds": round((last - first) / 1e9, 3),
            "wall_seconds": round(self._wall_seconds, 3),
            "frames_per_second": round(receiver.frames / self._wall_seconds),
            "peak_rss_mb": round(peak_resident_mb(), 1),
        }


def _best(market: SymbolMarket | None) -> dict[str, object]:
    if market is None:
        return {}
    book, instrument = market.book, market.instrument
    price_decimals = instrument.price_decimals if instrument else 2
    quantity_decimals = instrument.quantity_decimals if instrument else 3

    def number(value: float | None, decimals: int) -> msgspec.Raw:
        # A number, yet with the digits the venue writes: 61659.70 and not 61659.7.
        return msgspec.Raw(b"null" if value is None else f"{value:.{decimals}f}".encode())

    bid, ask = book.bids.best, book.asks.best
    return {
        "best_bid": number(bid, price_decimals),
        "best_bid_quantity": number(
            None if bid is None else book.bids.quantity(bid), quantity_decimals
        ),
        "best_ask": number(ask, price_decimals),
        "best_ask_quantity": number(
            None if ask is None else book.asks.quantity(ask), quantity_decimals
        ),
        "last_update_id": book.last_update_id,
    }


def _plain(value: object) -> object:
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
