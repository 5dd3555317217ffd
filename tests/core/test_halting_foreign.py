"""A halt is not over while an order of others is known to be open."""

import pytest
from desk_stage import HALT, Stage
from msgspec.structs import replace
from order_builders import an_order_report

from botcore_tui.model.event import CancelAll
from botcore_tui.model.order import Source
from botcore_tui.model.risk import KillStage, KillView


def kill(stage: Stage) -> KillView:
    risk = stage.view().risk
    assert risk is not None
    return risk.kill


@pytest.mark.requirement("K4")
@pytest.mark.requirement("F18")
@pytest.mark.parametrize(
    "wait_ms",
    [
        pytest.param(0, id="it came while the balance was read"),
        pytest.param(3_500, id="answered so late that it was asked again"),
    ],
)
def test_listing_from_before_an_order_of_others_confirms_nothing(wait_ms: int) -> None:
    stage = Stage().begin()
    stage.tell(HALT)
    stage.is_performing = False
    stage.wait(250)
    listing = stage.venue.picture("halt")
    stage.wait(1_500)
    placed_ms = listing.asked_ms + 1_500
    theirs = an_order_report(
        client_order_id="web-1", order_id=77, source=Source.STREAM, time_ms=placed_ms
    )
    stage.tell(theirs)
    stage.wait(wait_ms)

    effects = stage.tell(listing)

    assert (kill(stage).open_entries, kill(stage).cancelled) == (1, 0)
    assert kill(stage).stage is not KillStage.CONFIRMED
    effects += stage.wait(2_500)
    assert any(isinstance(effect, CancelAll) for effect in effects)

    # The next question is one from after it, and no longer lists it.
    stage.wait(5_000)
    stage.tell(replace(listing, asked_ms=placed_ms + 1, time_ms=placed_ms + 2))
    stage.wait(5_000)
    stage.tell(replace(listing, asked_ms=placed_ms + 3, time_ms=placed_ms + 4))

    assert kill(stage).stage is KillStage.CONFIRMED
    assert kill(stage).open_entries == 0
