"""What waits: groups in the order of their coming, and those that an order waits for."""

from hypothesis import given
from hypothesis import strategies as st
from ledger_rows import a_note, an_intent, numbered

from botcore_tui.ledger.queue import Group, Queue
from botcore_tui.ledger.spill import Entry


def _notes(*texts: str) -> list[Entry]:
    return [Entry("r1", a_note(text=text)) for text in texts]


def _asked(number: int, notes: int = 0) -> list[Entry]:
    return [Entry("r1", numbered(an_intent(), number)), *_notes(*"n" * notes)]


def test_only_what_has_an_intent_is_pressing() -> None:
    queue = Queue()
    assert queue.put(_notes("a")).number == 0
    assert queue.pressing(1) == []
    groups = [queue.put(_asked(number, notes=1)) for number in range(3)]
    assert [group.number for group in groups] == [1, 2, 3]
    assert queue.is_pressing
    assert queue.pressing(2) == groups[:2]
    assert queue.rows == 7


def test_what_was_offered_waits_for_its_tables_only() -> None:
    queue = Queue()
    one, two, three = [queue.put(_asked(number)) for number in range(3)]
    queue.offered([one, two], [one])
    assert [group.is_kept for group in (one, two, three)] == [True, False, False]
    assert queue.pressing(5) == [three]
    assert queue.batch(5) == [one, two, three]


def test_what_is_in_its_tables_is_not_offered_any_more() -> None:
    queue = Queue()
    queue.put(_notes("a", "b"))
    queue.put(_asked(1))
    two = queue.put(_asked(2))
    assert queue.take(3) == [*_notes("a", "b"), *_asked(1)]
    assert (queue.pressing(5), queue.batch(5), queue.rows) == ([two], [two], 1)
    queue.take(1)
    assert not queue.is_pressing


def test_a_batch_ends_with_a_whole_group() -> None:
    queue = Queue()
    groups = [queue.put(_notes("a")), queue.put(_notes("b", "c", "d")), queue.put(_notes("e"))]
    assert queue.batch(1) == groups[:1]
    assert queue.batch(2) == groups[:2]
    assert queue.batch(5) == groups


def test_emptied_it_gives_what_nothing_keeps() -> None:
    queue = Queue()
    queue.put(_notes("a"))
    kept = queue.put(_asked(1))
    queue.put(_notes("b"))
    queue.offered([kept], [kept])
    assert queue.clear() == [*_notes("a"), *_notes("b")]
    assert (queue.rows, queue.is_pressing, queue.batch(9)) == (0, False, [])


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 3)),
        st.tuples(st.just("ask"), st.integers(0, 3)),
        st.tuples(st.just("offer"), st.integers(1, 3)),
        st.tuples(st.just("write"), st.integers(1, 5)),
    )
)


@given(_STEPS)
def test_whatever_happens_rows_are_counted_and_in_order(steps: list[tuple[str, int]]) -> None:
    queue = Queue()
    waiting: list[Group] = []
    pressing: list[Group] = []
    for step, number in steps:
        match step:
            case "put":
                waiting.append(queue.put(_notes(*"n" * (number + 1))))
            case "ask":
                group = queue.put(_asked(number, notes=number))
                waiting.append(group)
                pressing.append(group)
            case "offer":
                groups = queue.pressing(number)
                queue.offered(groups, groups[1:])
                pressing = pressing[len(groups) :]
            case "write":
                groups = queue.batch(number)
                assert groups == waiting[: len(groups)]
                queue.take(sum(len(group.entries) for group in groups))
                waiting = waiting[len(groups) :]
                pressing = [group for group in pressing if group not in groups]
        assert queue.rows == sum(len(group.entries) for group in waiting)
        assert queue.pressing(100) == pressing
        assert queue.is_pressing is bool(pressing)
