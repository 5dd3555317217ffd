"""What lets engine and screen share a process is applied, told, and taken back."""

import errno
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator

import pytest
from set_aside import real_collector

from botcore_tui.engine.hygiene import ThreadHygiene

pytestmark = pytest.mark.requirement("F17")

_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
needs_two_cores = pytest.mark.skipif(
    _CORES < 2, reason="this machine gives one core, or no thread affinity"
)
_COUNT_CORES = "import os; print(len(os.sched_getaffinity(0)))"


@pytest.fixture(autouse=True, scope="module")
def _freezing_freezes() -> Iterator[None]:
    with real_collector():
        yield


@pytest.fixture(autouse=True)
def _nothing_stays_changed() -> Iterator[None]:
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    yield
    assert sys.getswitchinterval() == interval
    assert gc.get_threshold() == thresholds
    assert gc.get_freeze_count() == 0
    assert not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) == _CORES


def in_a_thread(act: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def test_switch_interval_and_thresholds_are_set_and_put_back() -> None:
    hygiene = ThreadHygiene()
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()

    hygiene.tune(0.3)

    assert sys.getswitchinterval() == pytest.approx(0.0003)
    assert gc.get_threshold() == (50_000, 20, 50)
    assert hygiene.report == ("switch interval 0.3 ms", "collector thresholds 50000/20/50")
    hygiene.undo()
    assert (sys.getswitchinterval(), gc.get_threshold()) == (interval, thresholds)


@pytest.mark.slow
def test_freezing_hides_what_lives_and_undo_shows_it_again() -> None:
    hygiene = ThreadHygiene()

    hygiene.freeze()

    assert gc.get_freeze_count() > 1_000
    assert hygiene.report[0].startswith("collector ignores ")
    hygiene.undo()
    assert gc.get_freeze_count() == 0


def test_undo_without_anything_done_changes_nothing() -> None:
    hygiene = ThreadHygiene()

    hygiene.undo()
    hygiene.undo()

    assert hygiene.report == ()


@needs_two_cores
def test_engine_gets_a_core_and_the_main_thread_the_others_until_undone() -> None:
    main = threading.main_thread().native_id
    assert main is not None
    before = os.sched_getaffinity(main)

    def engine() -> None:
        hygiene = ThreadHygiene()
        hygiene.pin()
        try:
            mine, others = os.sched_getaffinity(0), os.sched_getaffinity(main)
            assert len(mine) == 1
            assert others == before - mine
            assert hygiene.report == (
                f"cores: engine on {max(before)}, screen on the other {len(before) - 1}",
            )
        finally:
            hygiene.undo()
        assert os.sched_getaffinity(0) == before

    in_a_thread(engine)

    assert os.sched_getaffinity(main) == before


@needs_two_cores
def test_child_process_gets_every_core_where_it_is_started_unpinned() -> None:
    def cores_of_a_child() -> int:
        child = subprocess.run(
            [sys.executable, "-S", "-c", _COUNT_CORES], capture_output=True, check=True
        )
        return int(child.stdout)

    def engine() -> None:
        hygiene = ThreadHygiene()
        hygiene.pin()
        try:
            assert cores_of_a_child() == 1
            with hygiene.unpinned():
                assert cores_of_a_child() == _CORES
            assert len(os.sched_getaffinity(0)) == 1
        finally:
            hygiene.undo()

    in_a_thread(engine)


@needs_two_cores
def test_pin_returns_after_a_failed_start_of_a_child() -> None:
    def engine() -> None:
        hygiene = ThreadHygiene()
        hygiene.pin()
        try:
            with pytest.raises(FileNotFoundError), hygiene.unpinned():
                raise FileNotFoundError
            assert len(os.sched_getaffinity(0)) == 1
        finally:
            hygiene.undo()

    in_a_thread(engine)


def test_thread_that_is_not_pinned_starts_children_as_it_is() -> None:
    with ThreadHygiene().unpinned():
        pass


def test_system_without_affinity_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    hygiene = ThreadHygiene()

    hygiene.pin()

    assert hygiene.report == ("cores: this system has no thread affinity",)
    hygiene.undo()


def test_single_core_is_shared_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "sched_getaffinity", lambda _thread: {3}, raising=False)
        patch.setattr(os, "sched_setaffinity", _refuse, raising=False)
        hygiene = ThreadHygiene()

        hygiene.pin()
        hygiene.undo()

    assert hygiene.report == ("cores: only one may be used; engine and screen share it",)


def test_engine_in_the_main_thread_has_nothing_to_separate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "sched_getaffinity", lambda _thread: {0, 1}, raising=False)
        patch.setattr(os, "sched_setaffinity", _refuse, raising=False)
        hygiene = ThreadHygiene()

        hygiene.pin()
        hygiene.undo()

    assert hygiene.report == ("cores: engine runs in the main thread; nothing to separate",)


def _refuse(_thread: int, _cores: Iterable[int]) -> None:
    raise AssertionError("nothing may be pinned here")


class Kernel:
    """Affinities of threads, and the calls that are not allowed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[int, frozenset[int]]] = []
        self.refused: set[int] = set()
        self.error = errno.EPERM
        monkeypatch.setattr(os, "sched_getaffinity", lambda _thread: {0, 1, 2}, raising=False)
        monkeypatch.setattr(os, "sched_setaffinity", self.set, raising=False)

    def set(self, thread: int, cores: Iterable[int]) -> None:
        if thread in self.refused:
            raise OSError(self.error, os.strerror(self.error))
        self.calls.append((thread, frozenset(cores)))


def test_engine_is_freed_again_where_the_screen_cannot_be_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main = threading.main_thread().native_id
    assert main is not None
    with monkeypatch.context() as patch:
        kernel = Kernel(patch)
        kernel.refused = {main}
        hygiene = ThreadHygiene()

        in_a_thread(hygiene.pin)
        hygiene.undo()

    (engine, first), (same, last) = kernel.calls
    assert engine == same
    assert (first, last) == (frozenset({2}), frozenset({0, 1, 2}))
    assert hygiene.report == ("cores: not allowed to separate threads (Operation not permitted)",)


@pytest.mark.slow
@pytest.mark.parametrize("error", [errno.ESRCH, errno.EINVAL, errno.EPERM])
def test_undo_outlives_ended_threads_and_vanished_cores(
    monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    main = threading.main_thread().native_id
    assert main is not None
    with monkeypatch.context() as patch:
        kernel = Kernel(patch)
        hygiene = ThreadHygiene()
        in_a_thread(hygiene.pin)
        engine = kernel.calls[0][0]
        kernel.refused, kernel.error = {main}, error

        hygiene.undo()

    assert kernel.calls[-1] == (engine, frozenset({0, 1, 2}))
