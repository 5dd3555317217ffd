"""A listen key lives an hour after it was last asked for, and there is one at a time."""

import random

import pytest

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.listen_keys import VALIDITY_MS, ListenKeys
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.exchange.sim.stream_names import is_listen_key

MINUTE = 60_000


class Keys:
    def __init__(self) -> None:
        self.agenda = Agenda(1_000_000)
        self.expired: list[tuple[int, str]] = []
        self.keys = ListenKeys(self.agenda, random.Random(1), self.note)

    def note(self, key: str) -> None:
        assert not self.keys.current
        self.expired.append((self.agenda.now_ms, key))

    def wait(self, milliseconds: int) -> None:
        self.agenda.advance(self.agenda.now_ms + milliseconds)


def test_asking_again_gives_the_same_key_and_another_hour() -> None:
    stage = Keys()
    key = stage.keys.obtain()
    assert is_listen_key(key)
    stage.wait(59 * MINUTE)
    assert stage.keys.obtain() == key
    stage.wait(59 * MINUTE)
    assert stage.keys.current == key


@pytest.mark.requirement("F05")
def test_a_key_that_is_not_extended_expires_after_an_hour_and_the_next_is_another() -> None:
    stage = Keys()
    key = stage.keys.obtain()
    stage.wait(VALIDITY_MS - 1)
    assert stage.expired == []
    stage.wait(1)
    assert stage.expired == [(1_000_000 + VALIDITY_MS, key)]
    assert stage.keys.current == ""
    assert stage.keys.obtain() != key
    stage.wait(VALIDITY_MS)
    assert len(stage.expired) == 2


def test_extending_gives_another_hour() -> None:
    stage = Keys()
    key = stage.keys.obtain()
    for _ in range(3):
        stage.wait(50 * MINUTE)
        assert stage.keys.extend() == key
    stage.wait(VALIDITY_MS)
    assert stage.expired == [(1_000_000 + 150 * MINUTE + VALIDITY_MS, key)]


def test_a_key_that_is_gone_cannot_be_extended() -> None:
    stage = Keys()
    with pytest.raises(RefusalError) as refused:
        stage.keys.extend()
    assert refused.value.code == -1125


def test_a_deleted_key_ends_quietly_and_does_not_end_its_successor() -> None:
    stage = Keys()
    first = stage.keys.obtain()
    stage.wait(10 * MINUTE)
    stage.keys.end()
    stage.keys.end()
    second = stage.keys.obtain()
    assert second != first
    stage.wait(VALIDITY_MS - 1)
    assert stage.keys.current == second
    assert stage.expired == []


def test_a_key_may_expire_before_its_time() -> None:
    stage = Keys()
    stage.keys.expire()
    key = stage.keys.obtain()
    stage.keys.expire()
    stage.wait(2 * VALIDITY_MS)
    assert stage.expired == [(1_000_000, key)]
