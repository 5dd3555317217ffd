"""Puts an engine together for an environment: the only place that chooses a market."""

import logging
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from botcore_tui.cli.demo import demo_label, demo_problems, demo_symbols, traded_symbols
from botcore_tui.cli.embedded import demo_feed
from botcore_tui.cli.offers import offers, trades
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.core.book import Staleness
from botcore_tui.core.market import MarketSettings
from botcore_tui.core.standing import Standing
from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.engine.player import Player, PlayerSettings
from botcore_tui.engine.port import EngineSettings
from botcore_tui.engine.recorder import Recorder
from botcore_tui.engine.tape import Line, Tape
from botcore_tui.engine.tape_length import TapeLength
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.account_feed import AccountFeed
from botcore_tui.exchange.base import MarketFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.demo import DemoFeed
from botcore_tui.model.event import TradingState
from botcore_tui.model.snapshot import FeedState, HaltInfo

if TYPE_CHECKING:
    from botcore_tui.cli.leaving import Settled
    from botcore_tui.cli.trading_place import TradingPlace
    from botcore_tui.exchange.binance.permit import Confirmed
    from botcore_tui.model.account import Binding

logger = logging.getLogger(__name__)

_SETTLE_SECONDS: Final = 8.0
"""Longest wait for entries to be cancelled when the program leaves an account."""
_STOP_SECONDS: Final = 10.0


class Playback(Struct, frozen=True):
    """A tape and how it is played."""

    tape: Tape
    speed: float | None
    """Multiple of real time; None as fast as it goes."""
    start_seconds: float


class Workplace:
    """An engine and what must be closed with it.

    Attributes:
        engine: Not started yet.
        environment: Of the engine.
        recorder: Writes a tape of what arrives; None if nobody asked.
        trading: The account and what belongs to it; None where no order can leave.
        settled: How the account was left; None before.
    """

    def __init__(
        self,
        engine: Engine,
        environment: Environment,
        recorder: Recorder | None,
        trading: "TradingPlace | None" = None,
    ) -> None:
        self.engine = engine
        self.environment = environment
        self.recorder = recorder
        self.trading = trading
        self.settled: Settled | None = None

    def settle(self, reason: str) -> None:
        """Where orders may leave: halt, cancel entries, see that none is left; once is enough."""
        if self.trading is not None and self.settled is None:
            self.settled = self.trading.settle(self.engine, reason, seconds=_SETTLE_SECONDS)

    def close(self) -> None:
        """Stop the engine and finish the recording."""
        is_lasting = self.trading is not None and self.environment is not Environment.DEMO
        if is_lasting and self.engine.is_alive:
            self.settle("the program leaves this environment")
        if not self.engine.stop(_STOP_SECONDS):
            logger.error("the engine of %s does not end; it is left behind", self.environment)
        if self.trading is not None:
            self.trading.close(self.settled)
        if self.recorder is not None:
            recorder = self.recorder
            recorder.close()
            told = "recorded %d frames, last into %s; replay them: botcore replay %s"
            logger.info(told, recorder.frames, recorder.part, recorder.path)


class Builder:
    """Builds workplaces from one configuration.

    Args:
        config: Checked.
        log: Filled by the program's logger.
        state_dir: For what belongs to an account; needed where trading is enabled.
        playback: For the replay environment.
        record: New tape to write; None for none.
        is_fresh: Whether a demo exchange that was left behind is ended.
    """

    def __init__(
        self,
        config: Config,
        log: LogRing,
        *,
        state_dir: Path | None = None,
        playback: Playback | None = None,
        record: Path | None = None,
        is_fresh: bool = False,
    ) -> None:
        self._config = config
        self._log = log
        self._state_dir = state_dir
        self._is_fresh = is_fresh
        self._playback = playback
        self._record = record
        # One for the process: who changes environments to and fro still has used what he used.
        self.limiter = Limiter(config.limits.weight_per_minute, SystemClock())

    def build(
        self, environment: Environment, state: TradingState, confirmed: "Confirmed | None" = None
    ) -> Workplace:
        """Put an engine together; nothing of it runs yet.

        Args:
            environment: Whose.
            state: To begin with; real money always begins HALTED.
            confirmed: By a person, of this account, now; needed where money is real.

        Raises:
            ConfigError: The environment does not take a configured host, or its exchange not
                what is configured.
            UnavailableError: The environment cannot be used here, or the tape not be written.
        """
        if environment.is_real_money:
            state = TradingState.HALTED
        tape_path = self._playback.tape.path if self._playback is not None else None
        offer = next(item for item in offers(tape_path) if item.environment == environment)
        if not offer.is_available:
            raise UnavailableError(f"environment {environment}: {offer.reason}")
        place = self._place(environment, confirmed)
        standing = _standing(state, "" if place is None else place.waits())
        feed, receiver, label, symbols = self._feed(environment, place)
        recorder = self._recorder(environment, receiver)
        engine = Engine(
            self._trader(
                environment,
                symbols,
                standing,
                is_trading=place is not None,
                binding=None if confirmed is None else confirmed.confirmation.binding,
            ),
            feed,
            SystemClock(),
            engine_settings(self._config, environment, label),
            log=self._log,
            observer=None if place is None else place.tally.observe,
            latch=None if place is None else place.latch,
        )
        if place is not None:
            place.attach(engine)
        if isinstance(feed, DemoFeed):
            feed.starting = engine.child_process
        if recorder is not None:
            engine.more_feeds = _recording_row(recorder)
        return Workplace(engine, environment, recorder, place)

    def _place(
        self, environment: Environment, confirmed: "Confirmed | None"
    ) -> "TradingPlace | None":
        if not trades(self._config, environment):
            if environment.is_real_money:
                raise UnavailableError("production is for trading: watch its market with paper")
            return None
        from botcore_tui.cli.trading_place import TradingPlace  # noqa: PLC0415 - ccxt, a database

        assert self._state_dir is not None  # whoever enables trading has a place for its ledger
        return TradingPlace(
            self._config, environment, self._state_dir, self.limiter, confirmed=confirmed
        )

    def _trader(
        self,
        environment: Environment,
        symbols: tuple[str, ...],
        standing: Standing,
        *,
        is_trading: bool,
        binding: "Binding | None",
    ) -> Trader:
        settings = market_settings(self._config, environment)
        if not is_trading:
            return Trader(symbols, settings, standing=standing)
        from botcore_tui.cli.desk_settings import desk_settings  # noqa: PLC0415 - only to trade
        from botcore_tui.cli.trading import strategy_of  # noqa: PLC0415 - the same

        is_demo = environment is Environment.DEMO
        traded = traded_symbols(self._config) if is_demo else symbols
        return Trader(
            symbols,
            settings,
            standing=standing,
            desk=desk_settings(self._config, traded, environment, binding),
            strategy=strategy_of(self._config),
        )

    def _recorder(self, environment: Environment, receiver: Receiver) -> Recorder | None:
        if self._record is None or environment is Environment.REPLAY:
            return None
        rotate_bytes = self._config.recording.rotate_mb * 1_000_000
        recorder = Recorder(self._record, rotate_bytes=rotate_bytes)
        self._record = None  # one tape a run: another environment would not belong on it
        receiver.record = recorder.write
        return recorder

    def _feed(
        self, environment: Environment, place: "TradingPlace | None"
    ) -> tuple[MarketFeed, Receiver, str, tuple[str, ...]]:
        if environment is Environment.DEMO:
            return self._demo(place)
        if environment is Environment.REPLAY:
            assert self._playback is not None
            player = tape_player(self._playback)
            return player, player.receiver, "REPLAY", ()
        if place is not None:
            account = place.feed(is_fresh=False)
            return account, account.receiver, "", self._config.symbols
        from botcore_tui.cli.live import live_feed  # noqa: PLC0415 - websockets and ccxt

        feed = live_feed(self._config, environment, self.limiter)
        return feed, feed.receiver, "MARKET DATA ONLY", self._config.symbols

    def _demo(
        self, place: "TradingPlace | None"
    ) -> tuple[MarketFeed, Receiver, str, tuple[str, ...]]:
        config, symbols = self._config, demo_symbols(self._config)
        if problems := [text for _, text in demo_problems(config)]:
            raise ConfigError(problems)
        if place is None:
            feed: DemoFeed | AccountFeed = demo_feed(config, self.limiter)
        else:
            feed = place.feed(is_fresh=self._is_fresh)
            self._is_fresh = False  # who comes back to it finds what he left
        return feed, feed.receiver, demo_label(config), symbols


def _standing(state: TradingState, waits: str) -> Standing:
    """What an engine begins with; HALTED where something is to be done before."""
    if not waits:
        return Standing(state)
    halt = HaltInfo("first start", waits, SystemClock().now_ms())
    return Standing(TradingState.HALTED, halt)


def market_settings(config: Config, environment: Environment) -> MarketSettings:
    """What the core needs of the configuration.

    The exchange that demo starts has a clock of its own, which may run faster than ours: nothing
    follows from their difference.
    """
    staleness = config.staleness
    floor_ms = round(staleness.depth_seconds * 1000)
    return MarketSettings(
        Staleness(floor_ms=floor_ms, multiple=staleness.gap_multiple),
        has_venue_time=environment is not Environment.DEMO,
    )


def engine_settings(config: Config, environment: Environment, label: str) -> EngineSettings:
    """What the engine needs of the configuration."""
    return EngineSettings(
        environment=str(environment),
        label=label,
        trading_enabled=trades(config, environment),
        inbox_capacity=config.engine.inbox_capacity,
        switch_interval_ms=config.engine.switch_interval_ms,
        pins_cores=config.engine.pin_cores,
        uses_uvloop=config.engine.use_uvloop,
    )


def tape_player(playback: Playback) -> Player:
    """Plays a tape for a screen: stays at the end, waits for commands."""
    tape = playback.tape

    def errors() -> str:
        return "; ".join(map(str, tape.errors[:3]))

    settings = PlayerSettings(
        tape.path.name,
        playback.speed,
        start_seconds=playback.start_seconds,
        waits_at_end=True,
    )

    def opened() -> Generator[list[Line], None, None]:
        yield from tape
        for error in tape.errors:
            # The line for alerts is short; which folder it was, the exit tells.
            logger.error("%s", str(error).replace(f"{tape.path.parent}{os.sep}", ""))

    return Player(
        opened,
        settings,
        SystemClock(),
        errors=errors,
        total_seconds=TapeLength(tape.path).seconds,
    )


def _recording_row(recorder: Recorder) -> Callable[[], tuple[FeedState, ...]]:
    def row() -> tuple[FeedState, ...]:
        trouble = recorder.error or (f"{recorder.dropped} dropped" if recorder.dropped else "")
        return (
            FeedState(
                name="recording",
                status="down" if recorder.failed else "live",
                last_frame_ns=0,
                lag_ms=None,
                frames=recorder.frames,
                frames_per_second=0.0,
                sequence="-",
                reconnects=0,
                detail=trouble or recorder.part.name,
            ),
        )

    return row
