"""What an exchange says of itself."""

from botcore_tui.exchange.sim.ready import Ready


def test_keys_are_not_shown_where_it_is_logged() -> None:
    ready = Ready(
        rest="http://127.0.0.1:1",
        ws_public="",
        ws_market="",
        ws_private="",
        ws_api="",
        api_key="KEY",
        api_secret="SECRET",
        ed25519_api_key="OTHER",
        ed25519_private_key="PRIVATE",
        symbols=("BTCUSDT",),
        seed=1,
        pid=2,
        instance="0123456789abcdef",
    )
    assert repr(ready) == "Ready(rest='http://127.0.0.1:1', symbols=('BTCUSDT',), pid=2)"
