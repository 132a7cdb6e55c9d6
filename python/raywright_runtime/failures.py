"""What to say about an exception: to the server, and in the log."""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType
from typing import Optional

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


def log(exception: BaseException) -> None:
    """Writes the stack to standard error, from where the model's code begins."""
    trace = exception.__traceback__
    lines = traceback.format_exception(type(exception), exception, _foreign(trace) or trace)
    sys.stderr.write("".join(lines))


def where(exception: BaseException, folder: str) -> Optional[str]:
    """`model.py:12`: the innermost line of the user's own that it came through."""
    root = os.path.realpath(folder) + os.sep
    if isinstance(exception, SyntaxError) and exception.filename:
        path = os.path.realpath(exception.filename)
        if path.startswith(root):
            return f"{path[len(root):]}:{exception.lineno}"
    found = None
    for frame in traceback.extract_tb(exception.__traceback__):
        path = os.path.realpath(frame.filename)
        if path.startswith(root):
            found = f"{path[len(root):]}:{frame.lineno}"
    return found


def _foreign(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """The rest of the stack after the runtime's own frames and the import machinery that it went through."""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not (file.startswith((_OWN, "<frozen importlib")) or file.endswith(os.path.join("importlib", "__init__.py"))):
            return trace
        trace = trace.tb_next
    return None
