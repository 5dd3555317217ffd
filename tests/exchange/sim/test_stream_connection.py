"""Frames go out in batches, pings and goodbyes are answered, and silence is noticed."""

import asyncio
import struct
from typing import Final

import pytest
from aiohttp import WSMessage, WSMsgType

from botcore_tui.exchange.sim.mailbox import Mailbox
from botcore_tui.exchange.sim.stream_connection import StreamConnection

SECOND_NS: Final = 1_000_000_000
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.is_aborted = False
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.is_closed or self.is_aborted

    def get_write_buffer_size(self) -> int:
        return sum(map(len, self.written))

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_aborted = True


class Socket:
    """What the client sends, in order."""

    def __init__(self, *messages: WSMessage) -> None:
        self.messages = list(messages)
        self.closed_with: list[int] = []

    async def receive(self) -> WSMessage:
        return self.messages.pop(0)

    async def close(self, *, code: int) -> None:
        self.closed_with.append(code)


class Wire:
    def __init__(self, *messages: WSMessage) -> None:
        self.mailbox = Mailbox()
        self.transport = Transport()
        self.socket = Socket(*messages)
        self.now_ns = 0
        self.received: list[str] = []
        self.is_heeded = True
        self.notes = 0
        self.connection = StreamConnection(
            self.mailbox,
            self.socket,  # type: ignore[arg-type]  # all of it that is used
            self.transport,
            lambda: self.now_ns,
        )

    def note(self) -> bool:
        self.notes += 1
        return self.is_heeded

    async def serve(self) -> None:
        await self.connection.serve(self.received.append, self.note)

    def beat(self, seconds: float) -> None:
        self.now_ns += round(seconds * SECOND_NS)
        self.connection.beat()


def a_message(kind: WSMsgType, data: object = None) -> WSMessage:
    return WSMessage(kind, data, None)


GONE: Final = a_message(WSMsgType.CLOSED)


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f" + struct.pack(">Q", 65_536)),
    ],
)
async def test_a_text_frame_says_how_long_it_is(size: int, head: bytes) -> None:
    wire = Wire()
    wire.mailbox.send(b"x" * size)
    wire.connection.flush()
    assert wire.transport.written == [head + b"x" * size]


async def test_all_that_waits_goes_out_at_once_in_the_loops_next_turn() -> None:
    wire = Wire()
    for text in (b"a", b"b", b"c"):
        wire.mailbox.send(text)
    assert wire.transport.written == []
    await asyncio.sleep(0)  # the next turn
    assert wire.transport.written == [b"\x81\x01a\x81\x01b\x81\x01c"]
    assert wire.mailbox.outbox == []


async def test_what_waited_before_the_connection_goes_out() -> None:
    mailbox, transport = Mailbox(), Transport()
    mailbox.send(b"early")
    socket = Socket()
    StreamConnection(mailbox, socket, transport, lambda: 0)  # type: ignore[arg-type]  # as in Wire
    await asyncio.sleep(0)  # the next turn
    assert transport.written == [b"\x81\x05early"]


async def test_requests_come_in_as_text_or_bytes() -> None:
    wire = Wire(
        a_message(WSMsgType.TEXT, "one"),
        a_message(WSMsgType.BINARY, b"two\xff"),
        GONE,
    )
    await wire.serve()
    assert wire.received == ["one", "two\ufffd"]
    assert wire.transport.is_closed


async def test_a_ping_is_answered_with_its_payload_and_counts() -> None:
    wire = Wire(a_message(WSMsgType.PING, b"hi"), a_message(WSMsgType.PONG, b""), GONE)
    await wire.serve()
    assert wire.transport.written == [bytes((PONG, 2)) + b"hi"]
    assert wire.notes == 2


async def test_a_ping_that_is_not_to_be_heeded_is_not_answered() -> None:
    wire = Wire(a_message(WSMsgType.PING, b"hi"), GONE)
    wire.is_heeded = False
    await wire.serve()
    assert wire.transport.written == []


@pytest.mark.parametrize(("said", "answered"), [(1000, 1000), (4001, 4001), (0, 1000)])
async def test_a_goodbye_is_answered(said: int, answered: int) -> None:
    wire = Wire(a_message(WSMsgType.CLOSE, said))
    await wire.serve()
    assert wire.socket.closed_with == [answered]


async def test_the_venues_goodbye_comes_after_what_waits_and_ends_with_the_answer() -> None:
    wire = Wire(a_message(WSMsgType.CLOSE, 1008))
    wire.mailbox.send(b"last")
    wire.mailbox.cut(1008, "Too many requests")
    await asyncio.sleep(0)  # the next turn
    wire.connection.flush()
    goodbye = b"\x03\xf0Too many requests"
    assert wire.transport.written == [b"\x81\x04last", bytes((CLOSE, len(goodbye))) + goodbye]
    await wire.serve()
    assert (wire.socket.closed_with, wire.transport.is_closed) == ([], True)


async def test_nothing_is_written_to_a_connection_that_is_gone() -> None:
    wire = Wire()
    wire.transport.abort()
    wire.mailbox.send(b"x")
    wire.connection.flush()
    assert (wire.transport.written, wire.connection.waiting_bytes) == ([], 0)


@pytest.mark.requirement("F05")
async def test_a_half_open_connection_does_not_even_answer_a_goodbye() -> None:
    wire = Wire(a_message(WSMsgType.CLOSE, 1000))
    wire.mailbox.is_mute = True
    wire.beat(200)
    serving = asyncio.ensure_future(wire.serve())
    for _ in range(5):
        await asyncio.sleep(0)  # a turn of the loop
    assert not serving.done()
    assert (wire.transport.written, wire.transport.is_closed) == ([], False)
    serving.cancel()


async def test_a_ping_goes_out_every_three_minutes() -> None:
    wire = Wire()
    for _ in range(9):
        wire.beat(60)
    assert wire.transport.written == [
        bytes((PING, len(text))) + text for text in (b"180000", b"360000", b"540000")
    ]


async def test_a_client_that_answers_stays_and_one_that_does_not_is_cut_after_ten_minutes() -> None:
    wire = Wire(a_message(WSMsgType.PONG, b""), GONE)
    wire.beat(599)
    await wire.serve()
    wire.beat(600)
    codes = [wire.mailbox.close_code]
    wire.beat(1)
    codes.append(wire.mailbox.close_code)
    assert codes == [0, 1008]
    assert wire.mailbox.close_reason == "Pong timeout"


async def test_what_waits_is_known_and_can_be_abandoned() -> None:
    wire = Wire()
    wire.mailbox.send(b"12345")
    await asyncio.sleep(0)  # the next turn
    assert wire.connection.waiting_bytes == 7
    wire.connection.abort()
    assert wire.transport.is_aborted
