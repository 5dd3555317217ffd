"""``python -m botcore_tui`` and the ``botcore`` command."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from botcore_tui.cli import main as run  # noqa: PLC0415 - keeps `import botcore_tui` light
    from botcore_tui.cli.output import leave  # noqa: PLC0415 - as well

    leave(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
