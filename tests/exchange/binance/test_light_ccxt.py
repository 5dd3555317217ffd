import subprocess
import sys
import textwrap

import pytest

COMPARE = """
    import hashlib
    import sys

    if {is_light}:
        from botcore_tui.exchange.binance.light_ccxt import load_usdm
        usdm, base_error = load_usdm()
    else:
        from ccxt.async_support import binanceusdm as usdm
        from ccxt import BaseError as base_error
    modules = sum(name.startswith("ccxt") for name in sys.modules)
    client = usdm({{"enableRateLimit": False}})
    print(usdm.__mro__)
    print(base_error.__mro__, sorted(map(str, base_error.__subclasses__())))
    print(hashlib.sha256(repr(client.describe()).encode()).hexdigest())
    print(sorted(name for name in dir(client) if not name.startswith("__")))
    print(client.sign("depth", ["fapiPublic"], "GET", {{"symbol": "BTCUSDT", "limit": 5}}))
    for status, body in ((429, ""), (400, '{{"code":-1121,"msg":"Invalid symbol."}}')):
        try:
            reply = client.parse_json(body)
            client.handle_errors(status, "", "u", "GET", {{}}, body, reply, {{}}, "")
        except base_error as error:
            print(type(error), error)
    if {is_light}:
        assert modules < 40, modules
        import ccxt
        import ccxt.async_support
        from ccxt.async_support import binanceusdm
        assert binanceusdm is usdm
        assert ccxt.BaseError is base_error
        assert ccxt.kraken.__name__ == "kraken"
        assert ccxt.async_support.kraken.__name__ == "kraken"
        assert ccxt.__version__ == ccxt.async_support.__version__
"""

BROKEN = """
    import importlib
    import sys
    from botcore_tui.exchange.binance import light_ccxt

    def fail(name):
        importlib.import_module("ccxt.base.errors")
        raise ImportError(name)

    light_ccxt._empty = fail
    usdm, base_error = light_ccxt.load_usdm()
    import ccxt
    assert usdm is ccxt.async_support.binanceusdm
    assert base_error is ccxt.BaseError
    print("fell back")
"""


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_light_and_full_import_give_the_same_client() -> None:
    light = run(COMPARE.format(is_light=True))
    assert light == run(COMPARE.format(is_light=False))
    assert "DDoSProtection" in light
    assert "BadSymbol" in light or "BadRequest" in light or "ExchangeError" in light


@pytest.mark.slow
def test_unexpected_layout_falls_back_to_the_full_import() -> None:
    assert run(BROKEN) == "fell back\n"
