import logging

import pytest
from user_samples import algo_event, event_of, fill_event

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.user_intake import Repeats, UserIntake
from botcore_tui.exchange.binance.user_wire import KeyExpired, ModeChanged
from botcore_tui.model.account import AccountUpdate
from botcore_tui.model.event import Event
from botcore_tui.model.order import AlgoReport, Fill, OrderReport


class Desk:
    def __init__(self) -> None:
        self.taken: list[tuple[type, int]] = []
        self.sighted: list[str] = []
        self.intake = UserIntake(self.deliver, self.sighted.append)

    def deliver(self, event: Event, received_ns: int) -> None:
        self.taken.append((type(event), received_ns))


def test_events_are_delivered_in_order_with_the_time_they_came() -> None:
    desk = Desk()
    for received_ns, raw in enumerate((fill_event(), algo_event(), event_of("ACCOUNT_UPDATE")), 5):
        assert desk.intake.take(raw, received_ns, 1_000_000) is None
    assert desk.taken == [(Fill, 5), (OrderReport, 5), (AlgoReport, 6), (AccountUpdate, 7)]
    assert desk.sighted == ["TEST", "Q5xaq5EGKgXXa0fD7fs0Ip"]
    assert (desk.intake.count.frames, desk.intake.last_ns) == (3, 7)
    assert desk.intake.count.last_event_ms == 1564745798938


def test_end_of_the_key_is_handed_back_and_not_delivered() -> None:
    desk = Desk()
    assert desk.intake.take(event_of("listenKeyExpired"), 5, 5) == KeyExpired("WsCMN0a4KHUPT")
    assert desk.taken == []


def test_unreadable_frame_is_counted_and_raised_and_its_content_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    raw = fill_event(c="secret-order")
    for _ in range(3):
        with pytest.raises(DecodeError):
            desk.intake.take(raw[:-2], 5, 5)
    assert desk.intake.decode_errors == 3
    assert len(caplog.messages) == 1
    assert "secret" not in caplog.text


def test_what_is_not_needed_or_not_known_is_counted_by_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    caplog.set_level(logging.INFO)
    for _ in range(2):
        desk.intake.take(b'{"e":"BRAND_NEW"}', 5, 5)
        desk.intake.take(event_of("TRADE_LITE"), 5, 5)
    assert desk.intake.unknown == {"BRAND_NEW": 2}
    assert desk.intake.left_out == {"TRADE_LITE": 2}
    assert desk.taken == []
    assert [each for each in caplog.messages if "BRAND_NEW" in each] == caplog.messages
    assert len(caplog.messages) == 1


def test_notice_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    Desk().intake.take(event_of("CONDITIONAL_ORDER_TRIGGER_REJECT", "or", r="FOK"), 5, 5)
    text = "user stream: order 155618472834 of ETHUSDT was refused as it triggered: FOK"
    assert [(each.levelname, each.message) for each in caplog.records] == [("WARNING", text)]


def test_margin_call_is_told_to_who_is_away(caplog: pytest.LogCaptureFixture) -> None:
    """The last word of the venue before it liquidates; alerts send what is CRITICAL."""
    Desk().intake.take(event_of("MARGIN_CALL"), 5, 5)
    told = [(each.levelname, each.message) for each in caplog.records]
    assert told == [("CRITICAL", "user stream: margin call on ETHUSDT")]


@pytest.mark.requirement("P13")
def test_sign_of_hedge_mode_is_handed_back_once_in_ten_minutes() -> None:
    desk = Desk()
    changed = ModeChanged("the account is in hedge mode now")
    minute_ns = 60_000_000_000
    seen = [desk.intake.take(fill_event(ps="LONG"), n * minute_ns, 5) for n in (1, 1, 10, 11, 12)]
    assert seen == [changed, None, None, changed, None]
    assert [kind for kind, _ in desk.taken] == [Fill, OrderReport] * 5


def test_repeats_are_looked_for_only_while_two_connections_overlap() -> None:
    repeats = Repeats()
    assert [repeats.is_repeated(b"a", 1) for _ in range(2)] == [False, False]
    repeats.begin()
    assert [repeats.is_repeated(b"a", 1) for _ in range(2)] == [False, True]
    repeats.end_at(10)
    assert repeats.is_repeated(b"a", 9)
    assert not repeats.is_repeated(b"a", 10)
    assert not repeats.is_repeated(b"a", 11)
    repeats.begin()
    repeats.is_repeated(b"b", 20)
    repeats.end()
    assert not repeats.is_repeated(b"b", 21)
