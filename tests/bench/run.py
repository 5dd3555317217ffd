"""Runs the benchmarks: ``python tests/bench/run.py [--only NAME,...] [--runs 5] [--json FILE]``."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    # In place of this folder: the benches import each other, and the tests' builders, from there.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    runpy.run_module("bench.command", run_name="__main__", alter_sys=True)
