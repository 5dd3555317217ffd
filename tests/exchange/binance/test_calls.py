"""What became of the requests, by endpoint."""

import pytest

from botcore_tui.exchange.binance.calls import CallCount, CallCounts
from botcore_tui.model.snapshot import EndpointCalls


def test_each_endpoint_has_a_count_of_its_own() -> None:
    counts = CallCounts()
    counts.of("depth").attempts += 2
    counts.of("depth").saved += 1
    counts.of("depth").last_reason = "HTTP 500:\nInternal"
    counts.of("klines").given_up += 1
    assert counts.rows() == (
        EndpointCalls("depth", 2, 1, 0, "HTTP 500: Internal"),
        EndpointCalls("klines", 0, 0, 1, ""),
    )


@pytest.mark.requirement("R60")
@pytest.mark.requirement("R62")
@pytest.mark.parametrize(
    ("status", "failed", "limited", "banned"),
    [
        (200, 0, 0, 0),
        (400, 0, 0, 0),
        (403, 1, 0, 0),
        (408, 1, 0, 0),
        (418, 1, 0, 1),
        (429, 1, 1, 0),
        (503, 1, 0, 0),
    ],
)
def test_a_refusal_of_what_was_asked_is_no_failed_call(
    status: int, failed: int, limited: int, banned: int
) -> None:
    count = CallCount()
    count.hear(status)
    assert (count.failed, count.limited, count.banned) == (failed, limited, banned)


def test_news_is_told_once() -> None:
    counts = CallCounts()
    assert counts.news() == ()
    counts.of("depth").attempts += 2
    counts.of("klines")
    assert [(each.endpoint, each.attempts) for each in counts.news()] == [("depth", 2)]
    assert counts.news() == ()
    counts.of("depth").attempts += 1
    counts.of("depth").repeated += 1
    assert [(each.attempts, each.repeated) for each in counts.news()] == [(1, 1)]


@pytest.mark.requirement("R60")
def test_a_refusal_of_an_attempt_that_was_told_before_is_news() -> None:
    counts = CallCounts()
    counts.of("depth").attempts += 1
    assert [each.attempts for each in counts.news()] == [1]
    counts.of("depth").hear(429)
    (told,) = counts.news()
    assert (told.attempts, told.failed, told.limited) == (0, 1, 1)
    assert not counts.has_trouble
    assert counts.news() == ()


def test_trouble_is_a_broken_limit_that_was_not_told_yet() -> None:
    counts = CallCounts()
    seen: list[bool] = []
    counts.of("depth").hear(503)
    seen.append(counts.has_trouble)
    counts.of("depth").hear(429)
    counts.of("depth").attempts += 2
    seen.append(counts.has_trouble)
    counts.news()
    seen.append(counts.has_trouble)
    assert seen == [False, True, False]
