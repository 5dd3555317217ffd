"""Whatever happens in whichever order, no entry leaves that the gate should hold, and exits do."""

from decimal import Decimal

import pytest
from desk_stage import HAPPENINGS, LIMITS, Stage, buy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from market_builders import SYMBOL
from msgspec.structs import replace
from property_examples import examples

from botcore_tui.core.controls_price import FRESH_MS
from botcore_tui.model.account import AccountBound, Binding
from botcore_tui.model.command import PlaceOrder
from botcore_tui.model.event import Effect, Event, Submit, TradingState
from botcore_tui.model.market import Side

CONFIRMED = Binding(
    environment="testnet",
    rest="https://a",
    ws_private="wss://b",
    fingerprint="3f9c0a12",
    account_id="x",
    phase="testnet",
)
OTHER = replace(CONFIRMED, account_id="y")
EVENTS: dict[str, Event] = {
    **HAPPENINGS,
    "bound": AccountBound(CONFIRMED, 0),
    "bound elsewhere": AccountBound(OTHER, 0),
}


class Watched(Stage):
    """Looks at every entry that leaves."""

    def __init__(self) -> None:
        super().__init__(binding=CONFIRMED, limits=replace(LIMITS, max_order_notional=Decimal(900)))
        self.is_elsewhere = False
        self.entries = 0

    def look(self, event: Event, effects: list[Effect]) -> None:
        self.is_elsewhere |= event == EVENTS["bound elsewhere"]
        for effect in effects:
            if isinstance(effect, Submit) and not effect.request.purpose.is_reducing:
                self.entries += 1
                self.check(effect)
            elif isinstance(effect, Submit):
                assert not self.is_elsewhere

    def check(self, effect: Submit) -> None:
        state, request = self.desk.state, effect.request
        assert state.standing.state is TradingState.ACTIVE
        assert not state.breakers.latched
        assert not self.is_elsewhere
        assert state.is_stream_up
        assert state.is_reconciled
        assert state.is_ledger_writable
        age_ms, mark, equity = state.mark_age_ms(SYMBOL), state.mark(SYMBOL), state.equity()
        assert age_ms is not None
        assert age_ms <= FRESH_MS
        assert mark is not None
        assert equity is not None
        price = request.price or mark
        # A sale executes at its own price or any better one.
        most = price if request.side is Side.BUY else max(price, mark)
        assert request.quantity * most <= 900
        assert self.worst(mark) <= equity * LIMITS.max_leverage

    def worst(self, mark: Decimal) -> Decimal:
        """What the larger side would be worth if all of it were filled, one by one."""
        state, sides = self.desk.state, list[Decimal]()
        for side in Side:
            held, beyond = state.portfolio.quantity(SYMBOL), Decimal(0)
            for order in state.register.entries(SYMBOL):
                if order.request.side is side:
                    left = order.quantity - order.fills_quantity
                    held += side.sign * left
                    beyond += max((order.price or mark) - mark, Decimal(0)) * left
            sides.append(abs(held) * mark + beyond)
        assert state.gross_notional() == max(sides)
        return max(sides)


def reduce_whatever_is_held(stage: Watched) -> None:
    held = stage.held()
    if not held or stage.desk.state.register.misses_fills(SYMBOL):
        return
    side = Side.SELL if held > 0 else Side.BUY
    command = buy(str(abs(held)), side=side, reduce_only=True, stop=None)
    stage.tell(replace(command, command_id="out"))
    answer = next(one for one in reversed(stage.desk.state.answers) if one.command_id == "out")
    assert answer.is_accepted or stage.is_elsewhere


def a_step(stage: Watched, step: str | int | Decimal | PlaceOrder) -> None:
    if isinstance(step, str):
        event = EVENTS[step]
        stage.tell(replace(event, time_ms=stage.time_ms))
    elif isinstance(step, int):
        stage.wait(step)
    elif isinstance(step, Decimal):
        stage.move(str(step))
    else:
        stage.tell(step)


@pytest.mark.requirement("R06")
@pytest.mark.requirement("K10")
@pytest.mark.requirement("P01")
@pytest.mark.requirement("P02")
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(
        st.one_of(
            st.sampled_from(sorted(EVENTS)),
            st.sampled_from([250, 1_000, 6_000]),
            st.decimals(80, 120, places=1),
            st.builds(
                buy,
                st.sampled_from(["0.1", "1", "5", "12", "400"]),
                side=st.sampled_from(Side),
                price=st.sampled_from([None, "60", "98", "102", "140"]),
                stop=st.sampled_from(["95", "99", "105", None]),
            ),
        ),
        max_size=14,
    )
)
def test_no_sequence_lets_a_held_entry_through_or_keeps_a_reducing_order_in(
    steps: list[str | int | Decimal | PlaceOrder],
) -> None:
    stage = Watched()
    stage.begin()
    stage.tell(EVENTS["bound"])
    for step in steps:
        a_step(stage, step)
        if step == "halt":
            reduce_whatever_is_held(stage)


@pytest.mark.requirement("P02")
def test_nothing_leaves_before_the_venue_has_said_whose_account_it_is() -> None:
    stage = Watched()
    stage.begin()
    stage.tell(buy("1"))
    assert (stage.entries, stage.answer().code) == (0, "P10")


def test_the_stage_lets_a_good_entry_through() -> None:
    stage = Watched()
    stage.begin()
    stage.tell(EVENTS["bound"])
    stage.tell(buy("1"))
    assert stage.entries == 1
    reduce_whatever_is_held(stage)
