"""Standard output and standard error whose lines say which request wrote them."""

from __future__ import annotations

import io
import os
import sys
import threading
from typing import Any, TextIO


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


class TaggedStream(io.TextIOBase):
    """Writes whole lines, each in one call, so that lines of several threads do not mix."""

    _LONGEST_LINE = 1 << 16

    def __init__(self, underlying: TextIO) -> None:
        super().__init__()
        self._underlying = underlying
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
            _write_all(self._fd, self._open.text.encode("utf-8", "backslashreplace"))
            self._open.text = ""

    def end_line(self) -> None:
        pending = getattr(self._open, "text", "")
        if pending:
            self._open.text = ""
            self._emit([pending])

    def _emit(self, lines: list) -> None:
        tag = f"\x1e{_writer.request_id}\x1f" if _writer.request_id else ""
        _write_all(self._fd, "".join(f"{tag}{line}\n" for line in lines).encode("utf-8", "backslashreplace"))


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def install() -> None:
    """Puts the tagged streams in the place of the ordinary ones."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, TaggedStream):
            stream.flush()
            setattr(sys, name, TaggedStream(stream))
