"""``botcore config``: show, check, path."""

import os
import sys

from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import places
from botcore_tui.cli.settings import config_path
from botcore_tui.config import check, show


def run_config(arguments: Arguments) -> int:
    """Run one of the topics; its exit code."""
    where = places(arguments.state_dir)
    path = config_path(arguments, where)
    if arguments.topic == "path":
        print(f"configuration  {path or where.config_file}{'' if path else '   (not there)'}")
        print(f"state and logs {where.state_dir}")
        print(f"own themes     {where.theme_dir}")
        return 0
    if arguments.topic == "check":
        report = check(arguments.file.expanduser() if arguments.file else path, os.environ)
    else:
        report = show(path, os.environ, as_json=arguments.json)
    print(report.text, file=sys.stderr if report.exit_code else sys.stdout)
    return report.exit_code
