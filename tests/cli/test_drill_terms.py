"""What a drill tells people and the ledger."""

import json

from botcore_tui.cli.drill_terms import DrillReport, Step, lines, timings

STEPS = (
    Step(name="latched", is_passed=True, text="the halt file is there", ms=12.34),
    Step(name="stop kept", is_passed=False, text="0 stops"),
)


def a_report(*, is_passed: bool) -> DrillReport:
    return DrillReport(
        drill="halt",
        is_passed=is_passed,
        steps=STEPS,
        notes=("BTCUSDT on a made-up market",),
        trouble=(),
        total_ms=1_500.0,
        version="1",
        config_hash="c0ffee",
        time_ms=7,
    )


def test_every_step_is_told_with_what_it_took() -> None:
    assert lines(a_report(is_passed=False)) == [
        "drill halt: BTCUSDT on a made-up market",
        "ok    latched        12 ms  the halt file is there",
        "FAIL  stop kept             0 stops",
        "FAILED: drill halt in 1.5 s",
    ]
    assert lines(a_report(is_passed=True))[-1] == "PASSED: drill halt in 1.5 s"


def test_the_ledger_gets_what_was_measured() -> None:
    assert json.loads(timings(STEPS)) == {"latched": 12.3}
