from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.listen_keys import ListenKeyGoneError


def test_key_that_is_gone_is_a_failed_request_to_who_does_not_care() -> None:
    assert issubclass(ListenKeyGoneError, FetchError)
