"""What stands around an engine that trades: the account, the halt file, the door for commands."""

import logging
import os
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from botcore_tui.cli.actor import actor
from botcore_tui.cli.addresses import demo_address, venue_address
from botcore_tui.cli.admitted import AdmittedPort
from botcore_tui.cli.checks_report import Checkroom
from botcore_tui.cli.embedded import trading_demo_feed
from botcore_tui.cli.first_start import CautiousAuthority, waiting
from botcore_tui.cli.kill_venue import venue_to_kill
from botcore_tui.cli.leaving import Settled, settle
from botcore_tui.cli.ledger_pages import LedgerPages
from botcore_tui.cli.ledger_place import ledger_url
from botcore_tui.cli.operator_token import operator_token
from botcore_tui.cli.phase_report import phase_report
from botcore_tui.cli.places import latch_path, socket_path, trace_path
from botcore_tui.cli.tally import Tally
from botcore_tui.cli.trading import Counter
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.core.promotion import Evidence
from botcore_tui.core.standing import is_of_leaving
from botcore_tui.engine.call_log import CallLog, Counts
from botcore_tui.engine.control import ControlServer
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.rescue import Rescue, SecondWay
from botcore_tui.engine.uptime import Append, StreamUptime
from botcore_tui.exchange.account_feed import AccountFeed
from botcore_tui.exchange.base import MarketFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.permit import Confirmed
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.demo import DemoFeed
from botcore_tui.exchange.sim.ready import Ready
from botcore_tui.model.snapshot import FeedState
from botcore_tui.operators.authority import Authority
from botcore_tui.operators.names import operators_directory
from botcore_tui.small_file import Identity

logger = logging.getLogger(__name__)


class TradingPlace:
    """One environment in which orders may leave.

    Args:
        config: Checked.
        environment: With an account.
        state_dir: For the ledger, the halt file, the socket.
        limiter: Of this process.
        confirmed: By a person, of this account, now; needed where money is real.

    Attributes:
        counter: Where the account is opened.
        latch: Keeps a halt over restarts.
        tally: Counts what happens.
    """

    def __init__(
        self,
        config: Config,
        environment: Environment,
        state_dir: Path,
        limiter: Limiter,
        *,
        confirmed: Confirmed | None = None,
    ) -> None:
        self._confirmed = confirmed
        self._config = config
        self._environment = environment
        self._state_dir = state_dir
        self._limiter = limiter
        self._overseer = _LateOverseer()
        self.counter = Counter(config, state_dir, limiter, self._overseer)
        self.latch = HaltLatch(latch_path(state_dir, environment), str(environment))
        self.tally = Tally()
        directory = operators_directory(state_dir)
        self._waits = "not looked yet"
        authority = Authority(environment, directory, SystemClock().now_ms)
        self._authority = CautiousAuthority(authority, self.waits)

    def waits(self) -> str:
        """Why nothing may be armed yet; empty if it may."""
        if self._waits:  # once read the limits stay so: no disk is asked any more
            self._waits = waiting(self._config, self._environment, self._state_dir)
        return self._waits

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
        address = venue_address(self._config, self._environment, os.environ, self._confirmed)
        self.latch.account = address.account
        self.counter.prepare(address)

        def opened(receiver: Receiver) -> AbstractAsyncContextManager[MarketFeed]:
            return self.counter.session(address, receiver)

        return AccountFeed(opened, Receiver(), SystemClock())

    def attach(self, engine: Engine) -> None:
        """Belong to this engine, which has not started."""
        self._overseer.engine = engine
        clock = SystemClock()
        path = socket_path(self._state_dir, self._environment)
        server = ControlServer(path, engine, clock, authority=self._authority)
        engine.serve("control", server.run)
        standstill_seconds = self._config.breaker.standstill_seconds
        rescue = Rescue(engine, self._second_way, SystemClock(), standstill_seconds)
        engine.serve("rescue", rescue.run)
        engine.serve("uptime", StreamUptime(self._streams, self._append, SystemClock()).run)
        engine.serve("calls", CallLog(self._calls, self._append, SystemClock()).run)

    def door(self, engine: Engine) -> AdmittedPort:
        """The engine as the cockpit commands it: in the name of the operator who sits there."""
        peer = actor()
        return AdmittedPort(
            engine, self._authority, lambda: operator_token(os.environ), peer, SystemClock()
        )

    def pages(self) -> LedgerPages:
        """The ledger, for the cockpit's browser."""

        return LedgerPages(
            ledger_url(self._config, self._state_dir, self._environment), self._account
        )

    def evidence(self) -> Sequence[Evidence]:
        """What the next phase needs, as the ledgers show it; may take a second."""
        now_ms = SystemClock().now_ms()
        account = self._account()
        found = phase_report(self._config, self._state_dir, self._environment, account, now_ms)
        return found.evidence

    def checks(self) -> Checkroom:
        """The monitoring checklist, for the cockpit."""
        clock = SystemClock()
        return Checkroom(self._config, self._state_dir, self._environment, self._account, clock)

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
        seen, halt = self.latch.identity(), self.latch.read()
        if halt is None:
            return
        is_clean_leave = settled is not None and settled.is_clean and is_of_leaving(halt)
        # A demo's account has ended with it: nothing is left that a halt could be about.
        if is_clean_leave or self._environment is Environment.DEMO:
            self._clear(seen)

    def _account(self) -> str:
        opened = self.counter.account
        return "" if opened is None else opened.address.account

    def _second_way(self) -> SecondWay | None:
        opened = self.counter.account
        if opened is None:
            return None
        return SecondWay(venue_to_kill(opened.address), opened.address.symbols)

    def _streams(self, now_ns: int) -> tuple[FeedState, ...]:
        opened = self.counter.account
        return () if opened is None else opened.session.states(now_ns)

    def _calls(self) -> Counts | None:
        opened = self.counter.account
        return None if opened is None else self._limiter.gate(opened.address.hosts.rest).calls

    def _append(self) -> Append | None:
        opened = self.counter.account
        return None if opened is None else opened.ledger.append

    def _clear(self, seen: Identity | None) -> None:
        try:
            self.latch.clear({seen})  # one that another program writes now is another halt
        except OSError as error:
            logger.error(  # noqa: TRY400 - no defect
                "the halt file cannot be removed: %s", error.strerror
            )

    def _session(self, ready: Ready, receiver: Receiver) -> AbstractAsyncContextManager[MarketFeed]:
        return self.counter.session(demo_address(ready), receiver)


class _LateOverseer:
    """The engine, once there is one: it is made after its feed."""

    def __init__(self) -> None:
        self.engine: Engine | None = None

    @property
    def bars_entries(self) -> bool:
        """Whether nothing may raise a position."""
        assert self.engine is not None
        return self.engine.bars_entries

    def on_death(self, name: str, error: Exception) -> None:
        """Hear of a task that died."""
        assert self.engine is not None
        self.engine.on_death(name, error)
