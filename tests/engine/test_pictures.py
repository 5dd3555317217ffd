"""Pictures are drawn while somebody looks."""

from engine_fakes import SYMBOL
from pictures import AROUND

from botcore_tui.clock import ManualClock
from botcore_tui.core.trader import Trader
from botcore_tui.engine.pictures import Pictures
from botcore_tui.engine.publisher import Publisher
from botcore_tui.model.snapshot import View


def test_drawn_only_within_a_second_of_a_look_and_redrawn_only_if_ever_drawn() -> None:
    clock = ManualClock()
    pictures = Pictures(Publisher(Trader((SYMBOL,))), lambda: AROUND, clock)

    pictures.refresh()
    pictures.redraw()
    assert pictures.looked_ns == 0
    assert pictures.look(View()) is None
    pictures.redraw()
    assert pictures.look(View()) is None

    pictures.refresh()
    first = pictures.look(View())
    assert first is not None
    clock.advance(2)
    pictures.refresh()
    assert pictures.look(View()) is first
    pictures.redraw()
    second = pictures.look(View())
    assert second is not None
    assert second.sequence == first.sequence + 1
    assert pictures.account() is None
