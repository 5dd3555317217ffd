"""Children that stand in for the embedded exchange: small, quick, and of any character."""

import json
import sys
from collections.abc import Sequence
from typing import Final

from botcore_tui.exchange.sim.ready import Ready

SECRET: Final = "s3cr3t-of-the-exchange"
GIVE_UP_SECONDS: Final = 30.0
"""Never waited for in a passing test."""

_SCRIPT: Final = """
import json, os, signal, sys
facts, character, words = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
facts["pid"] = os.getpid()
if words:
    sys.stderr.write(words + "\\n")
    sys.stderr.flush()
if character == "dying":
    sys.exit(7)
if character == "babbling":
    facts = "hello"
if character == "curious":  # tells what it inherited where contracts would stand
    blocked = sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, [])))
    names = sorted(name for name in os.environ if name.startswith("BOTCORE"))
    cores = len(os.sched_getaffinity(0))
    leads = os.getsid(0) == os.getpid()
    facts["symbols"] = [str(blocked), str(names), str(cores), str(leads), *sys.path]
if character == "holding":
    held = open(sys.argv[4], "w")
if character != "silent":
    print(json.dumps(facts), flush=True)
if character == "brief":
    sys.exit(0)
if character == "deaf":
    while True:
        signal.pause()
sys.stdin.read()
"""


def ready_facts(rest: str = "http://127.0.0.1:1", ws: str = "ws://127.0.0.1:1") -> Ready:
    """What such a child says of itself; its pid becomes its own."""
    return Ready(
        rest=rest,
        ws_public=ws,
        ws_market=ws,
        ws_private=f"{ws}/private",
        ws_api=f"{ws}/ws-fapi/v1",
        api_key="key",
        api_secret=SECRET,
        ed25519_api_key="key-2",
        ed25519_private_key=SECRET,
        symbols=("BTCUSDT",),
        seed=7,
        pid=0,
        instance="0123abcd",
    )


def a_command(
    character: str = "", *, words: str = "", facts: Ready | None = None, more: Sequence[str] = ()
) -> tuple[str, ...]:
    """A child of this character; the usual one is ready at once and ends with its input.

    Args:
        character: dying, babbling, silent, brief, deaf, curious or holding (a file, see ``more``).
        words: For its standard error.
        facts: Its ready line.
        more: Further arguments.
    """
    ready = facts or ready_facts()
    line = json.dumps({name: getattr(ready, name) for name in ready.__struct_fields__})
    # Without site packages it is there in a few milliseconds.
    return (sys.executable, "-S", "-c", _SCRIPT, line, character, words, *more)
