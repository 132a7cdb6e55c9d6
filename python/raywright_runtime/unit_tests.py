"""Runs a model's unit tests, confined: one JSON line on standard input says which, and where.

`{"folder", "scratch", "command", "confine"}`, with `confine` as for a replica (docs/reference/replica-protocol.md). unittest and
pytest run in this process and are counted by our own runner; any other command is run by a shell and writes its own report to
`$RAYWRIGHT_TEST_REPORT`. This process ends with its standard input.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
import threading
from typing import List, NoReturn, Optional

from . import testing
from .confinement import Limits, confine

_PYTHON = re.compile(r"^python[0-9.]*$")


def main() -> NoReturn:
    order = json.loads(sys.stdin.buffer.readline())
    own = _own(order["command"])
    limits = Limits.of({**order["confine"], "processes": own is None})
    sys.path[:0] = [order["folder"]]
    confine(limits, [order["folder"]], [order["scratch"]])
    os.chdir(order["folder"])
    if own is None:
        os.execv("/bin/sh", ["sh", "-c", order["command"]])
    threading.Thread(target=_end_with_input, daemon=True).start()
    status = testing.main(own)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _own(command: str) -> Optional[List[str]]:
    """Arguments of our runner, where it can run the command."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if any(word in ("|", "&&", "||", ";", ">", "<", "&") for word in words):
        return None
    if len(words) >= 3 and _PYTHON.match(os.path.basename(words[0])) and words[1] == "-m" and words[2] in ("unittest", "pytest"):
        return words[2:]
    return words if words and words[0] in ("pytest", "unittest") else None


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)
