from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.sim.agenda import Agenda

_TIMES = st.lists(st.integers(0, 100), max_size=30)


def test_calls_happen_in_order_of_time_then_of_entry() -> None:
    agenda, seen = Agenda(0), list[str]()
    for time_ms, name in ((5, "b"), (3, "a"), (5, "c")):
        agenda.at(time_ms, partial(seen.append, name))
    agenda.advance(4)
    assert seen == ["a"]
    agenda.advance(5)
    assert seen == ["a", "b", "c"]


def test_a_cancelled_entry_does_not_happen() -> None:
    agenda, seen = Agenda(0), list[int]()
    entry = agenda.at(1, lambda: seen.append(1))
    entry.cancel()
    agenda.advance(2)
    entry.cancel()
    assert seen == []


def test_a_call_may_enter_another_that_is_due_at_once() -> None:
    agenda, seen = Agenda(10), list[int]()

    def enter() -> None:
        agenda.at(3, lambda: seen.append(agenda.now_ms))

    agenda.at(11, enter)
    agenda.advance(20)
    assert seen == [11]
    assert agenda.now_ms == 20


def test_time_does_not_go_back() -> None:
    agenda = Agenda(10)
    agenda.advance(5)
    assert agenda.now_ms == 10


@given(_TIMES, _TIMES)
def test_the_size_of_the_steps_changes_nothing(due: list[int], steps: list[int]) -> None:
    histories = []
    for stops in ([100], [*sorted(steps), 100]):
        agenda, seen = Agenda(0), list[tuple[int, int]]()

        def happen(index: int, agenda: Agenda = agenda, seen: list[tuple[int, int]] = seen) -> None:
            seen.append((agenda.now_ms, index))
            if index < 60:
                agenda.at(agenda.now_ms + 7, lambda: happen(index + 30))

        for index, time_ms in enumerate(due):
            agenda.at(time_ms, partial(happen, index))
        for stop in stops:
            agenda.advance(stop)
        histories.append(seen)
    assert histories[0] == histories[1]
