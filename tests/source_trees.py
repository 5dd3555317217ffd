"""The program's source as trees: each file is parsed and walked once, whoever asks."""

import ast
import gc
from functools import cache
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).resolve().parents[1] / "botcore_tui"


@cache
def modules() -> tuple[Path, ...]:
    """Every module, relative to the package."""
    return tuple(sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py")))


@cache
def parsed(module: Path) -> ast.Module:
    """Its tree."""
    # A million nodes that all stay: the collector would look at them again and again.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse((SOURCE / module).read_text(encoding="utf-8"), str(module))
    finally:
        if was_enabled:
            gc.enable()


@cache
def nodes(module: Path) -> tuple[ast.AST, ...]:
    """All of its nodes."""
    return tuple(ast.walk(parsed(module)))


@cache
def calls(module: Path) -> tuple[tuple[ast.Call, str], ...]:
    """All of its calls, with what is called as it is written."""
    return tuple((node, written(node.func)) for node in nodes(module) if isinstance(node, ast.Call))


def written(node: ast.expr) -> str:
    """An expression as it is written; quick where it is a dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{written(node.value)}.{node.attr}"
    return ast.unparse(node)
