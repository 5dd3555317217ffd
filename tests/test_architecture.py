"""What holds for the tree as a whole."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from source_trees import SOURCE, calls, modules, nodes, parsed, written

from botcore_tui.exchange.binance.confined import ENDPOINTS
from botcore_tui.exchange.binance.weights import cost_of

_ROOT: Final = Path(__file__).resolve().parents[1]
_TESTS: Final = _ROOT / "tests"
_MOST_LINES: Final = 400

_TOP_LEVEL: Final = {
    "LICENSE",
    "README.md",
    "botcore_tui",
    "config.example.toml",
    "pyproject.toml",
    "requirements.lock",
    "tests",
    "themes",
}
"""Dot-files aside, nothing else stands beside these."""
_BUILT: Final = {"build", "dist", "htmlcov", "__pycache__", "snapshot_report.html"}
"""What tools leave behind; git ignores it."""

_UNTESTED: Final = {
    "engine/port.py": "a protocol and plain messages; whoever implements it is tested",
    "exchange/base.py": "protocols only; whoever implements them is tested",
    "exchange/binance/streaming.py": "settings and a protocol; tested with the stream",
    "ui/settings.py": "fields only; tested with the cockpit",
}
"""Modules without a test file of their own, and why."""


pytestmark = pytest.mark.xdist_group("architecture")
"""What one has parsed, all have."""


def _test_of(module: Path) -> Path:
    # A package with code in it is tested by its own name: cli/__init__.py by cli/test_cli.py.
    stem = module.parent.name if module.stem == "__init__" else module.stem
    return _TESTS / module.with_name(f"test_{stem}.py")


def _does_something(module: Path) -> bool:
    """Whether there is more than a docstring, imports and names."""
    plain = ast.Import | ast.ImportFrom | ast.Assign | ast.Expr
    return not all(isinstance(node, plain) for node in parsed(module).body)


def _packages_that_only_name() -> Iterator[Path]:
    for module in modules():
        if module.name == "__init__.py" and not _does_something(module):
            yield module


def test_every_module_has_its_test_file() -> None:
    exempt = {*map(Path, _UNTESTED), *_packages_that_only_name(), Path("__main__.py")}
    missing = [
        f"{module}: no {_test_of(module).relative_to(_ROOT)}"
        for module in modules()
        if module not in exempt and not _test_of(module).is_file()
    ]
    assert missing == []


def test_every_exemption_is_still_needed() -> None:
    unneeded = [
        name
        for name in _UNTESTED
        if not (SOURCE / name).is_file() or _test_of(Path(name)).is_file()
    ]
    assert unneeded == []


def test_every_test_directory_mirrors_a_package() -> None:
    strangers = [
        str(path.parent.relative_to(_TESTS))
        for path in _TESTS.rglob("test_*.py")
        if "bench" not in path.parts and not (SOURCE / path.parent.relative_to(_TESTS)).is_dir()
    ]
    assert strangers == []


def test_no_file_is_too_long_to_be_read_in_one_go() -> None:
    lengths = {
        str(path.relative_to(_ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (*SOURCE.rglob("*.py"), *_TESTS.rglob("*.py"))
    }
    assert {name: length for name, length in lengths.items() if length > _MOST_LINES} == {}


def test_layers_hold() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports({}))"
    done = subprocess.run(
        [sys.executable, "-c", code.format("no_cache=True, no_logo=True")],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _calls_of_print(module: Path) -> Iterator[str]:
    for call, name in calls(module):
        if name == "print":
            yield f"{module}:{call.lineno}"


def test_only_the_command_line_prints() -> None:
    printing = [
        place
        for module in modules()
        if module.parts[0] != "cli"
        for place in _calls_of_print(module)
    ]
    assert printing == []


_REST_LIBRARIES: Final = ("aiohttp", "ccxt", "http.client", "httpx", "requests", "urllib.request")
"""Whatever can send a request over HTTP."""
_REST_CLIENT: Final = Path("exchange/binance/confined.py")
_LIGHT_CCXT: Final = Path("exchange/binance/light_ccxt.py")
_GATED: Final = Path("exchange/binance/limited.py")
_PLUG_INS: Final = Path("strategies/registry.py")


def _imports(module: Path) -> Iterator[str]:
    """Dotted names of all that a module imports, wherever in it."""
    for node in nodes(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _calls_of(name: str, module: Path) -> set[ast.Call]:
    return {call for call, called in calls(module) if called == name}


@pytest.mark.requirement("R07")
def test_only_the_confined_client_can_send_requests() -> None:
    imports = {
        (module, name)
        for module in modules()
        for name in _imports(module)
        # The embedded exchange serves with the same library.
        if module.parts[:2] != ("exchange", "sim")
    }
    senders = {module for module, name in imports if name.startswith(_REST_LIBRARIES)}
    assert senders == {_REST_CLIENT}
    # One imports ccxt by its name as text, the other strategies that the configuration names;
    # nobody else has that client, nor another way to one.
    by_text = {
        module
        for module in modules()
        if any("import_module" in called for _, called in calls(module))
    }
    assert by_text == {_LIGHT_CCXT, _PLUG_INS}
    loaders = {module for module, name in imports if name.endswith("light_ccxt.load_usdm")}
    assert loaders == {_REST_CLIENT}


@pytest.mark.requirement("R07")
def test_no_request_bypasses_the_limiter() -> None:
    holders = {
        module
        for module in modules()
        if "ConfinedUsdm" in (SOURCE / module).read_text(encoding="utf-8")
    }
    assert holders == {_GATED, _REST_CLIENT}
    in_turn = {
        call
        for node in nodes(_GATED)
        if isinstance(node, ast.AsyncWith)
        and ast.unparse(node.items[0].context_expr).startswith("self._gate.turn(")
        for call in _calls_of("self._usdm.send", _GATED) & set(ast.walk(node))
    }
    assert len(in_turn) == 1
    # Once made it is only sent through and closed; nobody gets hold of it.
    used = [
        ast.unparse(node)
        for node in nodes(_GATED)
        if isinstance(node, ast.Attribute) and written(node.value) == "self._usdm"
    ]
    assert sorted(used) == ["self._usdm.close", "self._usdm.send"]
    assert len(_calls_of("ConfinedUsdm", _GATED)) == 1


@pytest.mark.requirement("R07")
def test_signed_requests_go_the_same_one_way_and_nothing_else_signs() -> None:
    with_keys = {
        module
        for module in modules()
        if any("credentials" in ast.unparse(call) for call in _calls_of("ConfinedUsdm", module))
    }
    assert with_keys == {_GATED}
    gated = {module for module in modules() if _calls_of("LimitedUsdm", module)}
    assert gated == {Path("exchange/binance/rest.py"), Path("exchange/binance/signed_rest.py")}
    # The names of ccxt's endpoints, signed ones too, stand where the one client is.
    named = {
        module
        for module in modules()
        if any(
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith(("fapiprivate", "fapipublic"))
            for node in nodes(module)
        )
    }
    assert named == {_REST_CLIENT}


@pytest.mark.requirement("R03")
def test_every_endpoint_that_places_an_order_is_counted_as_one() -> None:
    counted = {name for name in ENDPOINTS if cost_of(name, {}).orders_1m}
    assert counted == {"POST order", "POST algoOrder"}
    changing = {name for name in ENDPOINTS if " " in name}
    assert changing - counted == {
        "DELETE order",
        "DELETE algoOrder",
        "DELETE allOpenOrders",
        "DELETE algoOpenOrders",
        "POST countdownCancelAll",
        "POST leverage",
        "POST listenKey",
        "PUT listenKey",
    }


_LISTENING: Final = ("start_server", "create_server", "TCPSite", "create_datagram_endpoint")
_EXCHANGE: Final = (Path("exchange/sim/server.py"), Path("cli/sim.py"))


@pytest.mark.requirement("R21")
@pytest.mark.requirement("R41")
def test_only_the_embedded_exchange_listens_on_a_network() -> None:
    listening = {
        module
        for module in modules()
        for _, called in calls(module)
        if called.rpartition(".")[2] in _LISTENING
    }
    assert listening == set(_EXCHANGE)


def test_top_level_holds_only_what_belongs_there() -> None:
    names = {path.name for path in _ROOT.iterdir() if path.name[0] != "."}
    built = {name for name in names if name in _BUILT or name.endswith(".egg-info")}
    assert names - built - _TOP_LEVEL == set()
    assert _TOP_LEVEL - names <= {"requirements.lock"}


@pytest.mark.parametrize("directory", [SOURCE, _TESTS], ids=lambda path: path.name)
def test_nothing_waits_to_be_done(directory: Path) -> None:
    words = ("TO" + "DO", "FIX" + "ME", "X" * 3)
    unfinished = [
        f"{path.relative_to(_ROOT)}:{number}"
        for path in directory.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if any(word in line for word in words)
    ]
    assert unfinished == []
