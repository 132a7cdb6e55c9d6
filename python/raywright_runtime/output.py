"""Standard output and standard error whose lines say which request wrote them."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from collections import deque
from typing import Any, Deque, Dict, List, Optional, TextIO, Tuple


class _Writer(threading.local):
    """What a thread has written of a line that has not ended, and the request that it works on."""

    request_id: str = ""
    wrote: bool = False


_writer = _Writer()


def begin_request(request_id: str) -> None:
    _writer.request_id = request_id


def end_request() -> None:
    """Ends a line that was left open, so that it stays the request's."""
    if _writer.wrote:
        _writer.wrote = False
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TaggedStream):
                stream.end_line()
    _writer.request_id = ""


class RecentLines:
    """The last lines that were written, for whoever asks for them."""

    _KEPT = 2000

    def __init__(self) -> None:
        self._lines: Deque[Tuple[int, int, str, str, str]] = deque(maxlen=self._KEPT)
        self._next = 1
        self._lock = threading.Lock()

    def add(self, stream: str, lines: List[str], request_id: str) -> None:
        now = time.time_ns() // 1000
        with self._lock:
            for line in lines:
                self._lines.append((self._next, now, stream, line, request_id))
                self._next += 1

    def after(self, number: str) -> Dict[str, Any]:
        """Lines with a number above the given one: number, UTC microseconds, stream, text, request ID."""
        seen = int(number) if number.isdigit() else 0
        with self._lock:
            return {"lines": [line for line in self._lines if line[0] > seen]}


class TaggedStream(io.TextIOBase):
    """Writes whole lines, each in one call, so that lines of several threads do not mix.

    Tags are for a server that reads the other end; where there is none, lines are kept for whoever asks, and read by people.
    """

    _LONGEST_LINE = 1 << 16

    def __init__(self, underlying: TextIO, name: str = "", kept: Optional[RecentLines] = None) -> None:
        super().__init__()
        self._underlying = underlying
        self._name = name
        self._kept = kept
        self._fd = underlying.fileno()
        self._open = threading.local()

    @property
    def buffer(self) -> Any:
        return self._underlying.buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        _writer.wrote = True
        pending = getattr(self._open, "text", "") + text
        if "\n" in text or len(pending) > self._LONGEST_LINE:
            lines = pending.split("\n")
            pending = lines.pop()
            if len(pending) > self._LONGEST_LINE:
                lines.append(pending)
                pending = ""
            self._emit(lines)
        self._open.text = pending
        return len(text)

    def flush(self) -> None:
        # During a request half a line waits for its end: it has one tag. Outside of one nothing is gained by waiting.
        if not _writer.request_id and getattr(self._open, "text", ""):
            if self._kept is not None:
                return
            _write_all(self._fd, self._open.text.encode("utf-8", "backslashreplace"))
            self._open.text = ""

    def end_line(self) -> None:
        pending = getattr(self._open, "text", "")
        if pending:
            self._open.text = ""
            self._emit([pending])

    def _emit(self, lines: list) -> None:
        if self._kept is not None:
            self._kept.add(self._name, lines, _writer.request_id)
            tag = f"{_writer.request_id} " if _writer.request_id else ""
        else:
            tag = f"\x1e{_writer.request_id}\x1f" if _writer.request_id else ""
        _write_all(self._fd, "".join(f"{tag}{line}\n" for line in lines).encode("utf-8", "backslashreplace"))


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def install(kept: Optional[RecentLines] = None) -> None:
    """Puts the tagged streams in the place of the ordinary ones."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, TaggedStream):
            stream.flush()
            setattr(sys, name, TaggedStream(stream, name, kept))
