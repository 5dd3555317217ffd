"""The orders pane: evidence in words, and what may be cancelled."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from account_builders import EVERY_STATE, a_stop_order, an_account, an_order, flat
from builders import NOW_NS, SECOND, a_snapshot
from pane_app import PaneApp, row_texts

from botcore_tui.model.order import OrderState, OrderType, Purpose
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import OrderView
from botcore_tui.ui.panes.base import Row
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.orders import CancelAsked, Orders


def ordered(*orders: OrderView) -> Snapshot:
    return a_snapshot(account=an_account(orders=orders or (an_order(),)))


def rows(snapshot: Snapshot, width: int, *, now_ns: int = NOW_NS) -> Sequence[Row]:
    return Orders(clock_ns=lambda: now_ns).draw(snapshot, width, 9)


def drawn(snapshot: Snapshot, width: int) -> list[str]:
    return [line.rstrip() for line in row_texts(rows(snapshot, width))]


def ink_of(snapshot: Snapshot, text: str, *, now_ns: int = NOW_NS) -> Ink:
    parts = [part for row in rows(snapshot, 160, now_ns=now_ns) for part in row]
    return next(ink for part, ink in parts if text in part)


def test_every_state_reads_differently_and_the_doubtful_ones_are_loud() -> None:
    assert drawn(ordered(*EVERY_STATE), 78) == [
        "  state              for         symbol  side  filled/qty      price age at",
        "▶ ? UNKNOWN          entry       BTCUSDT ▲BUY     0/0.120    61659.0 15s book",
        "  ● UNVERIFIED       stop        BTCUSDT ▼SELL      0/all trg61500.0 15s algo",
        "  ◐ cancel requested target      BTCUSDT ▼SELL 0.05/0.120    61660.5 15s book",
        "  ● open             FOREIGN r/o ETHUSDT ▲BUY      0/0.12     3000.5 15s book",
        "  ■ canceled         entry       BTCUSDT ▲BUY     0/0.120    61659.0 15s book",
    ]
    snapshot = ordered(*EVERY_STATE)
    assert ink_of(snapshot, "UNKNOWN") is Ink.ALARM
    assert ink_of(snapshot, "UNVERIFIED") is Ink.ALARM
    assert ink_of(snapshot, "cancel requested") is Ink.WARN


@pytest.mark.parametrize("state", list(OrderState))
def test_each_state_has_a_sign_and_its_word(state: OrderState) -> None:
    line = drawn(ordered(an_order(state=state)), 80)[1]
    assert line.startswith("▶ ")
    assert f" {state.value} " in f"{line} "


def test_wide_pane_tells_type_place_age_reason_and_id() -> None:
    (_, line) = drawn(ordered(a_stop_order()), 140)
    assert "STOP_MARKET" in line
    assert " algo " in line
    assert "15s" in line
    assert "protects" in line
    assert line.endswith("bc-k3-2-s")


def test_symbol_is_kept_where_there_are_several() -> None:
    one = ordered(an_order(), an_order(client_order_id="b"))
    assert "symbol" not in drawn(one, 50)[0]
    two = ordered(an_order(), an_order(symbol="ETHUSDT", client_order_id="b"))
    assert "symbol" in drawn(two, 50)[0]


def test_price_is_where_it_triggers_or_rests() -> None:
    market = an_order(price=None, type=OrderType.MARKET)
    trailing = an_order(
        price=None, type=OrderType.TRAILING_STOP_MARKET, purpose=Purpose.TRAIL, is_algo=True
    )
    assert "market" in drawn(ordered(market), 80)[1]
    assert " - " in drawn(ordered(trailing), 80)[1]
    assert "TRAILING_ST…" in drawn(ordered(trailing), 120)[1]


def test_words_of_a_silent_engine_are_dimmed_but_unknown_stays_loud() -> None:
    late = NOW_NS + 5 * SECOND
    assert ink_of(ordered(), "open", now_ns=late) is Ink.STALE
    unknown = ordered(an_order(state=OrderState.UNKNOWN))
    assert ink_of(unknown, "UNKNOWN", now_ns=late) is Ink.ALARM


@pytest.mark.parametrize("state", [OrderState.FILLED, OrderState.UNKNOWN, OrderState.IN_FLIGHT])
def test_asked_cancel_never_hides_what_is_worth_more(state: OrderState) -> None:
    order = an_order(state=state, is_cancel_requested=True, filled_quantity=Decimal(1))
    line = drawn(ordered(order), 120)[1]
    assert state.value in line
    assert "requested" not in line


def test_verified_stop_is_simply_open() -> None:
    assert drawn(ordered(a_stop_order()), 80)[1].startswith("▶ ● open ")


@pytest.mark.parametrize(
    ("snapshot", "text"),
    [
        (a_snapshot(), "market data only"),
        (a_snapshot(account=flat()), "no orders"),
        (a_snapshot(account=flat(is_reconciled=False)), "not reconciled yet"),
    ],
)
def test_empty_pane_says_why(snapshot: Snapshot, text: str) -> None:
    assert text in "".join(drawn(snapshot, 40))


class Listening(PaneApp):
    def __init__(self, pane: Orders) -> None:
        super().__init__(pane)
        self.asked: list[str] = []

    def on_cancel_asked(self, event: CancelAsked) -> None:
        self.asked.append(event.order.client_order_id)


async def test_key_asks_for_the_order_under_the_cursor() -> None:
    pane = Orders(clock_ns=lambda: NOW_NS)
    app = Listening(pane)
    async with app.run_test(size=(80, 8)) as pilot:
        pane.focus()
        await pilot.press("x")
        pane.show(ordered(*EVERY_STATE))
        await pilot.press("end", "k", "x")
        await pilot.pause()
        assert app.asked == ["web_abc"]
