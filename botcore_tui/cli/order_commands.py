"""``botcore buy``, ``sell``, ``close``, ``cancel``, ``stop``, ``resume``, ``orders`` and so on.

The twins of what a person does in the cockpit: they go to the engine that runs, and take the same
way there. ``botcore halt``, which needs no engine, is in ``kill_command``.
"""

import os
import secrets
from collections.abc import Callable
from typing import Final

import msgspec

from botcore_tui.cli.actor import actor
from botcore_tui.cli.kill_command import is_nobody_there, is_served
from botcore_tui.cli.listing import gauge_lines, obstacle_lines, order_lines, position_lines
from botcore_tui.cli.operator_token import token_for
from botcore_tui.cli.output import announce, complain, say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places, socket_path
from botcore_tui.cli.settings import loaded
from botcore_tui.clock import SystemClock
from botcore_tui.config import Environment
from botcore_tui.engine.control import Question, Refusal, ask
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    Command,
    EnableStrategy,
    MoveStop,
    PlaceOrder,
    Relax,
    ResetBreaker,
    Resume,
)
from botcore_tui.model.event import Answer
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType
from botcore_tui.model.trading import AccountView

_SECONDS: Final = 15.0
"""Longest wait for the engine's answer."""
_ID_BYTES: Final = 6


def run_order_command(arguments: Arguments) -> int:
    """Send one command or question to the engine that runs; exit code.

    Raises:
        ConfigError: The configuration does not tell the environment.
        UnavailableError: No engine runs, or it did not answer.
    """
    configuration, where = loaded(arguments)
    environment = configuration.config.environment
    if arguments.command in _LISTS:
        return _show(arguments, _asked(where, environment, Question("positions")))
    return _tell(arguments, _asked(where, environment, command_of(arguments)))


def command_of(arguments: Arguments) -> Command:
    """The command that a command line means."""
    identity, who = f"cli-{secrets.token_hex(_ID_BYTES)}", actor()
    why, now_ms = arguments.reason or "command line", SystemClock().now_ms()
    match arguments.command:
        case "resume":
            return Resume(who, why, now_ms, identity)
        case "reset-breaker" | "relax" | "enable-strategy":
            return _loosening(arguments, identity, who)
        case "close":
            return ClosePosition(
                command_id=identity,
                actor=who,
                symbol=arguments.symbol,
                reason=why,
                time_ms=now_ms,
            )
        case "cancel":
            return CancelOrder(
                command_id=identity,
                actor=who,
                client_order_id=arguments.client_order_id,
                reason=why,
                time_ms=now_ms,
            )
        case "stop":
            return MoveStop(
                command_id=identity,
                actor=who,
                symbol=arguments.symbol,
                stop_price=arguments.price,
                reason=why,
                time_ms=now_ms,
            )
        case _:
            return PlaceOrder(
                command_id=identity,
                actor=who,
                symbol=arguments.symbol,
                side=Side.BUY if arguments.command == "buy" else Side.SELL,
                type=OrderType.MARKET if arguments.limit is None else OrderType.LIMIT,
                quantity=arguments.quantity,
                price=arguments.limit,
                stop_price=arguments.stop,
                target_price=arguments.target,
                trail_pct=arguments.trail,
                reduce_only=arguments.reduce_only,
                reason=why,
                time_ms=now_ms,
            )


def _loosening(
    arguments: Arguments, identity: str, who: str
) -> ResetBreaker | Relax | EnableStrategy:
    why, now_ms = arguments.reason, SystemClock().now_ms()
    match arguments.command:
        case "reset-breaker":
            return ResetBreaker(
                command_id=identity,
                actor=who,
                code=arguments.code,
                rebases=arguments.rebase,
                reason=why,
                time_ms=now_ms,
            )
        case "relax":
            return Relax(
                command_id=identity,
                actor=who,
                limit=arguments.key,
                value=arguments.value,
                minutes=arguments.minutes,
                reason=why,
                time_ms=now_ms,
            )
        case _:
            return EnableStrategy(
                command_id=identity,
                actor=who,
                strategy=arguments.name,
                reason=why,
                time_ms=now_ms,
            )


def _asked(where: Places, environment: Environment, request: Command | Question) -> bytes:
    path = socket_path(where.state_dir, environment)
    try:
        token = None if isinstance(request, Question) else token_for(request, os.environ)
        return ask(path, request, _SECONDS, token)
    except UnavailableError as error:
        if not is_nobody_there(error):
            raise
        others = [each for each in Environment if is_served(socket_path(where.state_dir, each))]
        hint = f"; {others[0]} has one: add --environment {others[0]}" if others else ""
        raise UnavailableError(
            f"no engine of {environment} runs with its state in {where.state_dir}{hint or _HOW}"
        ) from error


_HOW: Final = "; start one with: botcore run --enable-trading"


def _tell(arguments: Arguments, reply: bytes) -> int:
    answer = _answer(reply)
    if isinstance(answer, Refusal):
        return _refused(arguments, reply, f"{answer.error} ({answer.code})")
    if not answer.is_accepted:
        return _refused(arguments, reply, f"{answer.text} ({answer.code})")
    order = f" ({answer.client_order_id})" if answer.client_order_id else ""
    # Wherever it can be read: who takes it for refused sends it again.
    announce(reply.decode() if arguments.json else f"accepted: {answer.text}{order}")
    return 0


def _show(arguments: Arguments, reply: bytes) -> int:
    view = _view(reply)
    if isinstance(view, Refusal):
        return _refused(arguments, reply, f"{view.error} ({view.code})")
    found, lines = _LISTS[str(arguments.command)](view)
    say(msgspec.json.encode(found).decode() if arguments.json else "\n".join(lines))
    return 0


def _obstacles(view: AccountView) -> tuple[object, list[str]]:
    if view.risk is None:
        return (), ["no session has begun: nothing can be entered yet"]
    asked = view.risk.asked
    warnings = (wish.warning(side) for side in Side for wish in view.wishes if wish.symbol == asked)
    lines = obstacle_lines(view.risk.obstacles, asked)
    return view.risk.obstacles, [*lines, *(warning for warning in warnings if warning)]


def _positions(view: AccountView) -> tuple[object, list[str]]:
    return view.positions, position_lines(
        view.positions, SystemClock().monotonic_ns(), is_told=view.reconciled_ns > 0
    )


def _risk(view: AccountView) -> tuple[object, list[str]]:
    if view.risk is None:
        return None, ["no session has begun: nothing is measured yet"]
    return view.risk, gauge_lines(view.risk)


_LISTS: Final[dict[str, Callable[[AccountView], tuple[object, list[str]]]]] = {
    "orders": lambda view: (view.orders, order_lines(view.orders)),
    "positions": _positions,
    "explain": _obstacles,
    "risk": _risk,
}


def _refused(arguments: Arguments, reply: bytes, text: str) -> int:
    if arguments.json:
        announce(reply.decode())
    complain(f"refused: {text}")
    return 1


def _answer(reply: bytes) -> Answer | Refusal:
    try:
        return msgspec.json.decode(reply, type=Answer)
    except msgspec.ValidationError:
        return msgspec.json.decode(reply, type=Refusal)


def _view(reply: bytes) -> AccountView | Refusal:
    try:
        return msgspec.json.decode(reply, type=AccountView)
    except msgspec.ValidationError:
        return msgspec.json.decode(reply, type=Refusal)
