"""Bars in columns."""

from botcore_tui.exchange.sim.eras import Bar, Era

_FIRST = 600_000


def a_bar(number: int) -> Bar:
    open_ms = _FIRST + number * 60_000
    return Bar(open_ms, open_ms + 60_000, 5 + number, 9, 1 + number, 6, 4, 20, 2, 10, 3, 7 * number)


def an_era(count: int) -> Era:
    era = Era(60_000, _FIRST)
    for number in range(count):
        era.append(a_bar(number))
    return era


def test_bars_come_back_as_they_were_put_in() -> None:
    era = an_era(4)
    assert era.end_ms == _FIRST + 240_000
    assert list(era.each(0, 10**9)) == [a_bar(number) for number in range(4)]
    assert list(era.each(_FIRST + 60_000, _FIRST + 180_000)) == [a_bar(1), a_bar(2)]


def test_bars_appended_newest_first_can_be_turned_round() -> None:
    era = Era(60_000, _FIRST)
    for number in (2, 1, 0):
        era.append(a_bar(number))
    era.reverse()
    assert list(era.each(0, 10**9)) == [a_bar(number) for number in range(3)]


def test_total_is_all_bars_as_one() -> None:
    era = an_era(4)
    assert era.total(_FIRST + 60_000, _FIRST + 180_000) == Bar(
        _FIRST + 60_000, _FIRST + 180_000, 6, 9, 2, 6, 8, 40, 4, 20, 6, 7
    )
    assert era.total(_FIRST + 60_000, _FIRST + 120_000) == a_bar(1)
    assert era.total(_FIRST - 120_000, _FIRST) is None
    assert era.total(_FIRST + 240_000, _FIRST + 300_000) is None
