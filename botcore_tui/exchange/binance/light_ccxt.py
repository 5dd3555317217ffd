"""Imports ccxt's Binance USD-M client without the hundred other exchanges.

``ccxt/__init__`` imports every exchange: 0.7 s and 100 MB. Here its two packages are first put in
place empty, with the few names that the one exchange needs, and fill themselves on the first use
of any other name, so that ``import ccxt`` elsewhere in the process still works. If ccxt's layout
changes this falls back to the plain import; a test compares both.
"""

import importlib
import importlib.util
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Protocol

_PACKAGES = ("ccxt", "ccxt.async_support")


Endpoint = Callable[[Mapping[str, str | int]], Awaitable[object]]
"""Sends one request with these parameters, signed where the venue wants it signed."""


class Usdm(Protocol):
    """What is used of ``ccxt.async_support.binanceusdm``.

    ``on_rest_response`` is called for every reply, errors too, with: status, reason, URL, method,
    reply headers, reply text, request headers, request body; it returns the text to go on with.
    Each endpoint is an attribute besides, such as ``fapipublic_get_depth``; see ``Endpoint``.
    """

    urls: dict[str, object]
    on_rest_response: Callable[..., str]
    urlencode: Callable[[Mapping[str, object]], str]
    timeout_on_exit: int
    logger: logging.Logger

    async def close(self) -> None:
        """Give up the session and refuse all further requests."""


UsdmFactory = Callable[[Mapping[str, object]], Usdm]


def load_usdm() -> tuple[UsdmFactory, type[Exception]]:
    """Import the client class and the root of ccxt's errors.

    Takes a quarter of a second of computing at the first call: call it in a thread.
    """
    if "ccxt" not in sys.modules:
        try:
            _prepare()
            found = _found()
            _hide_modules()
        except (ImportError, AttributeError):
            for name in [name for name in sys.modules if name.split(".")[0] == "ccxt"]:
                del sys.modules[name]
        else:
            return found
    return _found()


def _found() -> tuple[UsdmFactory, type[Exception]]:
    client = importlib.import_module("ccxt.async_support.binanceusdm")
    errors = importlib.import_module("ccxt.base.errors")
    return client.binanceusdm, errors.BaseError


def _prepare() -> None:
    packages = [_empty(name) for name in _PACKAGES]
    packages[0].__dict__["async_support"] = packages[1]
    errors = importlib.import_module("ccxt.base.errors")
    exchange = importlib.import_module("ccxt.base.exchange")
    names = {name: value for name, value in vars(errors).items() if isinstance(value, type)}
    packages[0].__dict__.update(names, Exchange=exchange.Exchange)


def _hide_modules() -> None:
    # Importing a submodule puts it into its package under the name that users know as the class.
    package = sys.modules["ccxt.async_support"]
    for name in ("binance", "binanceusdm"):
        setattr(package, name, getattr(sys.modules[f"ccxt.async_support.{name}"], name))


def _empty(name: str) -> ModuleType:
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"no module named {name!r}", name=name)
    module = importlib.util.module_from_spec(spec)

    def fill(attribute: str) -> object:
        if attribute.startswith("__"):
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        if module.__dict__.pop("__getattr__", None) is not None and spec.loader is not None:
            spec.loader.exec_module(module)
        return getattr(module, attribute)

    module.__dict__["__getattr__"] = fill
    sys.modules[name] = module
    return module
