"""Which stop counts, where it belongs, and that a new one is there before the old one goes."""

from decimal import Decimal

import pytest
from desk_stage import HALT, Stage, buy, canceled, codes, forms, held, requests, to
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import an_algo_report, an_order_report

from botcore_tui.model.market import Side
from botcore_tui.model.order import AlgoReport, AlgoStatus, OrderReport, Purpose, Source
from botcore_tui.model.trading import Cover

STOP, EXIT = Purpose.STOP, Purpose.EXIT


@pytest.mark.requirement("A06")
def test_moved_stop_is_there_and_verified_before_the_old_one_is_cancelled() -> None:
    stage = held()
    old = stage.stop().client_order_id
    stage.venue.answers.append("mute")
    effects = stage.tell(to("97"))
    assert (forms(requests(effects, STOP)), canceled(effects)) == (["1 97"], [])
    position = stage.position()
    assert (position.cover, position.stop_price) == (Cover.VERIFIED, Decimal(95))
    effects = stage.wait(1_500)
    assert canceled(effects)[:1] == [old]
    assert forms(stage.live(STOP)) == ["close 97"]
    assert stage.position().stop_price == Decimal(97)


def test_move_ends_with_a_stop_for_whatever_is_held() -> None:
    stage = held()
    for price in ("96", "94"):
        stage.tell(to(price))
        assert forms(stage.live(STOP)) == [f"close {price}"]
    sent = ["close 95", "1 96", "close 96", "1 94", "close 94"]
    assert forms(stage.sent(STOP)) == sent
    assert [order.reason for order in stage.sent(STOP)] == ["protective stop"] * 5


@pytest.mark.parametrize("side", Side)
def test_position_that_changes_after_a_move_is_protected_all_the_time(side: Side) -> None:
    stage = held("0.5")
    stage.tell(to("97"))
    effects = stage.tell(replace(buy("0.25"), side=side, reduce_only=side is Side.SELL))
    assert "protection.lost" not in codes(effects)
    assert stage.position().cover is Cover.VERIFIED
    assert forms(stage.live(STOP)) == ["close 97"]


def test_stop_for_whatever_is_held_that_is_refused_is_asked_for_again_after_a_minute() -> None:
    stage = held()
    stage.venue.answers.extend(["ok", "refuse -4045"])
    effects = stage.tell(to("97"))
    effects += stage.wait(59_000)
    assert forms(requests(effects, STOP)) == ["1 97", "close 97"]
    assert {"protection.not_moved", "protection.lost"}.isdisjoint(codes(effects))
    assert (forms(stage.live(STOP)), stage.position().cover) == (["1 97"], Cover.VERIFIED)
    assert forms(requests(stage.wait(2_000), STOP)) == ["close 97"]
    assert forms(stage.live(STOP)) == ["close 97"]


def test_stop_that_the_mark_has_reached_is_left_alone() -> None:
    stage = held()
    stage.venue.answers.extend(["ok", "refuse -4045"])
    stage.tell(to("97"))
    stage.is_performing = False
    stage.move("96")
    assert requests(stage.wait(61_000), STOP) == []


@pytest.mark.requirement("F08")
@pytest.mark.parametrize("answer", ["refuse -2021", "refuse -4130", "fail"])
def test_refused_move_leaves_the_old_stop(answer: str) -> None:
    stage = held()
    stage.venue.answers.append(answer)
    effects = stage.tell(to("97"))
    effects += stage.wait(5_000)
    assert codes(effects).count("protection.not_moved") == 1
    assert forms(stage.live(STOP)) == ["close 95"]
    assert stage.position().stop_price == Decimal(95)
    assert len(requests(effects)) == 1


def test_move_that_never_arrived_is_given_up_by_evidence_and_the_old_stop_stays() -> None:
    stage = held()
    stage.venue.answers.append("sink")
    stage.tell(to("97"))
    effects = stage.wait(20_000)
    assert "protection.not_moved" in codes(effects)
    assert (forms(stage.live(STOP)), requests(effects)) == (["close 95"], [])


def test_second_move_overtakes_the_first() -> None:
    stage = held()
    stage.venue.answers.append("mute")
    stage.tell(to("96"))
    stage.tell(to("97"))
    stage.wait(3_000)
    assert forms(stage.live(STOP)) == ["close 97"]


def test_move_on_its_way_is_made_again_when_the_position_grows() -> None:
    stage = held("0.5")
    stage.venue.answers.append("mute")
    stage.tell(to("97"))
    stage.tell(buy("0.25"))
    stage.wait(3_000)
    assert "0.75 97" in forms(stage.sent(STOP))
    assert forms(stage.live(STOP)) == ["close 97"]
    assert stage.position().cover is Cover.VERIFIED


def test_move_that_triggers_at_once_is_let_be() -> None:
    stage = held()
    stage.venue.answers.append("mute")
    stage.tell(to("97"))
    new = stage.sent(STOP)[-1].client_order_id
    effects = stage.tell(*stage.venue.trigger(new, is_executed=False))
    assert (requests(effects), canceled(effects)) == ([], [])
    stage.tell(*stage.venue.fill(new))
    stage.wait(2_000)
    assert (stage.is_flat(), stage.venue.open_orders()) == (True, [])


@pytest.mark.requirement("A06")
def test_stop_for_a_quantity_is_replaced_when_the_position_grows_and_nothing_is_left_over() -> None:
    stage = held("0.5")
    stage.tell(to("97"))
    stage.tell(buy("0.25"))
    assert forms(stage.live(STOP)) == ["close 97"]


def test_of_two_alike_the_one_stays_that_covers_whatever_the_position_becomes() -> None:
    stage = held()
    stage.tell(an_algo_report(client_order_id="bc-r0-9-s", trigger_price="95", algo_id=99))
    stage.tell(
        an_algo_report(
            client_order_id="bc-r0-8-s",
            trigger_price="95",
            algo_id=98,
            close_position=False,
            quantity="1",
        )
    )
    assert "bc-r0-8-s" in canceled(stage.effects)
    assert len({order.client_order_id for order in stage.desk.state.register.open()}) == 3


def test_position_without_a_plan_takes_the_place_of_the_stop_that_is_there() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(an_algo_report(client_order_id="bc-r0-9-s", trigger_price="91"))
    effects = stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    assert requests(effects) == []
    position = stage.position()
    assert (position.cover, position.stop_price) == (Cover.VERIFIED, Decimal(91))


def test_order_of_the_book_that_a_stop_became_is_no_stop() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(
        an_order_report(client_order_id="bc-r0-9-s", side=Side.SELL, price="0", close_position=True)
    )
    effects = stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    assert stage.position().cover is Cover.PLACING
    assert forms(requests(effects, STOP)) == ["1 96.5"]


# --- of others -----------------------------------------------------------------------------------


@pytest.mark.requirement("F10")
@pytest.mark.parametrize(("quantity", "close_position"), [("0", True), ("1", False), ("2", False)])
def test_stop_of_others_that_covers_all_protects_and_is_let_be(
    quantity: str, close_position: bool
) -> None:
    stage = Stage().begin()
    stage.is_performing = False

    def foreign(trigger: str) -> None:
        stage.tell(
            an_algo_report(
                client_order_id="web-1",
                trigger_price=trigger,
                quantity=quantity,
                close_position=close_position,
                reduce_only=not close_position,
            )
        )

    foreign("91")
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    position = stage.position()
    assert (position.cover, position.stop_price) == (Cover.VERIFIED, Decimal(91))
    foreign("92")
    stage.wait(250)
    assert (stage.position().stop_price, stage.sent()) == (Decimal(92), [])


@pytest.mark.requirement("A06")
@pytest.mark.requirement("F10")
def test_stop_of_others_that_is_gone_does_not_come_back_with_an_older_picture() -> None:
    stage = Stage().begin()
    theirs = an_algo_report(client_order_id="web-1", trigger_price="97")
    stage.tell(theirs, stage.venue.trade_by_hand(Side.BUY, "1"))
    listed = (replace(theirs, source=Source.LIST),)
    picture = replace(stage.venue.picture(), algo_orders=listed)
    stage.tell(replace(theirs, status=AlgoStatus.CANCELED), picture)
    assert forms(stage.live(STOP)) == ["close 97"]


@pytest.mark.requirement("F10")
@pytest.mark.parametrize(
    "report",
    [
        an_order_report(client_order_id="web-1", side=Side.SELL, price="95"),
        an_algo_report(client_order_id="web-1", symbol="ETHUSDT"),
        an_algo_report(client_order_id="web-1", status=AlgoStatus.TRIGGERED),
        an_algo_report(client_order_id="web-1", close_position=False, quantity="1"),
    ],
    ids=["book", "symbol", "status", "may raise"],
)
def test_order_of_others_that_is_no_stop_for_all_of_it_protects_nothing(
    report: OrderReport | AlgoReport,
) -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(report)
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    assert forms(stage.sent(STOP)) == ["close 96.5"]


def far_stop(trigger: str = "1", *, close_position: bool = True) -> AlgoReport:
    """Of somebody else, under a long position at 100."""
    return an_algo_report(
        client_order_id="web-1",
        trigger_price=trigger,
        close_position=close_position,
        reduce_only=not close_position,
        quantity="0" if close_position else "1",
    )


@pytest.mark.requirement("A06")
@pytest.mark.requirement("F10")
@pytest.mark.parametrize("close_position", [True, False])
def test_stop_of_others_far_away_protects_nothing_and_ours_is_placed(
    *, close_position: bool
) -> None:
    stage = Stage().begin()
    stage.tell(far_stop(close_position=close_position))
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    # The venue takes one closePosition stop of a direction only (-4130).
    form = "1" if close_position else "close"
    assert forms(stage.sent(STOP)) == [f"{form} 96.5"]
    position = stage.position()
    assert (position.cover, position.stop_price) == (Cover.VERIFIED, Decimal("96.5"))


@pytest.mark.requirement("A06")
def test_stop_beside_a_far_one_of_others_moves_and_grows_with_the_form_that_is_free() -> None:
    stage = Stage().begin()
    stage.tell(far_stop())
    stage.tell(buy("0.1", stop="95"))
    stage.tell(to("96"))
    stage.tell(buy("0.2", stop="95"))
    assert forms(stage.sent(STOP)) == ["0.1 95", "0.1 96", "0.3 96"]
    assert forms(stage.live(STOP)) == ["0.3 96"]
    assert stage.position().cover is Cover.VERIFIED


@pytest.mark.requirement("F08")
def test_refused_stop_beside_a_far_one_of_others_is_asked_for_in_the_form_that_is_free() -> None:
    stage = Stage().begin()
    stage.tell(far_stop())
    stage.venue.answers.extend(["ok", "refuse -1102"])
    stage.tell(buy("0.1", stop="95"))
    assert forms(stage.sent(STOP)) == ["0.1 95", "0.1 95"]
    assert stage.position().cover is Cover.VERIFIED


@pytest.mark.requirement("A06")
@pytest.mark.requirement("F10")
@pytest.mark.parametrize(
    ("liquidation", "trigger", "ours"), [(None, "60", "1 91"), (Decimal(93), "91", "1 96.5")]
)
def test_stop_of_others_that_counts_no_longer_is_replaced_where_it_was_if_that_helps(
    liquidation: Decimal | None, trigger: str, ours: str
) -> None:
    stage = Stage().begin()
    stage.tell(far_stop("91"))
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    assert (stage.position().cover, stage.sent(STOP)) == (Cover.VERIFIED, [])
    holding = stage.desk.state.portfolio.holding(SYMBOL)
    assert holding is not None
    holding.liquidation_price = liquidation
    effects = stage.tell(far_stop(trigger))
    effects += stage.wait(250)
    assert "protection.lost" in codes(effects)
    assert forms(stage.sent(STOP)) == [ours]


@pytest.mark.requirement("P15")
def test_stop_of_ours_counts_wherever_its_plan_wants_it() -> None:
    stage = held("0.1", stop="60")
    assert forms(stage.sent(STOP)) == ["close 60"]
    assert stage.position().cover is Cover.VERIFIED


@pytest.mark.requirement("P15")
def test_our_own_stop_is_placed_beside_one_of_others_where_the_plan_wants_another() -> None:
    stage = Stage().begin()
    stage.tell(an_algo_report(client_order_id="web-1", trigger_price="80"))
    stage.tell(buy(stop="95"))
    assert forms(stage.sent(STOP)) == ["1 95"]
    assert stage.position().stop_price == Decimal(95)


def test_one_of_others_is_enough_where_the_plan_wants_the_same() -> None:
    stage = Stage().begin()
    stage.tell(an_algo_report(client_order_id="web-1", trigger_price="95"))
    stage.tell(buy(stop="95"))
    assert stage.sent(STOP) == []


def test_moved_stop_of_others_becomes_one_of_ours_and_later_plans_count_from_there() -> None:
    stage = Stage().begin()
    stage.tell(an_algo_report(client_order_id="web-1", trigger_price="80"))
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "0.1"))
    stage.tell(to("90"))
    assert forms(stage.live(STOP)) == ["0.1 90"]


def test_plan_of_an_addition_counts_where_only_a_stop_of_others_was_there() -> None:
    stage = Stage().begin()
    stage.tell(an_algo_report(client_order_id="web-1", trigger_price="97"))
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "0.1"))
    stage.tell(buy("0.2", stop="94"))
    assert stage.position().stop_price == Decimal(94)


def test_halt_leaves_stops_alone() -> None:
    stage = held()
    assert canceled(stage.tell(HALT)) == []
    assert forms(stage.live(STOP)) == ["close 95"]


def test_list_verifies_as_well_as_the_stream() -> None:
    stage = Stage().begin()
    stage.venue.answers.extend(["ok", "mute"])
    stage.tell(buy())
    order = stage.venue.orders[stage.sent(STOP)[0].client_order_id]
    stage.tell(stage.venue.report(order, Source.LIST))
    assert stage.position().cover is Cover.VERIFIED
    assert not stage.sent(EXIT)
