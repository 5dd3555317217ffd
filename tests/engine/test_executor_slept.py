"""An entry that was decided before this machine slept is not sent when it wakes."""

import pytest
from executor_stage import ENTRY, STOP, Stage
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.model.order import OrderRequest, Outcome, SubmitFailed


class Laptop(VirtualTime):
    """Its UTC goes on while it sleeps, its monotonic time does not."""

    slept_ns = 0

    def utc_ns(self) -> int:
        return super().utc_ns() + self.slept_ns


@pytest.mark.requirement("F12")
@pytest.mark.parametrize("request_", [ENTRY, STOP])
def test_lid_closed_for_an_hour_while_the_intent_is_written(request_: OrderRequest) -> None:
    time = Laptop()
    stage = Stage(time)

    async def play() -> None:
        stage.ledger.hold()
        async with stage.session():
            stage.submit(request_)
            await settle()
            time.slept_ns = 3_600_000_000_000
            stage.ledger.release()
            await settle()

    time.run(play)
    if request_ is STOP:
        assert stage.account.sent == [STOP]
        return
    assert stage.account.sent == []
    (failed,) = stage.told
    assert isinstance(failed, SubmitFailed)
    assert failed.outcome is Outcome.FAILED
