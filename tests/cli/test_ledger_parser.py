"""The words of ``botcore ledger``."""

from pathlib import Path

import pytest
from command_line import Run, arguments


def test_topics_have_their_defaults() -> None:
    assert arguments("ledger", "verify", "--json").json
    shown = arguments("ledger", "show", "pnl", "--by", "run")
    assert (shown.what, shown.by, shown.rows, shown.account) == ("pnl", "run", 50, "")
    exported = arguments("ledger", "export", "--format", "csv", "--output", "x")
    assert (exported.format, exported.output, exported.table) == ("csv", Path("x"), "")
    assert arguments("ledger", "attest").days == 7


def test_places_may_stand_before_or_after_the_command() -> None:
    before = arguments("--state-dir", "s", "--environment", "testnet", "ledger", "verify")
    after = arguments("ledger", "verify", "--state-dir", "s", "--environment", "testnet")
    assert before.state_dir == after.state_dir == Path("s")
    assert before.environment == after.environment == "testnet"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("show",),
        ("show", "secrets"),
        ("show", "fills", "--limit", "0"),
        ("show", "fills", "--limit", "1000001"),
        ("show", "fills", "--limit", "²"),
        ("export",),
        ("export", "--format", "xls"),
        ("attest", "--days", "91"),
        ("verify", "--js"),
    ],
)
def test_wrong_usage_ends_with_code_two(run: Run, words: tuple[str, ...]) -> None:
    assert run("ledger", *words).code == 2


def test_flags_of_run_are_not_swallowed(run: Run) -> None:
    done = run("--record", "x", "ledger", "verify")
    assert done.code == 2
    assert "--record" in done.err
