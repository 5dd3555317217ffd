"""``botcore sim``: an exchange of one's own, until it is told to end."""

import asyncio
import contextlib
import errno
import gc
import os
import random
import re
import secrets
import signal
import socket
import string
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from botcore_tui.cli.output import say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.sim_market import markets_of
from botcore_tui.clock import SystemClock
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.sim.exchange import Exchange, ExchangeSettings
from botcore_tui.exchange.sim.fault_catalogue import listing
from botcore_tui.exchange.sim.fault_specs import Fault, parse_spec
from botcore_tui.exchange.sim.limits import Quotas
from botcore_tui.exchange.sim.money import ATOMS, atoms
from botcore_tui.exchange.sim.pace import Pace
from botcore_tui.exchange.sim.ready import Ready
from botcore_tui.exchange.sim.scenario import parse_scenario
from botcore_tui.exchange.sim.signatures import Credentials

if TYPE_CHECKING:
    from botcore_tui.exchange.sim.server import Server

_AMOUNT: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,8})?")
_MOST_BALANCE: Final = 10**9
_MOST_SEED: Final = 2**63
_KEY_LETTERS: Final = string.ascii_letters + string.digits
_KEY_LENGTH: Final = 64
_INSTANCE_BYTES: Final = 4
_LOOK_SECONDS: Final = 0.5
_BACKLOG: Final = 1_024
_RARE_COLLECTIONS: Final = (50_000, 20, 100)
_NO_LIMITS: Final = Quotas(10**9, 10**9, 10**9)


class _Keys(Struct, frozen=True):
    """What the owner of the account gets, and what the exchange checks it with."""

    credentials: Credentials
    ed25519_private_key: str


def run_sim(arguments: Arguments) -> int:
    """Run an exchange until TERM, INT or, if asked for, the end of standard input."""
    # A parent may have blocked them, as the cockpit has.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if arguments.list_faults:
        say(listing())
        return 0
    seed = _seed(arguments.seed)
    faults = _faults(arguments)
    balance = _balance(arguments.balance)
    host = _host(arguments.host, allows_remote=arguments.allow_remote)
    markets = markets_of(arguments.market, arguments.symbols, seed)
    _check_symbols(faults, [contract.symbol for contract, _ in markets])
    assert arguments.speed is not None  # has a default
    pace = Pace(SystemClock(), arguments.speed)
    keys = _new_keys()
    settings = ExchangeSettings(
        credentials=keys.credentials,
        balance=balance,
        start_ms=pace.start_ms,
        seed=seed,
        quotas=_NO_LIMITS if arguments.no_limits else Quotas(),
        faults=faults,
    )
    with _listen(host, arguments.port) as listening:
        exchange = Exchange(settings, markets, random.Random)
        symbols = tuple(exchange.venue.floor.markets)
        ready = _ready(listening, keys, symbols, seed)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(exchange, pace, listening, ready, arguments))
    return 0


async def _serve(
    exchange: Exchange,
    pace: Pace,
    listening: socket.socket,
    ready: Ready,
    arguments: Arguments,
) -> None:
    from botcore_tui.exchange.sim.server import Server  # noqa: PLC0415 - aiohttp: 0.2 seconds

    server = Server(exchange, pace, SystemClock())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    no_more_input = asyncio.Event()
    if arguments.until_eof:
        _tell_eof(loop, no_more_input.set)
    # Orders and trades are kept: there is little garbage among much that stays.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_RARE_COLLECTIONS)
    # No group: what is wrong with the output must reach the user as it is, not as one of many.
    ending = asyncio.create_task(_end_after(no_more_input, server, arguments.linger))
    try:
        await server.serve(
            listening, lambda: say(_as_json(ready) if arguments.json else _as_text(ready))
        )
    finally:
        ending.cancel()
        await asyncio.wait([ending])


async def _end_after(no_more_input: asyncio.Event, server: "Server", seconds: float) -> None:
    """Stop once there is no more input, and no client has followed a stream for so long."""
    await no_more_input.wait()
    clock = SystemClock()
    followed_ns = clock.monotonic_ns()
    while clock.monotonic_ns() - followed_ns < seconds * 1e9:
        await clock.sleep(min(_LOOK_SECONDS, seconds))
        if server.followers:
            followed_ns = clock.monotonic_ns()
    server.stop()


def _tell_eof(loop: asyncio.AbstractEventLoop, tell: Callable[[], None]) -> None:
    def read() -> None:
        # A thread, for standard input may be a file, which no event loop waits for.
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(tell)

    threading.Thread(target=read, name="until-eof", daemon=True).start()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not made for every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


# --- what was asked for -------------------------------------------------------------------------


def _seed(text: str | None) -> int:
    text = "0" if text is None else text
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < _MOST_SEED):
        raise ConfigError([f"--seed: {text!r} is no whole number from 0 to {_MOST_SEED - 1}"])
    return int(text)


def _faults(arguments: Arguments) -> tuple[Fault, ...]:
    faults: list[Fault] = []
    problems: list[str] = []
    for spec in arguments.fault:
        try:
            faults += parse_spec(spec)
        except ConfigError as error:
            problems += [f"--fault: {problem}" for problem in error.problems]
    if arguments.scenario is not None:
        try:
            path = arguments.scenario
            faults += parse_scenario(path.read_text(encoding="utf-8"), str(path))
        except ConfigError as error:
            problems += error.problems
        except OSError as error:
            problems.append(f"--scenario: {arguments.scenario}: {error.strerror}")
        except UnicodeDecodeError:
            problems.append(f"--scenario: {arguments.scenario}: is no text in UTF-8")
    if problems:
        raise ConfigError(problems)
    return tuple(faults)


def _check_symbols(faults: Sequence[Fault], symbols: Sequence[str]) -> None:
    problems = [
        f"--fault or --scenario: {fault.name}: symbol {fault.symbol} is not listed here; "
        f"{', '.join(symbols)}"
        for fault in faults
        if fault.symbol and fault.symbol not in symbols
    ]
    if problems:
        raise ConfigError(problems)


def _balance(text: str) -> int:
    if _AMOUNT.fullmatch(text) is None or atoms(text) > _MOST_BALANCE * ATOMS:
        allowed = f"from 0 to {_MOST_BALANCE} USDT, with at most eight decimals"
        raise ConfigError([f"--balance: {text[:40]!r} is no amount {allowed}"])
    return atoms(text)


def _host(text: str, *, allows_remote: bool) -> str:
    text = "127.0.0.1" if text == "localhost" else text
    try:
        address = ip_address(text)
    except ValueError as error:
        raise ConfigError([f"--host: {text!r} is no IP address such as 127.0.0.1"]) from error
    if not address.is_loopback and not allows_remote:
        raise ConfigError(
            [f"--host: {text} can be reached by other machines; if that is meant, --allow-remote"]
        )
    return text


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: f"port {port} of {host} is in use; --port 0 takes a free one",
            errno.EADDRNOTAVAIL: f"{host} is no address of this machine",
        }
        reason = reasons.get(error.errno or 0, f"cannot listen: {error.strerror}")
        raise UnavailableError(f"--host {host} --port {port}: {reason}") from error


# --- what is told -------------------------------------------------------------------------------


def _new_keys() -> _Keys:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - here only
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - the same
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    credentials = Credentials(
        api_key=_random_key(),
        api_secret=_random_key(),
        ed25519_api_key=_random_key(),
        ed25519_public_key=private.public_key().public_bytes_raw(),
    )
    return _Keys(credentials, pem.decode())


def _random_key() -> str:
    return "".join(secrets.choice(_KEY_LETTERS) for _ in range(_KEY_LENGTH))


def _ready(listening: socket.socket, keys: _Keys, symbols: tuple[str, ...], seed: int) -> Ready:
    host, port = listening.getsockname()[:2]
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    stream = f"ws://{authority}"
    return Ready(
        rest=f"http://{authority}",
        ws_public=f"{stream}/public",
        ws_market=f"{stream}/market",
        ws_private=f"{stream}/private",
        ws_api=f"{stream}/ws-fapi/v1",
        api_key=keys.credentials.api_key,
        api_secret=keys.credentials.api_secret,
        ed25519_api_key=keys.credentials.ed25519_api_key,
        ed25519_private_key=keys.ed25519_private_key,
        symbols=symbols,
        seed=seed,
        pid=os.getpid(),
        instance=secrets.token_hex(_INSTANCE_BYTES),
    )


def _as_json(ready: Ready) -> str:
    return msgspec.json.encode(ready).decode()


def _as_text(ready: Ready) -> str:
    facts = msgspec.to_builtins(ready) | {"symbols": ",".join(ready.symbols)}
    key = facts.pop("ed25519_private_key").rstrip()
    lines = [f"{name.replace('_', ' '):16}{value}" for name, value in facts.items()]
    return "\n".join([*lines, key])
