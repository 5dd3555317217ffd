"""Which test shows which requirement, read off the source without importing it.

``python -m tests.traceability`` prints the table. It fails on a gap: an id that no test shows and
that is not among those said to be absent, one that is said to be absent and is shown, one that
does not exist, or one that the program names in a comment or docstring and no test shows.

A test names its ids by ``@pytest.mark.requirement("R05")``, alone or for a class or module
(``pytestmark``); the program names them in plain words.
"""

import argparse
import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

_ROOT = Path(__file__).parents[1]

GROUPS = {
    "requirements": [f"R{number:02}" for number in range(1, 77)],
    "pre-trade controls": [f"P{number:02}" for number in range(1, 25)],
    "at-trade controls": [f"A{number:02}" for number in range(1, 19)],
    "kill switch": [f"K{number}" for number in range(1, 13)],
    "governance": [f"G{number}" for number in range(1, 8)],
    "faults": ["F01", "F02", "F02b", *(f"F{number:02}" for number in range(3, 21))],
}
"""Every id there is."""

KNOWN = frozenset(chain.from_iterable(GROUPS.values()))

ELSEWHERE = {
    "R10": "bash .ci/run: the whole suite in a fresh environment",
    "R11": "bash .ci/run: builds wheel and sdist, installs the wheel elsewhere, starts it",
    "R12": "bash .ci/run: ruff, mypy --strict; pytest turns warnings into errors",
    "R32": "sh .ci/test: its time is told, never asserted",
    "R35": "tests/bench: orders",
    "R49": "bash .ci/run: branch coverage of core, model, wire and the exchange's money",
    "R70": "bash .ci/run of a clone; an installed version does not carry its tests",
    "G4": "tests/bench: orders and receive, at 5,000 messages a second",
}
"""Ids that no test can show, and what does."""

_NO_EXPORTER = "nothing is exported to other programs but the ledger and --json"
ABSENT = {
    "R31": "no suite against the real testnet: nobody has run it there",
    "R44": "one process on one machine needs no shared cache",
    "R45": "one writer for each account; read-only viewers are not there",
    "R46": _NO_EXPORTER,
    "R47": _NO_EXPORTER,
    "R48": "strategies are plug-ins; none learns",
    "R56": "doctor and drill are there; a profile for little memory is not",
    "R68": "no walk-forward run yet: it comes with the tools that strategies are made with",
}
"""Ids that this version does not meet, and why not."""

_ID = re.compile(r"\b[RPAKGF]\d{2,3}b?\b")
_LINTER_CODES = re.compile(r"noqa:[ A-Z0-9,]+")
# Texts about the cockpit mean the function keys.
_KEYS = frozenset({"F10", "F11", "F12"})


def marked_ids(path: Path) -> Iterator[tuple[str, str]]:
    """Pairs of id and test, for each mark in a test file."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node in ast.walk(tree):
        name = path.name
        marks: list[ast.expr] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name, marks = node.name, node.decorator_list
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
        ):
            value = node.value
            marks = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
        for mark in marks:
            for identifier in _ids_of(mark):
                yield identifier, name


def _ids_of(mark: ast.expr) -> Iterator[str]:
    if (
        isinstance(mark, ast.Call)
        and isinstance(mark.func, ast.Attribute)
        and mark.func.attr == "requirement"
    ):
        for argument in mark.args:
            yield _text(argument) or f"{ast.unparse(argument)}, which is no plain text"


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def named_ids(path: Path) -> Iterator[tuple[str, int]]:
    """Pairs of id and line, for each id in a comment or docstring of the program."""
    source = path.read_text(encoding="utf-8")
    texts = [
        (_LINTER_CODES.sub("", token.string), token.start[0])
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    texts += [
        # A docstring, of a field too, is a text that stands alone.
        (_text(node.value), node.lineno)
        for node in ast.walk(ast.parse(source, str(path)))
        if isinstance(node, ast.Expr)
    ]
    for text, line in texts:
        for identifier in _ID.findall(text):
            if identifier not in _KEYS:
                yield identifier, line


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 if an id is unknown or shown by no test."""
    parser = argparse.ArgumentParser(description="Which test shows which requirement.")
    parser.add_argument("--tests", type=Path, default=_ROOT / "tests")
    parser.add_argument("--source", type=Path, default=_ROOT / "botcore_tui")
    parser.add_argument("--quiet", action="store_true", help="only totals and failures")
    options = parser.parse_args(arguments)
    shown: dict[str, list[str]] = {}
    failures: list[str] = []
    for path in sorted(options.tests.rglob("test_*.py")):
        for identifier, name in marked_ids(path):
            place = f"{path.relative_to(options.tests)}::{name}"
            shown.setdefault(identifier, []).append(place)
            if identifier not in KNOWN:
                failures.append(f"{place}: there is no {identifier}")
    for path in sorted(options.source.rglob("*.py")):
        for identifier, line in named_ids(path):
            place = f"{path.relative_to(options.source.parent)}:{line}"
            if identifier not in KNOWN:
                failures.append(f"{place}: there is no {identifier}")
            elif identifier not in shown:
                failures.append(f"{place}: names {identifier}, which no test shows")
    if options.tests == _ROOT / "tests":  # of another tree nobody knows what it ought to show
        failures += _gaps(shown)
    sys.stdout.write(_report(shown, failures, is_quiet=options.quiet))
    return 1 if failures else 0


def _gaps(shown: dict[str, list[str]]) -> Iterator[str]:
    for identifier in chain.from_iterable(GROUPS.values()):
        is_excused = identifier in ABSENT or identifier in ELSEWHERE
        if identifier in shown and is_excused:
            yield f"{identifier} is said to be absent, yet {shown[identifier][0]} shows it"
        elif identifier not in shown and not is_excused:
            yield f"{identifier}: no test shows it"


def _report(shown: dict[str, list[str]], failures: list[str], *, is_quiet: bool) -> str:
    lines: list[str] = []
    for group, identifiers in GROUPS.items():
        covered = [identifier for identifier in identifiers if identifier in shown]
        lines.append(f"{group}: {len(covered)} of {len(identifiers)} shown by tests")
        for identifier in [] if is_quiet else covered:
            first, *others = shown[identifier]
            lines.append(f"  {identifier:<4}  {first}")
            lines.extend(f"        {place}" for place in others)
    for title, reasons in (("shown by other than tests", ELSEWHERE), ("absent", ABSENT)):
        lines.append(f"{title}: {len(reasons)}")
        lines.extend(f"  {name:<4}  {reason}" for name, reason in reasons.items() if not is_quiet)
    total = len(KNOWN.intersection(shown))
    lines.append(f"{total} of {len(KNOWN)} ids shown by tests, {len(failures)} failures")
    lines.extend(failures)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
