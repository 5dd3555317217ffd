"""Kills the real engine at a point of the order path, and looks at what its next life finds.

``crash_lab.py --dry`` lists the points of one life, ``--target POINT`` visits one; all of them are
visited by ``bench/bench_crash.py``. The engine is forked from this process, which has imported all
of it and has no threads: a life costs half a second.
"""

import argparse
import os
import select
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, Self

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

import msgspec
from crash_points import START
from crash_program import QUANTITY, SYMBOL, Plan, Told, live
from crash_truth import Truth
from msgspec import Struct
from sim_process import Sim, running_sim

_BOUND_SECONDS: Final = 5.0
"""Longest that a position may wait for its stop after a start."""
_LONGEST_SECONDS: Final = 60.0
_AGREE_SECONDS: Final = 3.0
"""The ledger writes behind: so long may it take to be as the venue is."""
_ROUNDS: Final = 60
"""Lives on one exchange: its lists of orders end at a thousand."""


class Visit(Struct, frozen=True, kw_only=True):
    """What became of one point."""

    target: str
    is_reached: bool
    problems: tuple[str, ...] = ()
    protected_seconds: float = 0.0
    settled_seconds: float = 0.0
    new: tuple[str, ...] = ()
    """Points that were passed for the first time."""


class _Life:
    """A forked program."""

    def __init__(self, sim: Sim, home: Path, plan: Plan) -> None:
        hear, tell = os.pipe()
        listen, say = os.pipe()
        began_ns = time.monotonic_ns()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.close(tell)
                os.close(listen)
                live(sim, home, plan, (hear, say), began_ns)
            finally:
                os._exit(1)
        os.close(hear)
        os.close(say)
        self._hearing, self._telling = listen, tell
        self._rest = b""
        self._lines: deque[Told] = deque()
        self.told: list[Told] = []

    def next(self) -> Told | None:
        """The next line; None once it has ended."""
        deadline = time.monotonic() + _LONGEST_SECONDS
        while not self._lines:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._hearing], [], [], left)[0]:
                return Told("failed", "it says nothing")
            data = os.read(self._hearing, 65_536)
            if not data:
                return None
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._lines += [msgspec.json.decode(line, type=Told) for line in lines]
        told = self._lines.popleft()
        self.told.append(told)
        return told

    def until(self, *what: str) -> Told | None:
        """The next line of these kinds, or of trouble; None once it has ended."""
        while (told := self.next()) is not None:
            if told.what in {*what, "failed"}:
                return told
        return None

    def ask(self, plan: Plan) -> None:
        with suppress(BrokenPipeError):
            os.write(self._telling, msgspec.json.encode(plan) + b"\n")

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self.reap()

    def reap(self) -> None:
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        for descriptor in (self._hearing, self._telling):
            with suppress(OSError):
                os.close(descriptor)


class Lab:
    """An exchange, a home, and a program that is alive between two visits.

    Args:
        bound_seconds: Within which positions must be protected after a start.
        keep: Where state directories are left; None for nowhere.

    Attributes:
        seen: Points that were passed, in order.
    """

    def __init__(self, bound_seconds: float = _BOUND_SECONDS, keep: Path | None = None) -> None:
        self._bound_seconds = bound_seconds
        self._keep = keep
        self._stack = ExitStack()
        self._life: _Life | None = None
        self._rounds = 0
        self._is_open = False
        self._last_phase, self._was_halted = "", False
        self.seen: dict[str, None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._renew()

    def visit(self, target: str) -> Visit:
        """Kill there, start again, and see whether all is well."""
        if self._rounds >= _ROUNDS:
            self._renew()
        self._rounds += 1
        try:
            is_reached = (
                self._killed_in_start(target) if _is_start(target) else self._killed(target)
            )
            return self._judged(target, is_reached=is_reached)
        except _FailedError as error:
            self._renew()
            return Visit(target=target, is_reached=False, problems=(str(error),))

    def dry(self) -> None:
        """One life without a kill, one that recovers without: for the points that they pass."""
        life = self._alive()
        life.ask(Plan("play"))
        self._done(life)
        self._collect()
        self._killed_in_start("")
        self._recovered(self._life)
        self._collect()

    # --- parts of a visit ---------------------------------------------------------------------

    def _killed(self, target: str) -> bool:
        life = self._alive()
        life.ask(Plan("play", target))
        told = life.until("done")
        self._fail(told)
        if told is None:
            self._end()
            return True
        return False

    def _killed_in_start(self, target: str) -> bool:
        """Begin with a position whose stop was lost, and an entry that waits."""
        life = self._alive()
        life.ask(Plan("hold"))
        self._done(life)
        life.kill()
        for client_id in self._truth().open_ids:
            if client_id.endswith("-s"):
                self._sim.ask_signed("DELETE", "/fapi/v1/algoOrder", clientAlgoId=client_id)
        self._life = None
        self._forget_points()
        self._life = _Life(self._sim, self._home, Plan("start", target))
        if not target:
            return False
        told = self._life.until("recovered")
        self._fail(told)
        if told is None:
            self._end()
            return True
        return False

    def _judged(self, target: str, *, is_reached: bool) -> Visit:
        self._collect()
        if not is_reached:
            return Visit(target=target, is_reached=False)
        states = self._allowed_states(target)
        self._life = _Life(self._sim, self._home, Plan("play"))
        told = self._recovered(self._life)
        problems = self._problems(told)
        if told.protected_seconds > self._bound_seconds:
            problems.append(f"protected after {told.protected_seconds:.1f} s")
        if told.state not in states:
            problems.append(f"trading is {told.state} after a crash at this point")
        if problems:
            self._renew()
        return Visit(
            target=target,
            is_reached=True,
            problems=tuple(problems),
            protected_seconds=told.protected_seconds,
            settled_seconds=told.settled_seconds,
        )

    def _problems(self, told: Told) -> list[str]:
        deadline = time.monotonic() + _AGREE_SECONDS
        while True:
            truth = self._truth()
            problems = list(truth.problems())
            if truth.open_ids != set(told.open_orders) or told.foreign:
                problems.append(
                    f"orphan: the program knows {told.open_orders} and {told.foreign} foreign,"
                    f" the venue {truth.open_ids}"
                )
            if not problems or time.monotonic() > deadline:
                return problems
            time.sleep(0.2)  # the venue calls nobody; until the deadline above

    def _allowed_states(self, target: str) -> frozenset[str]:
        """How trading may stand in the next life; to be asked before that."""
        phase = START if _is_start(target) else self._last_phase
        if phase == "resume":
            return frozenset({"REDUCING", "HALTED"})
        if phase not in {"halt", "close"}:
            return frozenset({"ACTIVE"})
        # Told, or followed by what a halt entails: it must have been kept.
        is_in_force = self._was_halted or phase == "close" or not self._has_open_entry()
        return frozenset({"HALTED"} if is_in_force else {"ACTIVE", "HALTED"})

    def _has_open_entry(self) -> bool:
        return any(each.endswith("-e") for each in self._truth().open_ids)

    def _truth(self) -> Truth:
        return Truth(self._sim, self._home, SYMBOL, QUANTITY)

    # --- lives --------------------------------------------------------------------------------

    def _alive(self) -> _Life:
        """The program, recovered."""
        if not self._is_open:
            self._home = Path(
                tempfile.mkdtemp(prefix="crash-", dir=self._keep)
                if self._keep is not None
                else self._stack.enter_context(tempfile.TemporaryDirectory(prefix="crash-"))
            )
            self._sim = self._stack.enter_context(
                running_sim("--no-limits", "--symbols", SYMBOL, "--balance", "5000")
            )
            self._is_open = True
        self._forget_points()
        if self._life is None:
            self._life = _Life(self._sim, self._home, Plan("play"))
            self._recovered(self._life)
        self._last_phase, self._was_halted = "", False
        self._life.told.clear()
        return self._life

    def _recovered(self, life: _Life | None) -> Told:
        assert life is not None
        told = life.until("recovered")
        if told is None:
            raise _FailedError("it ended while it recovered")
        self._fail(told)
        return told

    def _done(self, life: _Life) -> None:
        told = life.until("done")
        if told is None:
            raise _FailedError("it ended by itself")
        self._fail(told)

    def _fail(self, told: Told | None) -> None:
        if told is not None and told.what == "failed":
            raise _FailedError(told.text)

    def _end(self) -> None:
        assert self._life is not None
        phases = [told.text for told in self._life.told if told.what == "phase"]
        self._last_phase = phases[-1] if phases else ""
        self._was_halted = any(told.what == "halted" for told in self._life.told)
        self._life.reap()
        self._life = None

    def _collect(self) -> None:
        with suppress(FileNotFoundError):
            text = (self._home / "points").read_text("utf-8")
            self.seen |= dict.fromkeys(text.splitlines())

    def _forget_points(self) -> None:
        # The program that is alive goes on writing to the same file.
        with suppress(FileNotFoundError):
            os.truncate(self._home / "points", 0)

    def _renew(self) -> None:
        if self._life is not None:
            self._life.kill()
            self._life = None
        self._stack.close()
        self._rounds, self._is_open = 0, False


class _FailedError(Exception):
    pass


def _is_start(target: str) -> bool:
    return target.removeprefix("~").startswith(START)


def served(lab: Lab, target: str) -> Visit:
    """One visit, with the points that this lab saw for the first time; to none: a dry life."""
    known = set(lab.seen)
    visit = Visit(target="", is_reached=False)
    if target:
        visit = lab.visit(target)
    else:
        lab.dry()
    new = tuple(point for point in lab.seen if point not in known)
    return msgspec.structs.replace(visit, new=new)


class _Arguments(argparse.Namespace):
    dry: bool
    serve: bool
    target: list[str]
    bound: float
    keep: Path | None


def main(argv: Sequence[str]) -> int:
    """Do what was asked for; visits are JSON lines. Exit code 1 if one went wrong."""
    parser = argparse.ArgumentParser(prog="crash_lab.py", description=__doc__)
    parser.add_argument("--dry", action="store_true", help="list the points of one life")
    parser.add_argument("--serve", action="store_true", help="visit what standard input names")
    parser.add_argument("--target", action="append", default=[], metavar="POINT")
    parser.add_argument("--bound", type=float, default=_BOUND_SECONDS, metavar="SECONDS")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave state directories there")
    arguments = parser.parse_args(argv, namespace=_Arguments())
    targets = _asked() if arguments.serve else arguments.target
    is_well = True
    with Lab(arguments.bound, arguments.keep) as lab:
        if arguments.dry:
            sys.stdout.write("\n".join(served(lab, "").new) + "\n")
        for target in targets:
            visit = served(lab, target)
            is_well = is_well and visit.is_reached and not visit.problems
            sys.stdout.write(f"{msgspec.json.encode(visit).decode()}\n")
            sys.stdout.flush()
    return 0 if is_well else 1


def _asked() -> Iterator[str]:
    while line := sys.stdin.readline():
        yield line.rstrip("\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
