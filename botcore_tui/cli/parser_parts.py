"""Flags that several commands share. Only the standard library: ``--help`` must answer at once."""

import argparse
import re
from decimal import Decimal
from pathlib import Path
from typing import Final

_AMOUNT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_LONGEST_SECONDS: Final = 1e9
_LONGEST_TEXT: Final = 200
_LONGEST_SYMBOL: Final = 32


def unset(*, is_sub: bool) -> str | None:
    """Default of a flag that may be given before or after the command.

    SUPPRESS keeps the later one from erasing the earlier.
    """
    return argparse.SUPPRESS if is_sub else None


def add_places(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    """Where configuration and state are."""
    default = unset(is_sub=is_sub)
    parser.add_argument(
        "--config",
        type=file_path,
        metavar="FILE",
        default=default,
        help="configuration file (TOML)",
    )
    parser.add_argument(
        "--state-dir",
        type=file_path,
        metavar="DIR",
        default=default,
        help="keep configuration, logs, cockpit state and themes here, not in the XDG directories",
    )


def add_theme(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    """Colours."""
    default = unset(is_sub=is_sub)
    parser.add_argument("--theme", metavar="NAME", default=default, help="theme of the cockpit")


def add_environment(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    """Which venue."""
    parser.add_argument(
        "--environment",
        metavar="NAME",
        default=unset(is_sub=is_sub),
        help="demo, paper, testnet or production, instead of the configured one",
    )


def add_market(parser: argparse.ArgumentParser, *, is_sub: bool = False) -> None:
    """Which venue, and what of it."""
    default = unset(is_sub=is_sub)
    add_environment(parser, is_sub=is_sub)
    parser.add_argument(
        "--symbols",
        metavar="A,B",
        default=default,
        help="contracts to follow, instead of the configured ones",
    )
    parser.add_argument(
        "--market",
        metavar="synthetic|tape:FILE",
        default=default,
        help="demo: made-up prices, or a recording into whose book orders can go",
    )
    parser.add_argument(
        "--seed", metavar="N", default=default, help="demo: the same seed gives the same market"
    )


def add_headless(parser: argparse.ArgumentParser, what: str, *, is_sub: bool) -> None:
    """Without a screen."""
    default = argparse.SUPPRESS if is_sub else False
    parser.add_argument("--headless", action="store_true", default=default, help=what)


def file_path(text: str) -> Path:
    """A path, with the home of whoever it begins with."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise argparse.ArgumentTypeError(f"{text}: there is no such user, or no home") from error


def seconds(text: str) -> float:
    """A number of seconds, 0 included."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < _LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return number


def amount(text: str) -> Decimal:
    """A price or a quantity: plain digits, above zero."""
    if _AMOUNT.fullmatch(text) is None or not Decimal(text):
        limit = "of at most 12 digits on each side of the point"
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0, such as 0.015, {limit}")
    return Decimal(text)


def contract(text: str) -> str:
    """Name of a contract, in upper case."""
    name = text.strip().upper()
    if not 0 < len(name) <= _LONGEST_SYMBOL or not name.replace("_", "").isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} is no contract such as BTCUSDT")
    return name


def one_text(text: str) -> str:
    """A line of text that can be shown."""
    if len(text) > _LONGEST_TEXT or not text.isprintable():
        raise argparse.ArgumentTypeError(f"must be at most {_LONGEST_TEXT} printable characters")
    return text
