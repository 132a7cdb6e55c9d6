"""One process for one model: takes its order, confines itself, loads, answers.

It lives as long as its control socket. Whatever ends it, ends it at once: a model that hangs must not delay the server.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any, Dict, List, NoReturn, Optional

from . import confinement, conversion, failures, flavours, listener, output
from .contract import Contract
from .protocol import InferenceCodec
from .versions import loaded_versions

FAILED = 3


@dataclass(frozen=True)
class Order:
    """What the server wants of this process."""

    task: str
    flavour: str
    source: flavours.Source
    model: str
    socket: str
    scratch: str
    confine: Optional[confinement.Limits]

    @classmethod
    def of(cls, document: Dict[str, Any]) -> Order:
        folder = os.path.abspath(document["folder"])
        code = document.get("code")
        source = flavours.Source(
            folder=folder,
            artifact=os.path.join(folder, document.get("artifact") or ""),
            code=os.path.join(folder, code) if code else None,
            contract=Contract.of(document.get("contract")),
            arrays=document.get("arrays") or "plain",
        )
        limits = document.get("confine")
        return cls(
            task=document["task"],
            flavour=document["flavour"],
            source=source,
            model=document["model"],
            socket=document["socket"],
            scratch=document["scratch"],
            confine=confinement.Limits.of(limits) if limits else None,
        )


class Control:
    """The socket to the server, in lines of JSON."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)

    def receive(self) -> Dict[str, Any]:
        line = bytearray()
        while not line.endswith(b"\n"):
            data = self._socket.recv(1 << 16)
            if not data:
                os._exit(0)
            line += data
        return json.loads(line)

    def send(self, document: Dict[str, Any]) -> None:
        try:
            self._socket.sendall(json.dumps(document).encode("ascii") + b"\n")
        except OSError:
            os._exit(0)

    def end_with_it(self) -> None:
        """From now on the process ends when the server closes its side."""
        threading.Thread(target=self._watch, name="control", daemon=True).start()

    def _watch(self) -> None:
        try:
            while self._socket.recv(1 << 12):
                pass
        except OSError:
            pass
        os._exit(0)


def main(arguments: Optional[List[str]] = None) -> NoReturn:
    path = (sys.argv[1:] if arguments is None else arguments)[0]
    # Ctrl+C in the server's terminal reaches its whole group; when to end is the server's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = Control(path)
    document = control.receive()
    try:
        order = Order.of(document)
        os.chdir(order.scratch)
        # Before the confinement, which forbids new sockets. Whoever connects while the model loads waits in the backlog.
        listening = _listen(order.socket) if order.task == "serve" else None
        # Before any other thread, because what confines a thread confines only those that it starts.
        confined = _confine(order)
        control.end_with_it()
        output.install()
        if order.task == "convert":
            # Before the model is loaded: that may take long, and only to say then that a package is missing.
            conversion.check(order.flavour)
        started = time.perf_counter()
        model = flavours.load(order.flavour, order.source)
        load_ms = round((time.perf_counter() - started) * 1000, 3)
        if order.task == "convert":
            converter = conversion.convert(order.flavour, model, order.source.contract, order.scratch)
            _unload(model)
            control.send({"event": "converted", "converter": converter, "loadMs": load_ms, "versions": loaded_versions()})
            _end(0)
        if listening is None:
            description = model.describe()
            _unload(model)
            control.send({"event": "described", "contract": description.contract, "loadMs": load_ms, "versions": loaded_versions(), "notes": description.notes})
            _end(0)
        codec = InferenceCodec(order.source.contract, model.arrays)
        control.send({"event": "ready", "loadMs": load_ms, "versions": loaded_versions(), "confined": confined, "streams": model.streams})
        listener.serve(listening, order.model, model, codec)
    except BaseException as e:  # A model may raise SystemExit, too.
        failures.log(e)
        control.send({"event": "failed", "kind": type(e).__name__, "detail": str(e), "where": failures.where(e, document.get("folder", ""))})
    _end(FAILED)


def _listen(path: str) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(path)
    listening.listen(128)
    return listening


def _confine(order: Order) -> List[str]:
    if order.confine is None:
        return []
    return confinement.confine(order.confine, readable=[order.source.folder], writable=[order.scratch])


def _unload(model: flavours.Model) -> None:
    try:
        model.unload()
    except Exception as e:
        failures.log(e)


def _end(status: int) -> NoReturn:
    """Without the model's exit handlers, which may hang or start what is forbidden by now."""
    output.end_request()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(status)


if __name__ == "__main__":
    main()
