"""Who gives commands here."""

import getpass
import os


def actor() -> str:
    """Who sits here: the system's user, and where a remote session comes from."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # no such user in this container
        user = f"uid {os.getuid()}"
    remote = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return f"{user}@{remote}" if remote else user
