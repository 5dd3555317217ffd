"""A denial is one sentence; an order that may raise a position is an entry."""

from decimal import Decimal

from gate_stage import BUY, EXIT
from order_builders import a_stop_request

from botcore_tui.core.gate_terms import Denial, Proposal


def test_denial_is_a_sentence_of_what_limit_and_remedy() -> None:
    assert Denial("P01", "halted").text == "halted"
    assert Denial("P01", "halted", remedy="resume").text == "halted: resume"
    assert Denial("P07", "worth 9", "at most 8").text == "worth 9, at most 8"
    assert Denial("P07", "worth 9", "at most 8", "9", "less").text == "worth 9, at most 8: less"


def test_only_what_may_raise_a_position_is_an_entry() -> None:
    asked = [Proposal(each, Decimal(95)) for each in (BUY, EXIT, a_stop_request())]
    assert [each.is_entry for each in asked] == [True, False, False]
