"""Text measured in terminal cells: East-Asian characters take two, control characters none.

Everything the venue or a file wrote passes ``printable`` before it reaches the terminal, so that no
symbol, log line or error text can move the cursor, recolour the screen or answer a query.
"""

from textwrap import wrap

from rich.cells import cell_len, chop_cells, set_cell_size

ELLIPSIS = "…"

_EIGHTHS = " ▏▎▍▌▋▊▉"


def width_of(text: str) -> int:
    """Cells that the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def printable(text: str) -> str:
    r"""The text with everything a terminal might act upon written out, as in ``\x1b``.

    That covers control and format characters (also the bidirectional ones, which reorder what is
    read), line ends, unpaired surrogates and every blank that is not the plain one.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def cut(text: str, width: int) -> str:
    """The text if it fits, else its beginning with an ellipsis."""
    if width_of(text) <= width:
        return text
    return set_cell_size(text, width - 1) + ELLIPSIS if width > 0 else ""


def left(text: str, width: int) -> str:
    """The text at the left of exactly ``width`` cells, cut where it is longer."""
    text = cut(text, width)
    return text + " " * (width - width_of(text))


def right(text: str, width: int) -> str:
    """The text at the right of exactly ``width`` cells, cut where it is longer."""
    text = cut(text, width)
    return " " * (width - width_of(text)) + text


def number(text: str, width: int) -> str:
    """A number at the right of exactly ``width`` cells.

    One that does not fit is an ellipsis alone: a number without its last digits is another number.
    """
    return text.rjust(width) if len(text) <= width else right(ELLIPSIS, width)


def bar(value: float, largest: float, width: int) -> str:
    """A bar from the left of exactly ``width`` cells, in eighths of a cell.

    Args:
        value: What the bar shows.
        largest: What fills the whole width; nothing is drawn unless it is above zero.
        width: Cells.
    """
    if not (largest > 0 and value > 0):
        return " " * width
    eighths = min(width * 8, round(min(1.0, value / largest) * width * 8))
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (_EIGHTHS[rest] if rest else "")).ljust(width)


def folded(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` cells, broken between words where possible."""
    if width < 1:
        return []
    lines: list[str] = []
    for line in wrap(text, width, break_on_hyphens=False):
        lines.extend(chopped(line, width))
    return lines


def chopped(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` cells, broken anywhere; at least one line."""
    if width_of(text) <= width:
        return [text]
    # A pane one cell wide cannot hold a character of two.
    return [cut(line, width) for line in chop_cells(text, width)]
