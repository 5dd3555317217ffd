"""The embedded exchange as one object without I/O: requests, connections and time go in.

What it does depends on its seed and on what it is asked at which simulated time, and on nothing
else: the same gives the same bytes.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import Struct

from botcore_tui.exchange.sim import control
from botcore_tui.exchange.sim.agenda import Agenda, Entry
from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.control import Answer
from botcore_tui.exchange.sim.dice import Dice
from botcore_tui.exchange.sim.endpoints.endpoint import Backend
from botcore_tui.exchange.sim.exchange_state import fingerprint, summary
from botcore_tui.exchange.sim.fault_specs import Fault
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.frames import MarketFrames
from botcore_tui.exchange.sim.http_messages import USED_WEIGHT, Reply, Request, refused
from botcore_tui.exchange.sim.limits import Limits, Quotas
from botcore_tui.exchange.sim.mailbox import GOING_AWAY, Mailbox
from botcore_tui.exchange.sim.market import Ids, Participants, SymbolMarket
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.exchange.sim.rest import Rest
from botcore_tui.exchange.sim.session import Session
from botcore_tui.exchange.sim.signatures import Credentials
from botcore_tui.exchange.sim.stream_addresses import StreamAddress
from botcore_tui.exchange.sim.stream_names import Route
from botcore_tui.exchange.sim.streams import LIFE_MS, Hub
from botcore_tui.exchange.sim.user_frames import UserFrames
from botcore_tui.exchange.sim.user_stream import UserStream
from botcore_tui.exchange.sim.venue import Venue
from botcore_tui.exchange.sim.ws_api import HANDSHAKE_WEIGHT, WsApi

_SEED_BITS: Final = 64
_NOTES_KEPT: Final = 100


class DiceMaker(Protocol):
    """Makes dice."""

    def __call__(self, seed: int, /) -> Dice:
        """Dice that are thrown the same way for the same seed."""


class ExchangeSettings(Struct, frozen=True, kw_only=True):
    """How an exchange is set up."""

    credentials: Credentials
    balance: int
    """Of the account, atoms."""
    start_ms: int
    """Simulated time that it begins at, UTC milliseconds."""
    seed: int = 0
    quotas: Quotas = Quotas()
    faults: tuple[Fault, ...] = ()
    """Armed from the beginning."""


class Exchange:
    """Everything that stands behind the wire.

    Args:
        settings: How it is set up.
        crowds: Contracts, and who trades them beside the account.
        dice: Makes dice for ids and faults; the crowds have theirs.

    Attributes:
        agenda: Time.
        venue: Account, orders and markets.
        hub: Stream connections.
        faults: Failures that are to happen.
        notes: What was to happen and could not; the latest last.
    """

    def __init__(
        self,
        settings: ExchangeSettings,
        crowds: Sequence[tuple[Contract, Participants]],
        dice: DiceMaker,
    ) -> None:
        self.agenda = agenda = Agenda(settings.start_ms)
        self.notes: list[str] = []
        self._acts: Entry | None = None
        self.faults = faults = Faults(dice(_seed(settings.seed, "faults")), agenda)
        self.hub = hub = Hub(agenda, faults)
        self._frames = MarketFrames(hub, agenda, faults)
        self._stream = UserStream(hub, agenda, dice(_seed(settings.seed, "keys")), faults)
        user = UserFrames(self._stream, agenda)
        ids = Ids(dice(_seed(settings.seed, "updates")))
        markets = {
            contract.symbol: SymbolMarket(
                contract,
                agenda,
                ids,
                crowd,
                self._frames,
                seed=_seed(settings.seed, f"past of {contract.symbol}"),
            )
            for contract, crowd in crowds
        }
        self.venue = Venue(
            agenda,
            markets,
            settings.balance,
            dice=dice(_seed(settings.seed, "orders")),
            faults=faults,
            user=user,
        )
        user.floor = self.venue.floor
        self._limits = Limits(settings.quotas)
        backend = Backend(
            venue=self.venue,
            listen_keys=self._stream.keys,
            faults=faults,
            limits=self._limits,
        )
        self._rest = Rest(backend, settings.credentials)
        self._api = WsApi(
            self._handle, agenda, settings.quotas, settings.credentials.ed25519_api_key
        )
        for market in markets.values():
            market.start()
            self._frames.follow(market)
        for fault in settings.faults:
            faults.add(fault)
        self._await_acts()

    @property
    def now_ms(self) -> int:
        """Simulated time, UTC milliseconds."""
        return self.agenda.now_ms

    def advance(self, now_ms: int) -> None:
        """Let everything happen that is due by a time."""
        self.agenda.advance(now_ms)

    # --- requests -------------------------------------------------------------------------------

    def handle(self, request: Request, now_ms: int, *clocks: int) -> Reply:
        """Answer a request of Binance's interface.

        Args:
            request: As it came.
            now_ms: Simulated time.
            clocks: Other times that a signed request may have; for clients that cannot follow a
                clock that runs fast or stands still.
        """
        self.advance(now_ms)
        return self._handle(request, *clocks)

    def _handle(self, request: Request, *clocks: int) -> Reply:
        if self.faults.is_armed("clock-step"):
            clocks = ()  # or it would fit another clock
        fills = self.venue.floor.account.fills
        before = len(fills)
        reply = self._rest.handle(request, self.now_ms, *clocks)
        if len(fills) > before:
            symbol = fills[-1].order.contract.symbol
            if fault := self.faults.take("fill-before-ack", symbol=symbol):
                reply.delay_ms += fault.amount("delay_ms")
        return reply

    def control(self, request: Request, now_ms: int) -> Answer | None:
        """Answer what is asked beside Binance's interface; None where there is nothing."""
        self.advance(now_ms)
        match request.method, request.path:
            case "GET", "/sim/state":
                return control.state(self.state(), self.faults)
            case "GET", "/sim/faults":
                return control.list_faults(self.faults)
            case "POST", "/sim/faults":
                answer = control.arm(self.faults, request.body.encode(), self.venue.floor.markets)
                self._await_acts()
                return answer
            case "DELETE", "/sim/faults":
                return control.disarm(self.faults, request.query)
        return None

    # --- connections ----------------------------------------------------------------------------

    def connect(self, address: StreamAddress, remote: str, now_ms: int) -> Session | Reply:
        """A new stream connection, or the reply that it is refused with."""
        self.advance(now_ms)
        return self.hub.refusal(address.route, remote) or self.hub.open(address)

    def receive(self, session: Session, text: str, now_ms: int) -> None:
        """Do what a text frame asks for; the answer is in the session's outbox."""
        self.advance(now_ms)
        session.receive(text, now_ms)

    def connect_api(self, remote: str, now_ms: int) -> Mailbox | Reply:
        """A new connection for requests over a WebSocket, or the reply that it is refused with."""
        self.advance(now_ms)
        try:
            self._limits.check_ban(remote, now_ms)
            self._limits.spend(remote, HANDSHAKE_WEIGHT, now_ms)
        except RefusalError as refusal:
            used = self._limits.used_weight(remote, now_ms)
            return refused(refusal, {USED_WEIGHT: str(used)})
        mailbox = self._api.open()
        self.agenda.at(now_ms + LIFE_MS, lambda: mailbox.cut(GOING_AWAY, ""))
        return mailbox

    def receive_api(
        self, mailbox: Mailbox, text: str, remote: str, now_ms: int, *clocks: int
    ) -> None:
        """Answer a request that came over a WebSocket."""
        self.advance(now_ms)
        self._api.receive(mailbox, text, remote, clocks)

    # --- what others do -------------------------------------------------------------------------

    def _await_acts(self) -> None:
        if self._acts is not None:
            self._acts.cancel()
        self._acts = self.agenda.at(self.faults.next_act_ms, self._perform_acts)

    def _perform_acts(self) -> None:
        for fault in self.faults.due_acts(self.now_ms):
            problem = self._perform(fault)
            if problem:
                self.notes.append(f"{self.now_ms}: {problem}")
                del self.notes[:-_NOTES_KEPT]
        self._await_acts()

    def _perform(self, fault: Fault) -> str:
        if fault.name == "listen-key-expired":
            self._stream.keys.expire()
            return ""
        if fault.name == "disconnect":
            self.hub.cut(Route(fault.endpoint) if fault.endpoint else None)
            return ""
        markets = self.venue.floor.markets.values()
        before = [market.contract.status for market in markets]
        problem = self.venue.acts.perform(fault)
        for market, status in zip(markets, before, strict=True):
            if market.contract.status != status:
                self._frames.contract_changed(market, market.contract.status)
        return problem

    # --- looking --------------------------------------------------------------------------------

    def state(self) -> dict[str, object]:
        """What the venue really has, for people; fit for JSON."""
        return {**summary(self.venue, self.hub), "notes": self.notes}

    def state_hash(self) -> str:
        """Fingerprint of everything that a client could find out."""
        return fingerprint(self.venue)


def _seed(seed: int, purpose: str) -> int:
    """A seed of its own for each purpose, so that one does not change what another gets."""
    number = seed
    for byte in purpose.encode():
        number = (number * 0x100000001B3 ^ byte) % 2**_SEED_BITS  # FNV-1a
    return number
