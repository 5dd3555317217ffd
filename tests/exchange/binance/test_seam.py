from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.binance.seam import FrameSequence, Seam, Verdict


def frame(first: int, last: int, previous: int | None, stream: str = "s") -> FrameSequence:
    return FrameSequence(stream, first, last, previous)


def test_seam_is_joined_once_the_old_connection_reached_the_first_new_frame() -> None:
    seam = Seam(["s"], ["s", "rare"])
    seam.hold_new(frame(5, 6, 4))
    seam.deliver_old(frame(2, 3, 1))
    assert not seam.is_joined()
    seam.deliver_old(frame(4, 4, 3))
    assert seam.is_joined()
    assert seam.switch() == {"rare"}
    assert seam.admit(frame(5, 6, 4)) is Verdict.DELIVER


def test_numbers_with_holes_join_only_on_the_same_frame() -> None:
    seam = Seam(["s"], ["s"])
    seam.hold_new(frame(50, 50, None))
    seam.deliver_old(frame(40, 40, None))
    assert not seam.is_joined()
    seam.deliver_old(frame(50, 50, None))
    assert seam.is_joined()
    assert seam.switch() == frozenset()
    assert seam.is_done()
    assert seam.admit(frame(50, 50, None)) is Verdict.DUPLICATE
    assert seam.admit(frame(61, 61, None)) is Verdict.DELIVER


def test_stream_that_only_the_old_connection_has_is_missing() -> None:
    seam = Seam(["s"], ["s"])
    assert seam.missing == frozenset()
    seam.deliver_old(frame(1, 1, 0))
    assert seam.missing == {"s"}


def test_frame_across_the_seam_is_broken() -> None:
    seam = Seam(["s"], ["s"])
    seam.deliver_old(frame(1, 10, 0))
    seam.hold_new(frame(4, 8, 3))
    assert seam.switch() == frozenset()
    assert seam.admit(frame(4, 8, 3)) is Verdict.DUPLICATE
    assert seam.admit(frame(9, 12, 8)) is Verdict.BROKEN
    assert seam.admit(frame(13, 13, 12)) is Verdict.DELIVER
    assert seam.is_done()


@dataclass
class Story:
    """What the consumer sees of one stream: frames, and None for an interruption."""

    seen: list[FrameSequence | None] = field(default_factory=list)

    def check(self) -> None:
        last: FrameSequence | None = None
        highest = 0
        for each in self.seen:
            if each is None:
                last = None
                continue
            if last is not None:
                assert each.last > highest, "delivered twice"
                if each.previous is not None:
                    assert each.previous == last.last, "gap without a word"
            last, highest = each, each.last


def cut(total: int, sizes: list[int], *, holes: bool) -> list[FrameSequence]:
    frames, start = [], 1
    for size in [*sizes, total]:
        end = min(total, start + size - 1)
        if start <= end:
            frames.append(frame(start, end, None if holes else start - 1))
        start = end + 1
    return frames


@st.composite
def change_overs(draw: st.DrawFn) -> tuple[list[FrameSequence], list[FrameSequence], list[bool]]:
    """Frames of both connections, and who speaks next (True: the new one)."""
    total = draw(st.integers(1, 40))
    sizes = draw(st.lists(st.integers(1, 4), min_size=0, max_size=40))
    holes = draw(st.booleans())
    old = cut(total, sizes, holes=holes)
    recut = draw(st.booleans()) and not holes
    new = cut(total, draw(st.lists(st.integers(1, 4), max_size=40)), holes=False) if recut else old
    new = new[draw(st.integers(0, len(new))) :]
    turns = draw(st.lists(st.booleans(), max_size=len(old) + len(new)))
    return old, new, turns


class ChangeOver:
    """Delivers as the stream does: the old connection first, then what the seam admits."""

    def __init__(self, old: list[FrameSequence], new: list[FrameSequence]) -> None:
        self.old, self.new = list(old), list(new)
        self.held: list[FrameSequence] = []
        self.seam = Seam(["s"], ["s"])
        self.story = Story()

    def before(self, frames: int) -> None:
        """Deliver frames of the old connection that the seam does not see."""
        self.story.seen += self.old[:frames]
        del self.old[:frames]

    def overlap(self, turns: list[bool], *, is_forced: bool) -> bool:
        """Let both speak until they are joined, or all turns if the switch is forced."""
        for is_new in turns:
            if is_new and self.new:
                self.seam.hold_new(self.new[0])
                self.held.append(self.new.pop(0))
            elif not is_new and self.old:
                self.seam.deliver_old(self.old[0])
                self.story.seen.append(self.old.pop(0))
            while self.held and self.seam.is_past(self.held[0]):
                self.held.pop(0)
            if self.seam.is_joined() and not is_forced:
                break
        return self.seam.is_joined()

    def switch(self) -> None:
        """Deliver what the new connection holds and will bring."""
        if self.seam.switch():
            self.story.seen.append(None)
        for each in [*self.held, *self.new]:
            verdict = self.seam.admit(each)
            if verdict is Verdict.BROKEN:
                self.story.seen.append(None)
            if verdict is not Verdict.DUPLICATE:
                self.story.seen.append(each)


@given(change_overs(), st.integers(0, 40), st.booleans())
def test_no_skew_or_interleaving_gives_a_gap_or_a_repeat_without_a_word(
    change_over: tuple[list[FrameSequence], list[FrameSequence], list[bool]],
    watched_from: int,
    is_forced: bool,
) -> None:
    old, new, turns = change_over
    change = ChangeOver(old, new)
    change.before(watched_from)
    change.overlap(turns, is_forced=is_forced)
    change.switch()
    change.story.check()


@given(change_overs(), st.integers(0, 40))
def test_equally_cut_connections_that_meet_need_no_interruption(
    change_over: tuple[list[FrameSequence], list[FrameSequence], list[bool]], watched_from: int
) -> None:
    old, _, turns = change_over
    for start in range(len(old)):
        change = ChangeOver(old, old[start:])
        change.before(watched_from)
        if change.overlap(turns, is_forced=False):
            change.switch()
            assert change.story.seen == old
