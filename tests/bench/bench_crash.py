"""SIGKILL at every point of the order path, resumable: ``bench_crash.py --resume FILE``.

The points of one life are visited one after the other, and each point that another life comes by
for the first time is added, until there is none that was not visited. A point whose name says how
often something happened may not come again: after three lives without it, it counts as not reached.
"""

import argparse
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import msgspec
from crash_lab import Visit

_LAB: Final = Path(__file__).resolve().parents[1] / "crash_lab.py"
_TRIES: Final = 3


class _Arguments(argparse.Namespace):
    processes: int
    resume: Path | None
    only: str
    keep: Path | None


class Round:
    """All points, and what became of those that were visited.

    Args:
        only: Pattern of points; all that it does not fit are left out.
        resume: Keeps what became of each point.
        keep: Where state directories are left; None for nowhere.
    """

    def __init__(self, only: str, resume: Path | None, keep: Path | None) -> None:
        self.done: dict[str, Visit] = {}
        self._only = re.compile(only)
        self._resume = resume
        self._keep = keep
        self._known: set[str] = set()
        self._waiting: deque[tuple[str, int]] = deque()
        self._busy = 0
        self._changed = threading.Condition()
        self._started = time.monotonic()
        if resume is not None and resume.exists():
            for line in resume.read_bytes().splitlines():
                visit = msgspec.json.decode(line, type=Visit)
                self.done[visit.target] = visit

    def work(self) -> None:
        """Visit points in a process of its own until none is left."""
        command = [sys.executable, str(_LAB), "--serve"]
        command += [] if self._keep is None else ["--keep", str(self._keep)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as lab:
            assert lab.stdin is not None
            assert lab.stdout is not None
            while (item := self._next()) is not None:
                target, tries = item
                lab.stdin.write(f"{target}\n")
                lab.stdin.flush()
                line = lab.stdout.readline()
                assert line, f"the lab ended at {target}"
                self._take(msgspec.json.decode(line, type=Visit), tries)
            lab.stdin.close()

    def begin(self) -> None:
        """Let one life without a kill tell the first points."""
        self._waiting.append(("", 1))

    def _next(self) -> tuple[str, int] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._busy)
            if not self._waiting:
                return None
            self._busy += 1
            return self._waiting.popleft()

    def _take(self, visit: Visit, tries: int) -> None:
        with self._changed:
            self._busy -= 1
            new = [each for each in visit.new if each not in self._known]
            self._known |= set(new)
            self._waiting += [
                (each, 1) for each in new if self._only.search(each) and each not in self.done
            ]
            if visit.target and not (visit.is_reached or visit.problems) and tries < _TRIES:
                self._waiting.append((visit.target, tries + 1))
            elif visit.target:
                self._keep_visit(visit)
            self._changed.notify_all()

    def _keep_visit(self, visit: Visit) -> None:
        visit = msgspec.structs.replace(visit, new=())
        self.done[visit.target] = visit
        if self._resume is not None:
            with self._resume.open("ab") as file:
                file.write(msgspec.json.encode(visit) + b"\n")
        if visit.problems:
            print(f"{visit.target}: " + " | ".join(visit.problems), flush=True)
        if len(self.done) % 25 == 0:
            print(self.told(), flush=True)

    def told(self) -> str:
        """How it stands, one line."""
        visits = list(self.done.values())
        reached = [visit for visit in visits if visit.is_reached]
        failed = sum(1 for visit in visits if visit.problems)
        worst = max((visit.protected_seconds for visit in reached), default=0.0)
        settled = max((visit.settled_seconds for visit in reached), default=0.0)
        return (
            f"{len(reached)} kills, {len(visits) - len(reached)} points not reached,"
            f" {failed} failed, {len(self._waiting)} wait; protected after {worst:.1f} s and all"
            f" known after {settled:.1f} s at most; {time.monotonic() - self._started:.0f} s"
        )


def main(argv: Sequence[str]) -> int:
    """Visit all points; exit code 1 if one went wrong."""
    parser = argparse.ArgumentParser(prog="bench_crash.py", description=__doc__)
    parser.add_argument("--processes", type=int, default=3, help="most of a life is waiting (3)")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="keep outcomes here, go on")
    parser.add_argument("--only", default="", metavar="PATTERN", help="points that it fits")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave state directories there")
    arguments = parser.parse_args(argv, namespace=_Arguments())
    whole = Round(arguments.only, arguments.resume, arguments.keep)
    whole.begin()
    workers = [threading.Thread(target=whole.work) for _ in range(arguments.processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(whole.told())
    return 1 if any(visit.problems for visit in whole.done.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
