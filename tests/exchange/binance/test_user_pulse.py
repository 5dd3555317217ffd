import pytest

from botcore_tui.exchange.binance.user_pulse import Look, Patience, Pulse, Sightings

UTC_NS = 1_700_000_000_000_000_000


class Bench:
    """A connection that is looked at every second."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.second = 0
        self.sightings = Sightings()
        self.pulse = Pulse(patience or Patience(), self.now_ns, self.utc_ns, self.sightings)
        self.pings: list[int] = []
        self.keys: list[int] = []

    @property
    def now_ns(self) -> int:
        return (1_000 + self.second) * 1_000_000_000

    @property
    def utc_ns(self) -> int:
        return UTC_NS + self.now_ns

    def look(self) -> Look:
        return self.pulse.look(self.now_ns, self.utc_ns)

    def until(self, second: int, *, is_answering: bool = True, has_rest: bool = True) -> str:
        """Look every second, and answer what is asked for; the problem, if one turns up."""
        while self.second < second:
            self.second += 1
            look = self.look()
            if look.problem:
                return look.problem
            if look.wants_ping:
                self.pings.append(self.second)
                if is_answering:
                    self.pulse.heard(self.now_ns)
            if look.wants_key:
                self.keys.append(self.second)
                if has_rest:
                    self.pulse.key_extended(self.now_ns)
                else:
                    self.pulse.key_not_extended()
        return ""


def test_quiet_account_is_asked_for_a_sign_of_life_every_minute() -> None:
    bench = Bench()
    assert bench.until(200) == ""
    assert bench.pings == [60, 120, 180]
    assert bench.keys == [60, 120, 180]
    assert not bench.pulse.is_in_doubt


def test_busy_stream_is_not_pinged_and_its_key_is_extended_in_time() -> None:
    bench = Bench()
    for second in range(30, 3_000, 30):
        assert bench.until(second) == ""
        bench.pulse.heard(bench.now_ns)
    assert bench.pings == []
    assert bench.keys == [1_200, 2_400]


@pytest.mark.requirement("F05")
def test_ping_without_an_answer_ends_the_connection() -> None:
    bench = Bench()
    assert bench.until(200, is_answering=False) == "no answer to a ping for 10 s"
    assert bench.second == 70


def test_frame_is_an_answer_too() -> None:
    bench = Bench()
    bench.until(65, is_answering=False)
    doubts = [bench.pulse.is_in_doubt]
    bench.pulse.heard(bench.now_ns)
    doubts.append(bench.pulse.is_in_doubt)
    assert doubts == [True, False]
    assert bench.until(100, is_answering=False) == ""


def test_outage_of_rest_alone_does_not_end_a_quiet_stream() -> None:
    bench = Bench()
    assert bench.until(600, has_rest=False) == ""
    assert bench.pings == bench.keys == list(range(60, 601, 60))


@pytest.mark.requirement("F05")
def test_key_that_is_not_extended_for_long_ends_a_busy_stream_before_it_expires() -> None:
    bench = Bench()
    for second in range(30, 2_700, 30):
        assert bench.until(second, has_rest=False) == ""
        bench.pulse.heard(bench.now_ns)
    assert bench.until(3_600, has_rest=False) == "listen key not extended for 45 min"
    assert bench.keys[:3] == [1_200, 1_260, 1_320]


def test_extension_after_a_failure_returns_to_the_usual_pace() -> None:
    bench = Bench(Patience(keepalive_seconds=300))
    for second in range(30, 1_000, 30):
        assert bench.until(second, has_rest=second > 330) == ""
        bench.pulse.heard(bench.now_ns)
    assert bench.keys == [300, 360, 660, 960]


@pytest.mark.requirement("F12")
def test_machine_that_slept_trusts_nothing() -> None:
    bench = Bench()
    bench.until(5)
    bench.second += 600
    assert bench.look().problem == "this machine slept for 600 s"
    bench = Bench()
    bench.until(5)
    assert bench.pulse.look(bench.now_ns, bench.utc_ns + 601_000_000_000).problem


def test_clock_that_was_set_back_is_no_sleep() -> None:
    bench = Bench()
    bench.until(5)
    assert bench.pulse.look(bench.now_ns, bench.utc_ns - 600_000_000_000) == Look()


@pytest.mark.requirement("F05")
def test_confirmed_order_that_the_stream_never_tells_of_ends_the_connection() -> None:
    bench = Bench()
    bench.until(10)
    bench.sightings.expect("bc-1-1-e", bench.now_ns)
    bench.sightings.expect("bc-1-1-e", bench.now_ns + 1_000_000_000)
    bench.pulse.heard(bench.now_ns)
    assert bench.until(14) == ""
    assert bench.until(20) == "nothing told of order bc-1-1-e for 5 s"
    assert bench.second == 15


def test_order_is_expected_no_more_once_told_of_before_or_after() -> None:
    bench = Bench()
    bench.sightings.sighted("before")
    bench.sightings.expect("before", bench.now_ns)
    bench.sightings.expect("after", bench.now_ns)
    bench.sightings.expect("forgotten", bench.now_ns)
    bench.until(3)
    bench.sightings.sighted("after")
    assert bench.sightings.overdue(bench.now_ns, 3) == "forgotten"
    bench.sightings.forget()
    assert bench.until(30) == ""


def test_memory_of_orders_is_bounded() -> None:
    sightings = Sightings()
    for number in range(5_000):
        sightings.sighted(f"order {number}")
    sightings.expect("order 0", 0)
    sightings.expect("order 4999", 0)
    assert sightings.overdue(10**12, 5) == "order 0"
    sightings.forget()
    sightings.expect("order 4999", 0)
    assert sightings.overdue(10**12, 5) == ""
