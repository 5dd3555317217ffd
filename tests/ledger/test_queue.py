"""What waits: groups in the order of their coming, and how many of them are on the disk."""

from hypothesis import given
from hypothesis import strategies as st
from ledger_rows import a_note, an_intent, numbered
from msgspec import structs

from botcore_tui.ledger.queue import Group, Queue
from botcore_tui.ledger.spill import Entry


def _notes(*texts: str) -> list[Entry]:
    return [Entry("r1", a_note(text=text)) for text in texts]


def _asked(number: int, notes: int = 0) -> list[Entry]:
    return [Entry("r1", numbered(an_intent(), number)), *_notes(*"n" * notes)]


def _told(groups: list[Group]) -> list[tuple[int, int]]:
    return [(group.number, len(group.entries)) for group in groups]


def test_only_an_intent_is_pressing() -> None:
    queue = Queue()
    queue.put(_notes("a"))
    assert queue.pressing(1) == []
    queue.put(_asked(1))
    assert queue.is_pressing
    assert queue.rows == 2


def test_an_intent_goes_with_all_that_came_before_it() -> None:
    queue = Queue()
    for entries in (_notes("a"), _asked(1, notes=1), _notes("b", "c"), _asked(2), _notes("d")):
        queue.put(entries)
    assert _told(queue.pressing(9)) == [(1, 1), (2, 2), (3, 2), (4, 1)]
    assert _told(queue.pressing(3)) == [(1, 1), (2, 2), (3, 2)]
    queue.keep(queue.pressing(3))
    assert _told(queue.pressing(9)) == [(4, 1)]
    queue.keep(queue.pressing(9))
    assert not queue.is_pressing
    assert _told(queue.batch(99)) == [(1, 1), (2, 2), (3, 2), (4, 1), (5, 1)]


def test_what_is_in_its_tables_is_not_pressing_any_more() -> None:
    queue = Queue()
    for entries in (_notes("a", "b"), _asked(1), _asked(2)):
        queue.put(entries)
    assert queue.take(3) == [*_notes("a", "b"), *_asked(1)]
    assert (_told(queue.pressing(5)), _told(queue.batch(5)), queue.rows) == ([(3, 1)], [(3, 1)], 1)
    queue.take(1)
    assert not queue.is_pressing


def test_a_batch_ends_with_a_whole_group() -> None:
    queue = Queue()
    for entries in (_notes("a"), _notes("b", "c", "d"), _notes("e")):
        queue.put(entries)
    assert _told(queue.batch(1)) == [(1, 1)]
    assert _told(queue.batch(2)) == [(1, 1), (2, 3)]
    assert _told(queue.batch(5)) == [(1, 1), (2, 3), (3, 1)]


def test_emptied_it_gives_what_nothing_keeps() -> None:
    queue = Queue()
    for entries in (_notes("a"), _asked(1), _notes("b")):
        queue.put(entries)
    queue.keep(queue.pressing(9))
    assert queue.clear() == [Entry("r1", a_note(text="b"), 3)]
    assert (queue.rows, queue.is_pressing, queue.batch(9)) == (0, False, [])


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 3)),
        st.tuples(st.just("ask"), st.integers(0, 3)),
        st.tuples(st.just("keep"), st.integers(1, 3)),
        st.tuples(st.just("write"), st.integers(1, 5)),
    )
)


@given(_STEPS)
def test_whatever_happens_rows_are_counted_and_in_order(steps: list[tuple[str, int]]) -> None:
    queue = Queue()
    waiting: list[tuple[int, list[Entry]]] = []
    number = kept = pressing = 0
    for step, size in steps:
        match step:
            case "put" | "ask":
                number += 1
                entries = _asked(number, size) if step == "ask" else _notes(*"n" * (size + 1))
                queue.put(entries)
                waiting.append((number, entries))
                pressing = number if step == "ask" else pressing
            case "keep":
                if groups := queue.pressing(size):
                    queue.keep(groups)
                    kept += len(groups)
            case "write":
                batch = queue.batch(size)
                assert [(each.number, each.entries) for each in batch] == waiting[: len(batch)]
                taken = queue.take(sum(len(group.entries) for group in batch))
                assert taken == [entry for _, each in waiting[: len(batch)] for entry in each]
                waiting = waiting[len(batch) :]
                kept = max([kept, *(group.number for group in batch)])
        assert queue.rows == sum(len(entries) for _, entries in waiting)
        assert queue.is_pressing is (pressing > kept)
        expected = [each for each, _ in waiting if kept < each <= pressing]
        assert [group.number for group in queue.pressing(100)] == expected
    left = [
        structs.replace(entry, number=each)
        for each, entries in waiting
        if each > kept
        for entry in entries
    ]
    assert queue.clear() == left
