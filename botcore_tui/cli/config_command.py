"""``botcore config``: show, check, path."""

from botcore_tui.cli.output import complain, say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places, places
from botcore_tui.cli.settings import config_path, demo_refusals, in_flags, variables
from botcore_tui.config import check, show


def run_config(arguments: Arguments) -> int:
    """Run one of the topics; its exit code."""
    where = places(arguments.state_dir)
    if arguments.topic == "path":
        say(_paths(arguments, where))
        return 0
    path = config_path(arguments, where)
    if arguments.topic == "check":
        path = arguments.file or path
        report = check(path, variables(arguments), demo_refusals)
    else:
        report = show(path, variables(arguments), as_json=arguments.json)
    text = in_flags(report.text, arguments)
    is_for_program = arguments.topic == "show" and arguments.json
    (complain if report.exit_code and not is_for_program else say)(text)
    return report.exit_code


def _paths(arguments: Arguments, where: Places) -> str:
    path = config_path(arguments, where) or where.config_file
    note = "" if path.exists() else "   (not there)"
    return (
        f"configuration  {path}{note}\n"
        f"state          {where.state_dir}\n"
        f"logs           {where.log_dir}\n"
        f"own themes     {where.theme_dir}"
    )
