"""What stands around an engine that trades: the account, the halt file, the door for commands."""

import logging
import os
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from botcore_tui.cli.embedded import trading_demo_feed
from botcore_tui.cli.leaving import Settled, is_of_leaving, settle
from botcore_tui.cli.ledger_pages import LedgerPages
from botcore_tui.cli.places import socket_path, trace_path
from botcore_tui.cli.tally import Tally
from botcore_tui.cli.trading import Counter, demo_address, ledger_url, venue_address
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.engine.control import ControlServer
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.exchange.account_feed import AccountFeed
from botcore_tui.exchange.base import MarketFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.demo import DemoFeed
from botcore_tui.exchange.sim.ready import Ready

logger = logging.getLogger(__name__)


class TradingPlace:
    """One environment in which orders may leave.

    Args:
        config: Checked.
        environment: Demo or testnet.
        state_dir: For the ledger, the halt file, the socket.
        limiter: Of this process.

    Attributes:
        counter: Where the account is opened.
        latch: Keeps a halt over restarts.
        tally: Counts what happens.
    """

    def __init__(
        self, config: Config, environment: Environment, state_dir: Path, limiter: Limiter
    ) -> None:
        self._config = config
        self._environment = environment
        self._state_dir = state_dir
        self._overseer = _LateOverseer()
        self.counter = Counter(config, state_dir, limiter, self._overseer)
        self.latch = HaltLatch(state_dir / f"halt-{environment}.json", str(environment))
        self.tally = Tally()

    def feed(self, *, is_fresh: bool) -> DemoFeed | AccountFeed:
        """Market and account.

        Args:
            is_fresh: Whether a demo that was left behind is ended.

        Raises:
            ConfigError: There is no key.
            UnavailableError: The ledger cannot be written, or another program trades there.
        """
        if self._environment is Environment.DEMO:
            trace = trace_path(self._state_dir)
            return trading_demo_feed(self._config, trace, self._session, is_fresh=is_fresh)
        address = venue_address(self._config, self._environment, os.environ)
        self.counter.prepare(address)

        def opened(receiver: Receiver) -> AbstractAsyncContextManager[MarketFeed]:
            return self.counter.session(address, receiver)

        return AccountFeed(opened, Receiver(), SystemClock())

    def attach(self, engine: Engine) -> None:
        """Belong to this engine, which has not started."""
        self._overseer.engine = engine
        path = socket_path(self._state_dir, self._environment)
        engine.serve("control", ControlServer(path, engine, SystemClock()).run)

    def pages(self) -> LedgerPages:
        """The ledger, for the cockpit's browser."""

        def account() -> str:
            opened = self.counter.account
            return "" if opened is None else opened.address.account

        return LedgerPages(ledger_url(self._config, self._state_dir, self._environment), account)

    def settle(self, engine: Engine, reason: str, *, seconds: float) -> Settled:
        """Halt, cancel entries, and see that none is left; for a leave.

        Args:
            engine: Running.
            reason: Of the leave.
            seconds: How long that may take.
        """
        return settle(engine, self.counter, reason, seconds)

    def close(self, settled: Settled | None) -> None:
        """After the engine has ended: forget a halt that only belonged to a leave that went well.

        Args:
            settled: What was found at the leave; None if nobody looked.
        """
        self.counter.close()
        halt = self.latch.read()
        if halt is None:
            return
        is_clean_leave = settled is not None and settled.is_clean and is_of_leaving(halt)
        # A demo's account has ended with it: nothing is left that a halt could be about.
        if is_clean_leave or self._environment is Environment.DEMO:
            self._clear()

    def _clear(self) -> None:
        try:
            self.latch.clear()
        except OSError as error:
            logger.error("the halt file cannot be removed: %s", error.strerror)  # noqa: TRY400

    def _session(self, ready: Ready, receiver: Receiver) -> AbstractAsyncContextManager[MarketFeed]:
        return self.counter.session(demo_address(ready), receiver)


class _LateOverseer:
    """The engine, once there is one: it is made after its feed."""

    def __init__(self) -> None:
        self.engine: Engine | None = None

    @property
    def is_halted(self) -> bool:
        """Whether trading is latched."""
        assert self.engine is not None
        return self.engine.is_halted

    def on_death(self, name: str, error: Exception) -> None:
        """Hear of a task that died."""
        assert self.engine is not None
        self.engine.on_death(name, error)
