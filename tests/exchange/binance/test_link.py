import asyncio
from itertools import pairwise
from typing import Literal

import msgspec
import pytest

from botcore_tui.clock import ManualClock
from botcore_tui.exchange.binance.link import Link, LinkError, Reply, is_loopback


class DeafTransport:
    def __init__(self) -> None:
        self.is_aborted = False

    def abort(self) -> None:
        self.is_aborted = True


class PaperSocket:
    """Keeps what is sent; closes only if told that it may."""

    def __init__(self, clock: ManualClock) -> None:
        self.transport = DeafTransport()
        self.sent: list[tuple[int, str, list[str]]] = []
        self.may_send = asyncio.Event()
        self.may_send.set()
        self.may_close = True
        self._clock = clock

    async def recv(self, decode: Literal[False]) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def send(self, message: str) -> None:
        await self.may_send.wait()
        asked = msgspec.json.decode(message, type=dict[str, str | list[str] | int])
        method, names = asked["method"], asked["params"]
        assert isinstance(method, str)
        assert isinstance(names, list)
        self.sent.append((self._clock.monotonic_ns(), method, names))

    async def ping(self) -> asyncio.Future[float]:
        return asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        if not self.may_close:
            await asyncio.Event().wait()


async def settled(task: asyncio.Task[None]) -> None:
    for _ in range(200):
        await asyncio.sleep(0)  # a turn of the loop
    assert not task.done()


async def test_subscriptions_follow_what_is_wanted_at_a_bearable_pace() -> None:
    clock = ManualClock()
    socket = PaperSocket(clock)
    link = Link(socket, clock, per_second=4.0)
    wanted = [f"s{number}" for number in range(250)]
    task = asyncio.create_task(link.keep_subscribed(lambda: wanted, 5.0))
    await settled(task)
    assert [(method, len(names)) for _, method, names in socket.sent] == [
        ("SUBSCRIBE", 100),
        ("SUBSCRIBE", 100),
        ("SUBSCRIBE", 50),
    ]
    wanted = ["s1", "new"]
    link.wake()
    await settled(task)
    assert socket.sent[3:5][0][1] == "UNSUBSCRIBE"
    assert sorted(link.asked_ns) == ["new", "s1"]
    link.ask_again(["s1", "unwanted"])
    await settled(task)
    assert socket.sent[-1][1:] == ("SUBSCRIBE", ["s1"])
    times = [at for at, _, _ in socket.sent]
    assert all(after - before >= 250_000_000 for before, after in pairwise(times))
    task.cancel()
    await asyncio.wait([task])


async def test_replies_confirm_refuse_or_are_none_of_our_business() -> None:
    clock = ManualClock()
    socket = PaperSocket(clock)
    link = Link(socket, clock, per_second=8.0)
    wanted = ["a"]
    task = asyncio.create_task(link.keep_subscribed(lambda: wanted, 5.0))
    await settled(task)
    assert link.reply(b'{"result":null,"id":1}') == Reply()
    assert link.acknowledged == {"a"}
    wanted = ["a", "b", "c"]
    link.wake()
    await settled(task)
    assert link.reply(b'{"error":{"code":2,"msg":"bad"},"id":2}') == Reply(), "asks one by one"
    await settled(task)
    assert [names for _, _, names in socket.sent[2:]] == [["b"], ["c"]]
    assert link.reply(b'{"result":null,"id":4}') == Reply()
    assert link.reply(b'{"code":2,"msg":"Invalid request: x"}') == Reply(
        ("b",), "SUBSCRIBE refused: Invalid request: x (2)"
    )
    assert link.acknowledged == {"a", "c"}
    for other in (b"", b"{}", b"[1]", b"\xff", b'{"id":"x"}', b'{"stream":"a","data":{}}'):
        assert link.reply(other) is None
    assert link.reply(b'{"result":null,"id":1,"x":"%s"}' % (b"y" * 20_000)) is None
    assert link.reply(b'{"result":null,"id":77}') == Reply()
    task.cancel()
    await asyncio.wait([task])


async def test_peer_that_takes_no_message_ends_the_connection() -> None:
    clock = ManualClock()
    socket = PaperSocket(clock)
    socket.may_send.clear()
    link = Link(socket, clock, per_second=8.0)
    with pytest.raises(LinkError, match=r"took no message for 0\.01 s"):
        await link.keep_subscribed(lambda: ["a"], 0.01)


async def test_closing_is_bounded_and_always_frees_the_socket() -> None:
    clock = ManualClock()
    socket = PaperSocket(clock)
    socket.may_close = False
    await Link(socket, clock, per_second=8.0).close()
    assert socket.transport.is_aborted


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ws://127.0.0.1:1/x", True),
        ("ws://127.9.9.9/x", True),
        ("ws://[::1]:80/x", True),
        ("http://localhost:80", True),
        ("http://a.localhost", True),
        ("wss://fstream.binance.com/public", False),
        ("wss://localhost.evil.example/", False),
        ("ws://10.0.0.1/", False),
        ("nonsense", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, *, expected: bool) -> None:
    assert is_loopback(url) is expected
