"""Who is told of the ledger's health, and when."""

from botcore_tui.clock import ManualClock
from botcore_tui.ledger.health import HealthReport
from botcore_tui.model.account import LedgerHealth


def test_only_changes_are_told() -> None:
    told: list[LedgerHealth] = []
    health = HealthReport(told.append, ManualClock(5))
    health.good()
    health.bad("locked")
    health.bad("locked")
    health.bad("full")
    health.good()
    assert [(item.is_writable, item.reason) for item in told] == [
        (False, "locked"),
        (False, "full"),
        (True, ""),
    ]
    assert health.now == told[-1]
    assert told[0].time_ms == 5


def test_that_another_program_took_over_is_the_last_word() -> None:
    told: list[LedgerHealth] = []
    health = HealthReport(told.append, ManualClock())
    health.bad("taken")
    health.bad("taken", is_taken=True)
    health.bad("rows are kept in a file")
    health.good()
    assert [item.is_taken for item in told] == [False, True]
    assert health.now == told[-1]


def test_who_is_told_may_tell_again() -> None:
    told: list[str] = []

    def worse(health: LedgerHealth) -> None:
        told.append(health.reason)
        report.bad("worse")

    report = HealthReport(worse, ManualClock())
    report.bad("bad")
    assert told == ["bad", "worse"]
