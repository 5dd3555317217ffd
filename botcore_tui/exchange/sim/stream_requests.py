"""What clients say on a stream connection, taken apart, and the words for what is wrong with it.

Source: Binance USD-M futures, "Live Subscribing/Unsubscribing to streams"; the frames around
error messages (``{"error": ..., "id": ...}``) and those of malformed stream names as clients
report them, for the page does not show them.
"""

from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Raw, Struct

_MOST_ID: Final = 2**64


class Method(StrEnum):
    """What may be asked for."""

    SUBSCRIBE = "SUBSCRIBE"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    LIST_SUBSCRIPTIONS = "LIST_SUBSCRIPTIONS"
    SET_PROPERTY = "SET_PROPERTY"
    GET_PROPERTY = "GET_PROPERTY"


_EXPECTED: Final = ", ".join(f"`{method}`" for method in Method)


class StreamRequest(Struct, frozen=True):
    """A request whose parts have the right types."""

    method: Method
    identity: str
    """Its ``id`` as JSON, to be sent back as it came."""
    names: tuple[str, ...] = ()
    value: bool = False
    """Of the property that is set."""


class MalformedError(Exception):
    """A request is not what the venue takes.

    Attributes:
        reply: Frame to be sent back.
    """

    def __init__(self, code: int, message: str, identity: str = "null") -> None:
        text = msgspec.json.encode(message).decode()
        self.reply = f'{{"error":{{"code":{code},"msg":{text}}},"id":{identity}}}'
        super().__init__(message)


class _Envelope(Struct):
    method: Raw = Raw(b"")
    params: Raw = Raw(b"")
    id: Raw = Raw(b"")


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)


def parsed(text: str) -> StreamRequest:
    """A request.

    Raises:
        MalformedError: It is none; carries the reply.
    """
    try:
        envelope = _ENVELOPE.decode(text)
    except msgspec.ValidationError as error:
        raise MalformedError(2, "Invalid request: expected an object") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedError(3, "Invalid JSON: expected value at line 1 column 1") from error
    identity = _identity(envelope.id)
    method = _method(envelope.method, identity)
    parameters = _parameters(envelope.params, identity)
    if method is Method.LIST_SUBSCRIPTIONS:
        if parameters:
            raise MalformedError(2, "Invalid request: too many parameters", identity)
        return StreamRequest(method, identity)
    if method in {Method.SET_PROPERTY, Method.GET_PROPERTY}:
        return _property_request(method, parameters, identity)
    names = tuple(name for name in parameters if isinstance(name, str))
    if len(names) < len(parameters):
        raise MalformedError(2, "Invalid request: invalid stream", identity)
    return StreamRequest(method, identity, names)


_Value = str | bool | int | float | None


def _identity(raw: Raw) -> str:
    # The page knows unsigned integers only; the venue's own SDK sends UUIDs as well.
    text = bytes(raw).decode()
    if text.isdecimal() and len(text) <= 20 and int(text) < _MOST_ID:
        return text
    if text.startswith('"'):
        return text
    raise MalformedError(2, "Invalid request: request ID must be an unsigned integer")


def _method(raw: Raw, identity: str) -> Method:
    if not bytes(raw):
        raise MalformedError(2, "Invalid request: missing field `method`", identity)
    try:
        return msgspec.json.decode(raw, type=Method)
    except msgspec.ValidationError as error:
        given = bytes(raw).decode().strip('"')
        message = f"Invalid request: unknown variant `{given}`, expected one of {_EXPECTED}"
        raise MalformedError(2, message, identity) from error


def _parameters(raw: Raw, identity: str) -> list[_Value]:
    if bytes(raw) in {b"", b"null"}:
        return []
    try:
        return msgspec.json.decode(raw, type=list[_Value])
    except msgspec.ValidationError as error:
        message = "Invalid request: invalid type: expected a sequence"
        raise MalformedError(2, message, identity) from error


def _property_request(method: Method, parameters: list[_Value], identity: str) -> StreamRequest:
    wanted = 2 if method is Method.SET_PROPERTY else 1
    if len(parameters) > wanted:
        raise MalformedError(2, "Invalid request: too many parameters", identity)
    if not parameters or not isinstance(parameters[0], str):
        raise MalformedError(2, "Invalid request: property name must be a string", identity)
    if parameters[0] != "combined":
        raise MalformedError(0, "Unknown property", identity)
    value = parameters[-1] if len(parameters) == 2 else None
    if method is Method.SET_PROPERTY and not isinstance(value, bool):
        raise MalformedError(1, "Invalid value type: expected Boolean", identity)
    return StreamRequest(method, identity, value=value is True)
