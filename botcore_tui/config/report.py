"""What ``botcore config show`` and ``botcore config check`` print."""

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from msgspec import Struct, structs

from botcore_tui.config.catalogue import KEYS, Value, toml, value_of
from botcore_tui.config.environments import Environment, credential_variables, endpoints
from botcore_tui.config.load import Loaded, load
from botcore_tui.config.masking import (
    HIDDEN,
    all_credential_variables,
    is_secret,
    masked,
    printable,
    secrets_in,
)
from botcore_tui.errors import ConfigError


class Report(Struct, frozen=True):
    """What a command prints and returns."""

    text: str
    """Lines, without a line break at the end."""
    exit_code: int
    """0 if the configuration can be used, else 1."""


def show(path: Path | None, env: Mapping[str, str], *, as_json: bool = False) -> Report:
    """The configuration in force, with the origin of each value and what follows from it.

    The text is TOML that ``load`` accepts again; what follows from the keys stands in comments.

    Args:
        path: TOML file; None for the defaults.
        env: Environment variables.
        as_json: For programs: one object with config, endpoints and credentials, or problems.
    """
    try:
        loaded = load(path, env)
    except ConfigError as error:
        if as_json:
            return Report(json.dumps({"problems": error.problems}, indent=2), 1)
        return Report("\n".join([*error.problems, _count(error.problems)]), 1)
    return Report(_json(loaded, env) if as_json else _table(loaded, env), 0)


def check(
    path: Path | None,
    env: Mapping[str, str],
    refusals: Callable[[Loaded], Collection[str]] = lambda _: (),
) -> Report:
    """Every problem, one a line, and how many there are.

    Args:
        path: TOML file; None checks the environment variables alone.
        env: Environment variables.
        refusals: What a start would refuse of values that are good by themselves.
    """
    try:
        problems = refusals(load(path, env))
    except ConfigError as error:
        problems = error.problems
    if problems:
        return Report("\n".join([*problems, _count(problems)]), 1)
    where = f"{printable(str(path))}: " if path is not None else ""
    return Report(f"{where}no problems", 0)


def _count(problems: Collection[str]) -> str:
    return "1 problem" if len(problems) == 1 else f"{len(problems)} problems"


def _table(loaded: Loaded, env: Mapping[str, str]) -> str:
    secrets = secrets_in(env)
    rows = [
        (
            dotted,
            toml(_fit(value_of(loaded.config, key), secrets)),
            loaded.origins[dotted],
        )
        for dotted, key in KEYS.items()
    ]
    names = max(len(dotted) for dotted, _, _ in rows)
    values = max(len(value) for _, value, _ in rows)
    lines = [f"{dotted:<{names}} = {value:<{values}}  # {origin}" for dotted, value, origin in rows]
    return "\n".join([*lines, "", *_derived(loaded, env)])


def _derived(loaded: Loaded, env: Mapping[str, str]) -> list[str]:
    environment = loaded.config.environment
    venue = endpoints(environment, loaded.config.hosts)
    if environment is Environment.DEMO:
        lines = ["# endpoints: addresses of the embedded exchange, decided at start"]
    elif venue is None:
        lines = [f"# endpoints: none, {environment} never connects to the venue"]
    else:
        lines = [
            f"# endpoint {name:<10} = {url or 'none, no account'}"
            for name, url in structs.asdict(venue).items()
        ]
    if not loaded.config.trading.enabled:
        lines.append("# trading is off: no credential is read, no order is sent")
    width = max(map(len, all_credential_variables()))
    for name, state in _credentials(env).items():
        used = "" if name in _in_force(loaded) else f" (not used in {environment})"
        lines.append(f"# credential {name:<{width}} {_state(name, state, env)}{used}")
    return lines


def _json(loaded: Loaded, env: Mapping[str, str]) -> str:
    secrets = secrets_in(env)
    config = loaded.config
    venue = endpoints(config.environment, config.hosts)
    document = {
        "config": {
            dotted: {
                "value": _fit(value_of(config, key), secrets),
                "origin": loaded.origins[dotted],
            }
            for dotted, key in KEYS.items()
        },
        "endpoints": structs.asdict(venue) if venue is not None else None,
        "credentials": {
            name: {
                "is_set": bool(state),
                "masked": state or None,
                "file": env.get(f"{name}_FILE") or None,
                "is_used": name in used,
            }
            for used in [_in_force(loaded)]
            for name, state in _credentials(env).items()
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _in_force(loaded: Loaded) -> tuple[str, ...]:
    names = credential_variables(loaded.config.environment)
    return (names.api_key, names.api_secret) if names is not None else ()


def _state(name: str, state: str, env: Mapping[str, str]) -> str:
    if state:
        return f"set, {state}"
    path = env.get(f"{name}_FILE", "").strip()
    return f"in the file {printable(path)}" if path else "not set"


def _credentials(env: Mapping[str, str]) -> dict[str, str]:
    """Masked value of each variable; empty if it is not set."""
    values = {name: env.get(name, "").strip() for name in all_credential_variables()}
    return {name: masked(value) if value else "" for name, value in values.items()}


def _fit(value: Value, secrets: Collection[str]) -> Value:
    """``value``, unless somebody put an API key where it is not looked for."""
    if isinstance(value, tuple):
        return tuple(str(_fit(item, secrets)) for item in value)
    return HIDDEN if isinstance(value, str) and is_secret(value, secrets) else value
