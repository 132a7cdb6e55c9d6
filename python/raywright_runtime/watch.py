"""Interrupts calls whose caller has left or whose time is up.

One thread watches all connections. It looks every 100 ms while there are calls and sleeps while there are none, so that a call
costs no more than to say that it runs.
"""

from __future__ import annotations

import ctypes
import select
import threading
import time
from typing import Any, Callable, List, Optional

from .errors import Interrupted

_INTERVAL = 0.1
_HANGUP = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR

CANCELLED = 499
DEADLINE_EXCEEDED = 504


class WatchedCall:
    """The calls of one connection, which its own thread makes one after another."""

    def __init__(self, watch: Watch, fd: int) -> None:
        self.fd = fd
        self.reason = 0
        self._watch = watch
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._running = False
        self._deadline: Optional[float] = None

    def run(self, deadline: Optional[float], function: Callable[..., Any], *arguments: Any) -> Any:
        """What the function gives. `Interrupted` leaves with `reason` set."""
        self._deadline = deadline
        self.reason = 0
        try:
            self._running = True
            if self._watch.asleep:
                self._watch.wake()
            return function(*arguments)
        finally:
            self._stop()

    def _stop(self) -> None:
        # The exception may still be on its way here: once the lock is ours none follows, and one that waits is taken back.
        try:
            with self._lock:
                self._running = False
                if self.reason:
                    _raise_in(self._thread, None)
        except Interrupted:
            self._running = False
            raise

    @property
    def running(self) -> bool:
        return self._running

    def check(self, now: float) -> None:
        if not self._running or self.reason:
            return
        overdue = self._deadline is not None and now >= self._deadline
        if not overdue and not _hung_up(self.fd):
            return
        with self._lock:
            if self._running:
                self.reason = DEADLINE_EXCEEDED if overdue else CANCELLED
                _raise_in(self._thread, Interrupted)


class Watch:
    """The thread that watches."""

    def __init__(self) -> None:
        self.asleep = False
        self._event = threading.Event()
        self._calls: List[WatchedCall] = []
        threading.Thread(target=self._look, name="watch", daemon=True).start()

    def add(self, fd: int) -> WatchedCall:
        """To be called by the thread that will make the calls."""
        call = WatchedCall(self, fd)
        self._calls = [*self._calls, call]
        return call

    def remove(self, call: WatchedCall) -> None:
        self._calls = [c for c in self._calls if c is not call]

    def wake(self) -> None:
        self.asleep = False
        self._event.set()

    def _look(self) -> None:
        while True:
            self.asleep = True
            # A call that began before `asleep` was set has woken nobody.
            if not any(call.running for call in self._calls):
                self._event.wait()
            self._event.clear()
            self.asleep = False
            time.sleep(_INTERVAL)
            now = time.monotonic()
            for call in self._calls:
                call.check(now)


def _hung_up(fd: int) -> bool:
    poll = select.poll()
    poll.register(fd, _HANGUP)
    return any(events & _HANGUP for _, events in poll.poll(0))


def _raise_in(thread: int, exception: Optional[type]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None if exception is None else ctypes.py_object(exception))
