"""Stream connections of the embedded exchange, without sockets."""

import json
import random

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.fault_specs import parse_spec
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.session import Session
from botcore_tui.exchange.sim.stream_addresses import StreamAddress, stream_address
from botcore_tui.exchange.sim.streams import Hub

START_MS = 1_700_000_000_000


class HubStage:
    """A hub with its agenda and faults."""

    def __init__(self) -> None:
        self.agenda = Agenda(START_MS)
        self.faults = Faults(random.Random(2), self.agenda)
        self.hub = Hub(self.agenda, self.faults)

    def connect(self, target: str) -> Session:
        """A connection to an address such as ``/public/ws/btcusdt@depth``."""
        return self.hub.open(address_of(target))

    def arm(self, spec: str) -> None:
        """Arm a fault."""
        for fault in parse_spec(spec):
            self.faults.add(fault)

    def wait(self, milliseconds: int) -> None:
        """Let simulated time pass."""
        self.agenda.advance(self.agenda.now_ms + milliseconds)

    def ask(self, session: Session, method: str, *params: object, identity: int = 1) -> object:
        """The reply to a request; what waited before it stays."""
        request = {"method": method, "params": params, "id": identity}
        session.receive(json.dumps(request), self.agenda.now_ms)
        reply: object = json.loads(session.outbox.pop())
        return reply


def address_of(target: str) -> StreamAddress:
    """An address such as ``/public/ws/btcusdt@depth``, taken apart."""
    path, _, query = target.partition("?")
    address = stream_address(path, query)
    assert address is not None, target
    return address


def heard(session: Session) -> list[dict[str, object]]:
    """The frames that wait, read and taken out."""
    return [json.loads(frame) for frame in taken(session)]


def taken(session: Session) -> list[str]:
    """The frames that wait, taken out."""
    frames = [frame.decode() for frame in session.outbox]
    session.outbox.clear()
    return frames
