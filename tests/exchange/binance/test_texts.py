import pytest
from aiohttp import ServerDisconnectedError

from botcore_tui.exchange.binance.texts import one_line, reason_of, shown


def test_long_text_on_many_lines_becomes_one_short_line() -> None:
    assert one_line("a\n  b\t c") == "a b c"
    assert len(one_line("x" * 5000)) == 200


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (OSError(113, "Connect call failed ('1.2.3.4', 5)"), "No route to host"),
        (ValueError("odd\nthing"), "odd thing"),
        (EOFError(), "EOFError"),
        (ServerDisconnectedError(), "Server disconnected"),
    ],
)
def test_reason_is_in_words(error: Exception, words: str) -> None:
    assert reason_of(error) == words


def test_only_three_names_are_shown() -> None:
    assert shown(["b", "a"]) == "a, b"
    assert shown("edcba") == "a, b, c and 2 more"
