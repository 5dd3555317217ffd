"""The benchmarks' command line."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from subprocess import CalledProcessError

import msgspec
from bench import (
    bench_book,
    bench_cockpit,
    bench_decode,
    bench_exchange,
    bench_gate,
    bench_halt,
    bench_kill,
    bench_ledger,
    bench_orders,
    bench_receive,
    bench_recovery,
    bench_replay,
    bench_start,
)
from bench.figures import FailedError, Options, Row, SkippedError
from bench.machine import Machine, this_machine
from msgspec import Struct

_HEADINGS = ("", "ours", "worst", "beside", "ratio", "worst", "target", "met")


class Bench(Struct, frozen=True):
    """One file's worth of measurements."""

    name: str
    about: str
    run: Callable[[Options], Iterator[Row]]


class Report(Struct, frozen=True):
    """What is kept of a run."""

    started_utc: str
    runs: int
    before: Machine
    after: Machine
    rows: list[Row]
    skipped: dict[str, str]
    """Name of the bench to the reason."""
    failed: dict[str, str]
    """Likewise, where a program that was to be measured ended or hung."""


BENCHES = [
    Bench(module.NAME, module.ABOUT, module.run)
    for module in (
        bench_decode,
        bench_book,
        bench_replay,
        bench_receive,
        bench_cockpit,
        bench_gate,
        bench_halt,
        bench_kill,
        bench_start,
        bench_exchange,
        bench_ledger,
        bench_orders,
        bench_recovery,
    )
]


class _Arguments(argparse.Namespace):
    only: str
    runs: int
    json: Path | None
    list: bool


def main(argv: Sequence[str]) -> int:
    """Run what was asked for; exit code: 0 also for missed targets, 1 if a bench broke, 2 usage."""
    arguments = _parse(argv)
    if arguments.list:
        for bench in BENCHES:
            print(f"{bench.name:10}  {bench.about}")
        return 0
    wanted = set(filter(None, arguments.only.split(",")))
    unknown = wanted - {bench.name for bench in BENCHES}
    if unknown:
        print(f"no such bench: {', '.join(sorted(unknown))}; see --list", file=sys.stderr)
        return 2
    chosen = [bench for bench in BENCHES if not wanted or bench.name in wanted]
    report = _run(chosen, Options(runs=max(1, arguments.runs)))
    if arguments.json is not None:
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))
    return 1 if report.failed else 0


def _parse(argv: Sequence[str]) -> _Arguments:
    parser = argparse.ArgumentParser(prog="run.py", description="Benchmarks, side by side.")
    parser.add_argument("--only", default="", metavar="NAME,...", help="these benches only")
    parser.add_argument("--runs", type=int, default=5, help="rounds of each measurement")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    parser.add_argument("--list", action="store_true", help="name the benches and stop")
    return parser.parse_args(argv, namespace=_Arguments())


def _run(benches: Sequence[Bench], options: Options) -> Report:
    before = this_machine()
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    print(f"{before.python}, {before.cores} cores of {before.processor}", end="")
    print(f", load {before.load_average}, median of {options.runs} rounds")
    rows: list[Row] = []
    skipped: dict[str, str] = {}
    failed: dict[str, str] = {}
    for bench in benches:
        print(f"\n{bench.name}: {bench.about}")
        _print_cells(_HEADINGS)
        try:
            for row in bench.run(options):
                rows.append(row)
                _print_row(row)
        except SkippedError as reason:
            skipped[bench.name] = str(reason)
            print(f"  skipped: {reason}")
        except (FailedError, CalledProcessError) as reason:
            failed[bench.name] = str(reason)
            print(f"  FAILED: {reason}")
    missed = [row.name for row in rows if row.is_met is False]
    print(f"\n{len(rows)} rows, {len(missed)} targets missed", end="")
    print(f": {', '.join(missed)}" if missed else "")
    return Report(started, options.runs, before, this_machine(), rows, skipped, failed)


def _print_row(row: Row) -> None:
    beside = "" if row.beside is None else f"{_number(row.beside)} {row.beside_name}"
    _print_cells(
        (
            row.name,
            f"{_number(row.ours)} {row.unit}",
            _number(row.worst),
            beside,
            "" if row.ratio is None else f"{row.ratio:.2f}",
            "" if row.worst_ratio is None else f"{row.worst_ratio:.2f}",
            row.target,
            {None: "", True: "yes", False: "NO"}[row.is_met],
        )
    )
    if row.note:
        print(f"      {row.note}")


def _print_cells(cells: Sequence[str]) -> None:
    widths = (38, 22, 9, 28, 6, 6, 16, 3)
    text = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
    print(f"  {text}".rstrip(), flush=True)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
