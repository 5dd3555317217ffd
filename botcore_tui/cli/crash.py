"""What a user sees of a defect: one line, and where the rest is."""

import os
import tempfile
import traceback
from pathlib import Path

from botcore_tui.cli.output import complain
from botcore_tui.cli.secrecy import without_secrets


def report_crash(error: BaseException, directory: Path | None) -> None:
    """Write the traceback to a file and one line about it to standard error.

    Args:
        error: What nobody expected.
        directory: Where everything goes that is not temporary; None: the system's temporary one.
    """
    text = without_secrets("".join(traceback.format_exception(error)))
    # Where the state belongs may be what failed.
    candidates = (directory, None) if directory is not None else (None,)
    where = "the details could not be written anywhere"
    for candidate in candidates:
        try:
            number, name = tempfile.mkstemp(
                prefix="botcore-crash-", suffix=".txt", dir=candidate, text=True
            )
            with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        where = f"details are in {Path(name).absolute()}"
        break
    said = without_secrets(f"{type(error).__name__}: {error}")
    complain(f"unexpected failure ({said.splitlines()[0]}); {where}")
