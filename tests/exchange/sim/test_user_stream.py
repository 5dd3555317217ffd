"""User events go to the valid key, and go astray as armed."""

import random

import pytest
from listeners import START_MS, HubStage, taken

from botcore_tui.exchange.sim.listen_keys import VALIDITY_MS
from botcore_tui.exchange.sim.session import Session
from botcore_tui.exchange.sim.user_stream import UserStream

ORDER = "ORDER_TRADE_UPDATE"


class Stage(HubStage):
    def __init__(self) -> None:
        super().__init__()
        self.stream = UserStream(self.hub, self.agenda, random.Random(1), self.faults)
        self.key = self.stream.keys.obtain()

    def listen(self) -> Session:
        return self.connect(f"/private/ws/{self.key}")

    def send(self, *texts: str, event: str = ORDER) -> None:
        for text in texts:
            self.stream.send(event, text)


def test_events_reach_who_listens_and_are_not_wanted_otherwise() -> None:
    stage = Stage()
    wanted = [stage.stream.is_wanted]
    session = stage.listen()
    wanted.append(stage.stream.is_wanted)
    stage.send("1", "2")
    assert taken(session) == ["1", "2"]
    stage.stream.keys.end()
    wanted.append(stage.stream.is_wanted)
    assert wanted == [False, True, False]
    stage.send("3")
    assert (taken(session), session.close_code) == ([], 0)


@pytest.mark.requirement("F05")
def test_a_key_that_expires_is_told_on_the_open_connection_which_is_silent_from_then_on() -> None:
    stage = Stage()
    session = stage.connect(f"/private/ws?listenKey={stage.key}&events=ACCOUNT_UPDATE")
    asking = stage.connect(f"/private/ws?listenKey={stage.key}&events=listenKeyExpired")
    every = stage.listen()
    stage.wait(VALIDITY_MS)
    expired = f'{{"e":"listenKeyExpired","E":{START_MS + VALIDITY_MS},"listenKey":"{stage.key}"}}'
    assert taken(every) == [expired]
    assert taken(asking) == [expired]
    assert taken(session) == []
    stage.stream.keys.obtain()
    stage.send("1")
    assert (taken(every), every.close_code) == ([], 0)


@pytest.mark.requirement("F05")
def test_events_can_be_lost_or_silenced() -> None:
    stage = Stage()
    session = stage.listen()
    stage.arm("user-lost")
    stage.send("account", event="ACCOUNT_UPDATE")
    stage.send("lost", "next")
    assert taken(session) == ["account", "next"]
    stage.arm("user-silent=event:ACCOUNT_UPDATE")
    stage.send("silent", event="ACCOUNT_UPDATE")
    stage.send("heard")
    assert taken(session) == ["heard"]


@pytest.mark.requirement("F03")
def test_an_event_can_come_late_or_twice() -> None:
    stage = Stage()
    session = stage.listen()
    stage.arm("user-late=delay_ms:500")
    stage.send("1", "2")
    stage.wait(499)
    assert taken(session) == ["2"]
    stage.wait(1)
    assert taken(session) == ["1"]
    stage.arm("user-duplicate")
    stage.send("3", "4")
    assert taken(session) == ["3", "3", "4"]


def test_what_comes_late_does_not_outlive_its_key() -> None:
    stage = Stage()
    session = stage.listen()
    stage.arm("user-late=delay_ms:500")
    stage.send("1")
    stage.stream.keys.end()
    stage.wait(500)
    assert taken(session) == []


@pytest.mark.requirement("F03")
def test_an_event_can_be_overtaken_by_the_next_or_comes_late_if_there_is_none() -> None:
    stage = Stage()
    session = stage.listen()
    stage.arm("user-reorder=count:2")
    stage.send("1", "2", "3")
    assert taken(session) == ["2", "1"]
    stage.wait(1_000)
    assert taken(session) == ["3"]
    stage.send("4")
    stage.wait(1_000)
    assert taken(session) == ["4"]
