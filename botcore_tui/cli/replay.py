"""``botcore replay``: a tape into the cockpit, or a check of the book without one."""

import contextlib
import logging
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import structs

from botcore_tui.cli.output import complain, say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places
from botcore_tui.cli.report import Report, Timing
from botcore_tui.cli.settings import loaded, refuse_unusable, speed_of
from botcore_tui.cli.workplace import Builder, Playback, engine_settings, market_settings
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment, Loaded
from botcore_tui.core.trader import Trader
from botcore_tui.engine.book_check import BookCheck
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.player import Player, PlayerSettings
from botcore_tui.engine.processor import Observer
from botcore_tui.engine.tape import Tape
from botcore_tui.errors import TapeError, UnavailableError
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.model.event import Effect, Event

DAMAGED: Final = 3
"""Exit code of a tape that could not be read to its end."""
_STOP_SECONDS: Final = 1.0


def run_replay(arguments: Arguments) -> int:
    """Play a tape; its exit code."""
    configuration, where = loaded(arguments)
    refuse_unusable(configuration, is_replay=True)
    path = arguments.tape
    try:
        tape = Tape(path)
    except TapeError as error:
        complain(str(error))
        if arguments.json:  # for a program that reads it whatever happens
            check = BookCheck() if arguments.check else None
            say(Report(str(path), Receiver(), Trader(), timing=Timing(), check=check).as_json())
        return DAMAGED
    if arguments.headless:
        with _leaving_on_terminate():
            return _play_headless(arguments, configuration.config, tape)
    return _play_in_cockpit(arguments, configuration, where, tape)


def _play_in_cockpit(arguments: Arguments, configuration: Loaded, where: Places, tape: Tape) -> int:
    from botcore_tui.cli.cockpit import ControlRoom, check_screen  # noqa: PLC0415 - with a screen

    check_screen(arguments, where)
    config = configuration.config.model_copy(update={"environment": Environment.REPLAY})
    room = ControlRoom(structs.replace(configuration, config=config), where, is_headless=False)
    playback = Playback(tape, speed_of(arguments, config), arguments.start)
    builder = Builder(config, room.logs.ring, playback=playback)
    code = room.run(Environment.REPLAY, builder, tape=tape.path)
    return _report_damage(tape.errors) or code


@contextlib.contextmanager
def _leaving_on_terminate() -> Iterator[None]:
    # As KeyboardInterrupt does for SIGINT; nothing has to be halted or put right here.
    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _play_headless(arguments: Arguments, config: Config, tape: Tape) -> int:
    _log_to_stderr()
    check = BookCheck() if arguments.check else None
    trader = Trader(settings=market_settings(config, Environment.REPLAY))
    player = _headless_player(arguments, config, tape)
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
    try:
        engine.start()
        engine.finished.wait()
    finally:
        engine.stop(_STOP_SECONDS)
    if engine.is_halted:  # nobody else halts a replay without a screen
        reason = trader.halt.reason if trader.halt is not None else engine.failure
        raise UnavailableError(f"{tape.path}: the replay failed: {reason}")
    if check is not None:
        check.finish()
    timing = Timing(_seconds_of(tape), time.perf_counter() - started)
    report = Report(str(tape.path), player.receiver, trader, timing=timing, check=check)
    say(report.as_json() if arguments.json else report.as_text())
    is_wrong = check is not None and _report_mismatches(check, tape.path)
    return _report_damage(tape.errors) or int(is_wrong)


def _headless_player(arguments: Arguments, config: Config, tape: Tape) -> Player:
    settings = PlayerSettings(
        str(tape.path),
        speed_of(arguments, config),
        start_seconds=arguments.start,
        takes_latency=False,
    )
    # A thread that reads ahead would only share the one core.
    return Player(lambda: iter(tape), settings, SystemClock())


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("botcore: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


class _OneLine(logging.Formatter):
    def formatException(self, ei: object) -> str:  # noqa: ARG002, N802 - logging's signature
        return ""  # the failure is told once, as what the replay failed of


def _seconds_of(tape: Tape) -> float:
    if tape.first_ns is None or tape.last_ns is None:
        return 0.0
    return max(0, tape.last_ns - tape.first_ns) / 1e9


def _observer(check: BookCheck | None) -> Observer | None:
    if check is None:
        return None

    def observe(event: Event, _effects: Sequence[Effect], trader: Trader) -> None:
        check.observe(event, trader)

    return observe


def _report_mismatches(check: BookCheck, path: Path) -> bool:
    for line in check.examples:
        complain(f"mismatch: {line}")
    if not check.checks:
        complain(f"{path}: nothing to compare the book with: no best prices beside depth updates")
    return check.mismatches > 0


def _report_damage(errors: Sequence[TapeError]) -> int:
    for error in errors:
        complain(str(error))
    return DAMAGED if errors else 0
