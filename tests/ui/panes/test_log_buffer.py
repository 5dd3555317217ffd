"""The ring of log lines: filtered, searched, counted."""

from builders import a_log_line
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.model.event import Severity
from botcore_tui.model.snapshot import LogLine
from botcore_tui.ui.panes.log_buffer import LONGEST_TEXT, LogBuffer, line_text


def numbers(buffer: LogBuffer) -> list[int]:
    return [line.sequence for line in buffer.visible]


def lines(*sequences: int, severity: Severity = Severity.INFO) -> list[LogLine]:
    return [a_log_line(each, text=f"line {each}", severity=severity) for each in sequences]


def test_ring_keeps_the_newest_lines_and_matches_of_kept_lines_only() -> None:
    buffer = LogBuffer(kept=3)
    buffer.set_query("line")
    buffer.append(lines(1, 2, 3, 4, 5))
    assert numbers(buffer) == [3, 4, 5]
    assert list(buffer.matches) == [3, 4, 5]


def test_jump_of_the_sequence_counts_as_dropped_lines() -> None:
    buffer = LogBuffer()
    buffer.append(lines(7, 8))
    assert buffer.dropped == 0
    buffer.append(lines(12))
    buffer.append(lines(13, 15))
    assert buffer.dropped == 4


def test_lines_taken_twice_stay_once() -> None:
    buffer = LogBuffer()
    assert buffer.append(lines(1, 2))
    assert not buffer.append(lines(1, 2))
    assert buffer.append(lines(2, 3))
    assert numbers(buffer) == [1, 2, 3]
    assert buffer.dropped == 0


def test_cleared_buffer_counts_from_one_again() -> None:
    buffer = LogBuffer()
    buffer.append(lines(8, 10))
    buffer.clear()
    assert buffer.append(lines(1))
    assert (numbers(buffer), buffer.dropped) == ([1], 0)


def test_level_shows_it_and_everything_above() -> None:
    buffer = LogBuffer()
    every = [a_log_line(place, severity=severity) for place, severity in enumerate(Severity)]
    buffer.append(every)
    assert numbers(buffer) == [1, 2, 3, 4]
    buffer.set_minimum(Severity.ERROR)
    assert numbers(buffer) == [3, 4]
    buffer.set_minimum(Severity.DEBUG)
    assert numbers(buffer) == [0, 1, 2, 3, 4]


def test_search_ignores_case_and_takes_signs_as_they_are() -> None:
    buffer = LogBuffer()
    buffer.append([a_log_line(1, text="Gap (3)"), a_log_line(2, text="gap 3")])
    buffer.set_query("GAP (")
    assert list(buffer.matches) == [1]
    assert buffer.spans("a gap (3) gap (4)") == [(2, 7), (10, 15)]
    buffer.set_query("")
    assert (list(buffer.matches), buffer.spans("gap")) == ([], [])


def test_search_goes_around_the_ends() -> None:
    buffer = LogBuffer()
    buffer.append(lines(1, 2, 3))
    assert (buffer.match_after(1), buffer.match_before(1)) == (None, None)
    buffer.set_query("line")
    assert [buffer.match_after(each) for each in (0, 1, 3)] == [1, 2, 1]
    assert [buffer.match_before(each) for each in (4, 3, 1)] == [3, 2, 3]
    assert buffer.number_of(2) == 2


def test_place_of_a_line_that_left_is_that_of_the_next_older_one() -> None:
    buffer = LogBuffer()
    buffer.append(lines(2, 4, 6))
    assert [buffer.place_of(each) for each in (1, 2, 5, 9)] == [-1, 0, 1, 2]


def test_page_of_text_in_one_line_is_shortened_and_says_so() -> None:
    buffer = LogBuffer()
    buffer.append([a_log_line(1, text="x" * (LONGEST_TEXT + 5))])
    assert buffer.visible[0].text == "x" * LONGEST_TEXT + "… (5 characters more)"


def test_text_is_searched_as_it_is_shown() -> None:
    assert line_text(a_log_line(source="\x1b", text="a\nb")) == r"\x1b a\nb"


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 60), st.sampled_from(Severity)))),
    st.sampled_from(list(Severity)[:4]),
    st.sampled_from(["", "1", "line"]),
)
def test_sifting_line_by_line_equals_sifting_at_the_end(
    batches: list[list[tuple[int, Severity]]], minimum: Severity, query: str
) -> None:
    early, late = LogBuffer(kept=10), LogBuffer(kept=10)
    early.set_minimum(minimum)
    early.set_query(query)
    for batch in batches:
        for buffer in (early, late):
            buffer.append([a_log_line(n, text=f"line {n}", severity=s) for n, s in sorted(batch)])
    late.set_minimum(minimum)
    late.set_query(query)
    assert numbers(early) == numbers(late)
    assert list(early.matches) == list(late.matches)
