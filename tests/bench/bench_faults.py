"""Thousands of runs of the order lab, resumable: ``bench_faults.py --runs 10000 --from-seed 0``.

Each seed is a few simulated minutes of trading in which everything fails, judged against the venue
in the end. A seed that fails is told again in full by ``--seed N --verbose``.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import msgspec
from order_lab import Outcome, run_seed

_CHUNK = 20
_REAL_EVERY = 20
"""One run of so many also writes the real ledger, which is verified and compared."""


class _Arguments(argparse.Namespace):
    runs: int
    from_seed: int
    processes: int
    resume: Path | None
    seed: int | None
    brief: bool
    verbose: bool


def judged(seed: int, *, is_brief: bool = False) -> Outcome:
    """One run; a defect that ends it is what it is judged by."""
    try:
        if seed % _REAL_EVERY:
            return run_seed(seed, is_brief=is_brief)
        with tempfile.TemporaryDirectory() as place:
            return run_seed(seed, is_brief=is_brief, real=Path(place) / "ledger.db")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this seed's
        return Outcome(seed, [f"defect: {type(error).__name__}: {error}"])


def judged_all(seeds: Sequence[int], *, is_brief: bool) -> list[Outcome]:
    """Some runs, one after the other."""
    return [judged(seed, is_brief=is_brief) for seed in seeds]


def main(argv: Sequence[str]) -> int:
    """Run what was asked for; exit code 1 if a seed failed."""
    arguments = _parse(argv)
    if arguments.seed is not None:
        return _one(arguments.seed, arguments)
    done = _done(arguments.resume)
    wanted = range(arguments.from_seed, arguments.from_seed + arguments.runs)
    started = time.monotonic()
    failed = sum(1 for seed in wanted if done.get(seed))
    orders = seconds = 0
    todo = [seed for seed in wanted if seed not in done]
    print(f"{len(wanted)} seeds, {len(wanted) - len(todo)} of them done, {failed} of those failed")
    for count, outcome in enumerate(_outcomes(todo, arguments), start=1):
        _keep(arguments.resume, outcome)
        orders += outcome.orders
        seconds += round(outcome.seconds)
        if outcome.problems:
            failed += 1
            print(f"seed {outcome.seed}: " + " | ".join(outcome.problems[:5]), flush=True)
        if count % 200 == 0 or count == len(todo):
            rate = count / (time.monotonic() - started)
            print(
                f"{count} runs, {orders} orders, {seconds} simulated s, {failed} failed,"
                f" {rate:.1f} runs/s",
                flush=True,
            )
    return 1 if failed else 0


def _one(seed: int, arguments: _Arguments) -> int:
    outcome = run_seed(seed, is_brief=arguments.brief, story=print if arguments.verbose else None)
    print(outcome)
    return 1 if outcome.problems else 0


def _outcomes(seeds: Sequence[int], arguments: _Arguments) -> Iterator[Outcome]:
    chunks = [seeds[start : start + _CHUNK] for start in range(0, len(seeds), _CHUNK)]
    judge = partial(judged_all, is_brief=arguments.brief)
    with ProcessPoolExecutor(arguments.processes) as pool:
        for outcomes in pool.map(judge, chunks):
            yield from outcomes


def _done(path: Path | None) -> dict[int, list[str]]:
    if path is None or not path.exists():
        return {}
    rows: Iterable[bytes] = path.read_bytes().splitlines()
    outcomes = [msgspec.json.decode(row, type=Outcome) for row in rows]
    return {outcome.seed: outcome.problems for outcome in outcomes}


def _keep(path: Path | None, outcome: Outcome) -> None:
    if path is not None:
        with path.open("ab") as file:
            file.write(msgspec.json.encode(outcome) + b"\n")


def _parse(argv: Sequence[str]) -> _Arguments:
    parser = argparse.ArgumentParser(prog="bench_faults.py", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--from-seed", type=int, default=0, metavar="N")
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--resume", type=Path, metavar="FILE", help="keep outcomes here, go on")
    parser.add_argument("--seed", type=int, metavar="N", help="this run only")
    parser.add_argument("--brief", action="store_true", help="half a minute each, not four")
    parser.add_argument("--verbose", action="store_true", help="tell the run in full")
    return parser.parse_args(argv, namespace=_Arguments())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
