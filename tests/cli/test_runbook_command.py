"""The incident pages on the command line."""

import json

import pytest
from command_line import Run

from botcore_tui.ui.runbook import runbook


@pytest.mark.requirement("G7")
def test_pages_are_printed_once_each_whatever_the_case(run: Run) -> None:
    done = run("runbook", "p15", "A03", "a03-1h")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("P15  risk to the stop\nmeans  The entry has no stop")
    assert done.out.count("loss within 60 minutes") == 1
    assert "\nclear  Give a stop" in done.out


def test_all_codes_are_listed_if_none_is_named(run: Run) -> None:
    lines = run("runbook").out.splitlines()
    assert len(lines) == len({page.codes for page in runbook().values()})
    assert lines[0] == "P01  trading state"


def test_an_unknown_code_is_told_with_the_nearest_one(run: Run) -> None:
    done = run("runbook", "state.halt", "Z99", "P01")
    assert done.code == 1
    assert done.out.startswith("P01  trading state")
    assert "there is no page of 'state.halt'; did you mean state.halted?" in done.err
    assert "there is no page of 'Z99'; botcore runbook lists all codes" in done.err
    assert run("runbook", "Z99").out == ""


def test_programs_get_json(run: Run) -> None:
    (page,) = json.loads(run("runbook", "A11", "--json").out)
    assert page["codes"] == ["A11", "order.balance"]
    assert set(page) == {"codes", "title", "means", "done", "check", "clear"}
