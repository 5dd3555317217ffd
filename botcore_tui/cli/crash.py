"""What a user sees of a defect: one line, and where the rest is."""

import os
import sys
import tempfile
import traceback
from pathlib import Path


def report_crash(error: BaseException) -> None:
    """Write the traceback to a file and one line about it to standard error."""
    text = "".join(traceback.format_exception(error))
    try:
        number, name = tempfile.mkstemp(prefix="botcore-crash-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        where = f"details are in {Path(name)}"
    except OSError:
        where = "the details could not be written anywhere"
    summary = f"{type(error).__name__}: {error}".splitlines()[0]
    print(f"botcore: unexpected failure ({summary}); {where}", file=sys.stderr)
