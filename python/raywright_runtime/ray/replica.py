"""A model that answers inside a replica of Ray Serve, on a port of its own.

Serve's own path costs ten times what a small model does, so the server talks to this listener; Serve starts and watches the
replica, and its proxy is the fall-back.
"""

from __future__ import annotations

import asyncio
import logging.config
import os
import socket
import threading
import time
from typing import Any, AsyncIterator, Dict, Optional

from .. import flavours, listener, output
from ..contract import Contract
from ..doors import Door
from ..protocol import InferenceCodec
from ..versions import loaded_versions

LONGEST_DRAIN_S = 600.0
QUIET_S = 1.0


class Served:
    """One loaded model and its listener."""

    def __init__(self, order: Dict[str, Any], replica: str, address: str) -> None:
        _keep_log_handlers()
        self._lines = output.RecentLines()
        output.install(self._lines)
        code = order.get("code")
        source = flavours.Source(
            folder=order["folder"],
            artifact=os.path.join(order["folder"], order.get("artifact") or ""),
            code=os.path.join(order["folder"], code) if code else None,
            contract=Contract.of(order.get("contract")),
            arrays=order.get("arrays") or "plain",
        )
        started = time.perf_counter()
        self._model = flavours.load(order["flavour"], source)
        load_ms = round((time.perf_counter() - started) * 1000, 3)
        digest = order.get("tokenDigest")
        self._door = Door(bytes.fromhex(digest) if digest else None, replica)
        self._listening = socket.create_server((address, 0), backlog=128)
        self._address, self._port = self._listening.getsockname()[:2]
        self._announcement = {
            "address": self._address,
            "port": self._port,
            "process": os.getpid(),
            "streams": self._model.streams,
            "loadMs": load_ms,
            "versions": loaded_versions(),
        }
        codec = InferenceCodec(source.contract, self._model.arrays)
        threading.Thread(
            target=listener.serve, args=(self._listening, order["model"], self._model, codec, self._door, self._lines), name="listener", daemon=True
        ).start()

    def announcement(self) -> Dict[str, Any]:
        return self._announcement

    def health(self) -> Optional[str]:
        """Why the model is unwell; it is asked beside what it answers."""
        return self._model.health()

    async def drain(self) -> None:
        """Answers what is under way and what still comes in on open connections, and says in each answer that it leaves."""
        self._door.leave()
        self._listening.close()
        end = time.monotonic() + LONGEST_DRAIN_S
        while time.monotonic() < end and not self._door.is_quiet(QUIET_S):
            await asyncio.sleep(0.05)
        try:
            self._model.unload()
        except Exception as e:
            print(f"unload failed: {e}")

    async def forward(self, request: Any) -> Any:
        """The same answer by way of Serve's proxy, for a server that cannot reach the port."""
        from starlette.responses import Response, StreamingResponse

        reader, writer = await asyncio.open_connection(self._address, self._port)
        try:
            writer.write(_head(request) + await request.body())
            status, fields = await _read_head(reader)
        except BaseException:
            writer.close()
            raise
        passed = {name: value for name, value in fields.items() if name in ("content-type", "inference-header-content-length")}
        if "content-length" in fields:
            body = await reader.readexactly(int(fields["content-length"]))
            writer.close()
            return Response(body, status, passed)
        return StreamingResponse(_chunks(reader, writer), status, passed)


def _head(request: Any) -> bytes:
    """The request as the listener wants it: what it does not know is left out."""
    known = ("content-length", "inference-header-content-length", "x-request-id", "x-raywright-timeout-ms", "x-raywright-token", "accept")
    path = request.url.path
    lines = [f"{request.method} {path[path.index('/v2/'):] if '/v2/' in path else path} HTTP/1.1"]
    lines += [f"{name}: {request.headers[name]}" for name in known if name in request.headers]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode("latin-1")


async def _read_head(reader: asyncio.StreamReader) -> tuple:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
    return int(head[0].split(" ")[1]), fields


async def _chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> AsyncIterator[bytes]:
    try:
        while size := int(await reader.readline(), 16):
            yield await reader.readexactly(size)
            await reader.readexactly(2)
    finally:
        writer.close()


def _keep_log_handlers() -> None:
    """`logging.config.dictConfig` closes Serve's log handler, after which the controller takes the replica for dead."""
    configure = logging.config.dictConfig
    if configure.__module__ == __name__:
        return

    def configure_others(config: Dict[str, Any]) -> None:
        serve = logging.getLogger("ray.serve")
        kept = serve.handlers[:]
        references = [reference for reference in logging._handlerList if reference() in kept]
        # What is not on the list is not closed.
        logging._handlerList[:] = [reference for reference in logging._handlerList if reference not in references]
        try:
            configure(config)
        finally:
            logging._handlerList.extend(references)
            serve.handlers[:] = kept
            serve.disabled = False

    logging.config.dictConfig = configure_others
