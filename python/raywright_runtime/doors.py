"""Who may ask a replica that listens where others can connect, and what is under way in it."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from typing import Optional

from .protocol import Request, error_document, json_response

_UNAUTHORIZED = json_response(401, error_document("this is not the token of this replica", "ProtocolError"))


class Door:
    """Compares digests, so that the token itself is nowhere in the cluster."""

    def __init__(self, token_digest: Optional[bytes], replica: str) -> None:
        """Without a digest whoever gets here may ask: for an application that somebody deploys by hand behind a gate of their own."""
        self._digest = token_digest
        self._replica = replica.encode("ascii")
        self._misdirected = json_response(421, error_document(f"this is the replica {replica}", "ProtocolError"))
        self._last_token = b""
        self._count = 0
        self._touched = 0.0
        self._lock = threading.Lock()
        self.leaving = False

    def refusal(self, request: Request) -> Optional[bytes]:
        """What to answer instead, where the request is not for this replica: freed ports are taken by others."""
        if self._digest is not None and (request.token != self._last_token or not self._last_token):
            if not hmac.compare_digest(hashlib.sha256(request.token).digest(), self._digest):
                return _UNAUTHORIZED
            self._last_token = request.token
        if request.replica and request.replica != self._replica:
            return self._misdirected
        return None

    def enter(self) -> None:
        with self._lock:
            self._count += 1

    def exit(self) -> None:
        with self._lock:
            self._count -= 1
            self._touched = time.monotonic()

    def leave(self) -> None:
        self._touched = time.monotonic()
        self.leaving = True

    def is_quiet(self, seconds: float) -> bool:
        """Nothing is under way, and nothing has been for a while."""
        with self._lock:
            return self._count == 0 and time.monotonic() - self._touched >= seconds
