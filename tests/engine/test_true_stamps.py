"""Ages of what the venue confirmed, where it could not be asked for all."""

from order_builders import a_position_report
from session_stage import Stage
from virtual_time import VirtualTime

from botcore_tui.errors import FetchError
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import Reconcile


def test_picture_without_a_balance_does_not_make_the_wallet_young(time: VirtualTime) -> None:
    """``GET balance`` times out again and again, everything else is answered."""
    stage = Stage(time)
    stage.account.held_positions = [a_position_report(quantity="1")]

    async def play() -> None:
        async with stage.running():
            stage.session.perform(Reconcile(reason="start"))
            await stage.until(AccountPicture)
            first = time.monotonic_ns()
            await time.sleep(60)
            stage.account.failures["balance"].append(FetchError("timed out"))
            stage.session.perform(Reconcile(reason="periodic"))
            await stage.until(AccountPicture, 2)
            stamps = stage.session.stamps()
            assert stamps.reconciled_ns > first
            assert stamps.wallet_ns == first

    time.run(play)


def test_sighting_confirms_positions_and_not_the_account(time: VirtualTime) -> None:
    """``GET userTrades`` hangs, everything else is answered."""
    stage = Stage(time)
    stage.account.held_positions = [a_position_report(quantity="1")]
    stage.account.hold("trades")

    async def play() -> None:
        async with stage.running():
            stage.session.perform(Reconcile(reason="start"))
            await stage.until(AccountPicture)
            stamps = stage.session.stamps()
            assert (stamps.reconciled_ns, stamps.wallet_ns) == (0, 0)
            assert list(stamps.positions_ns.values()) == [time.monotonic_ns()]

    time.run(play)
