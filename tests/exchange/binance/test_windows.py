"""Counts in fixed intervals, as the venue keeps them."""

from botcore_tui.exchange.binance.windows import Window

LENGTH_MS = 60_000
AT = 1_700_000_040_000
"""Beginning of a minute."""


def test_requests_count_from_the_moment_they_are_let_through() -> None:
    window = Window(LENGTH_MS)
    taken = window.take(20, AT)
    assert window.used(AT) == 20
    window.settle(20, taken, None, AT + 5)
    assert window.used(AT + 59_999) == 20


def test_interval_ends_with_the_minute_of_the_clock() -> None:
    window = Window(LENGTH_MS)
    window.settle(20, window.take(20, AT + 59_000), None, AT + 59_500)
    assert window.ends_ms(AT + 59_500) == AT + 60_000
    assert window.used(AT + 60_000) == 0


def test_what_the_venue_tells_corrects_upwards_and_downwards() -> None:
    window = Window(LENGTH_MS)
    window.settle(20, window.take(20, AT), 700, AT)
    assert window.used(AT) == 700
    cheaper = Window(LENGTH_MS)
    cheaper.settle(20, cheaper.take(20, AT), 5, AT)
    assert cheaper.used(AT) == 5


def test_replies_out_of_order_do_not_undo_each_other() -> None:
    window = Window(LENGTH_MS)
    first, second = window.take(20, AT), window.take(20, AT)
    window.settle(20, second, 40, AT)
    assert window.used(AT) == 60  # the other one may come on top
    window.settle(20, first, 20, AT)
    assert window.used(AT) == 40


def test_request_under_way_at_the_turn_counts_in_both_minutes() -> None:
    window = Window(LENGTH_MS)
    taken = window.take(20, AT + 59_999)
    assert window.used(AT + 60_000) == 20
    window.settle(20, taken, 900, AT + 60_010)  # told of the minute before, or of this: unknown
    assert window.used(AT + 60_010) == 20
    assert window.used(AT + 120_000) == 0


def test_count_of_the_minute_before_is_forgotten_when_a_later_reply_tells_of_this_one() -> None:
    window = Window(LENGTH_MS)
    # Our minute began a moment before the venue's: what it tells is of the one before.
    early, late = window.take(1, AT), window.take(1, AT)
    window.settle(1, early, 1_808, AT + 16)
    assert window.used(AT + 16) == 1_809
    window.settle(1, late, 3, AT + 20)  # it may have left before that was told, and proves nothing
    assert window.used(AT + 20) == 1_808
    window.settle(1, window.take(1, AT + 17_000), 4, AT + 17_040)
    assert window.used(AT + 17_040) == 4
    window.settle(1, window.take(1, AT + 18_000), 5, AT + 18_040)
    assert window.used(AT + 18_040) == 5


def test_count_that_goes_on_where_the_minute_before_ended_is_of_that_minute() -> None:
    # Our clock is a moment ahead: who takes it for one of the new minute asks nothing in all of it.
    window = Window(LENGTH_MS)
    window.settle(5, window.take(5, AT + 40_000), 1_659, AT + 40_010)
    late = AT + 60_000
    window.settle(40, window.take(40, late), 1_699, late + 34)
    assert window.used(late + 34) == 40, "it may be counted in the new one all the same"
    window.settle(5, window.take(5, late + 50), 45, late + 80)
    assert window.used(late + 80) == 85
    # From here on it is known to have turned: whatever is told now is of the new one.
    window.settle(5, window.take(5, late + 90), 1_800, late + 95)
    assert window.used(late + 95) == 1_840


def test_high_count_is_believed_where_the_venue_must_have_turned() -> None:
    window = Window(LENGTH_MS)
    window.settle(5, window.take(5, AT + 40_000), 1_000, AT + 40_010)
    late = AT + 62_000
    window.settle(5, window.take(5, late), 1_500, late + 5)
    assert window.used(late + 5) == 1_500
    # Nor is there a minute before it of which nothing was told.
    silent = AT + 180_000
    window.settle(5, window.take(5, silent), 1_900, silent + 5)
    assert window.used(silent + 5) == 1_900


def test_corrected_clock_forgets_nothing() -> None:
    window = Window(LENGTH_MS)
    window.settle(20, window.take(20, AT), None, AT)
    window.relabel(AT - 3_600_000)
    assert window.used(AT - 3_600_000) == 20
    window.relabel(AT + 3_600_000)
    assert window.used(AT + 3_600_000) == 20
    assert window.used(AT + 3_660_000) == 0


def test_what_was_not_sent_after_all_is_forgotten() -> None:
    window = Window(60_000)
    window.take(5, 0)
    window.take(2, 0)
    window.give_back(5, 0)
    assert window.used(0) == 2
    window.give_back(2, 60_000)
    assert window.used(60_000) == 0
