"""Answers requests: a thread a connection, which the server opens few of and keeps."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator, Optional

from . import failures, output
from .doors import Door
from .errors import Interrupted, OutputError, ProtocolError
from .flavours import Model
from .protocol import STREAM_END, STREAM_HEAD, InferenceCodec, Request, RequestReader, error_document, json_response, stream_event, stream_value
from .watch import DEADLINE_EXCEEDED, Watch, WatchedCall

_INTERRUPTED = {499: "the caller has left", 504: "the time was up before the model had answered"}
_EXHAUSTED = object()


@dataclass(frozen=True)
class Service:
    """What all connections share. Only a listener that others can reach has a door, and lines that are asked for."""

    path: str
    model: Model
    codec: InferenceCodec
    door: Optional[Door] = None
    lines: Optional[output.RecentLines] = None
    watch: Watch = field(default_factory=Watch)
    turn: threading.Lock = field(default_factory=threading.Lock)


def serve(listening: socket.socket, name: str, model: Model, codec: InferenceCodec, door: Optional[Door] = None, lines: Optional[output.RecentLines] = None) -> None:
    """Accepts connections until the socket is closed."""
    service = Service(f"/v2/models/{name}/infer", model, codec, door, lines)
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        if connection.family == socket.AF_INET:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_converse, args=(connection, service), daemon=True).start()


def _converse(connection: socket.socket, service: Service) -> None:
    call = service.watch.add(connection.fileno())
    try:
        Conversation(connection, service, call).run()
    except OSError:
        pass  # The other side is gone: there is nobody to tell.
    finally:
        service.watch.remove(call)
        connection.close()


class Conversation:
    """Requests of one connection, one after another."""

    def __init__(self, connection: socket.socket, service: Service, call: WatchedCall) -> None:
        self._connection = connection
        self._service = service
        self._model = service.model
        self._codec = service.codec
        self._call = call
        self._turn = service.turn
        self._door = service.door
        self._reader = RequestReader(connection)

    def run(self) -> None:
        while True:
            try:
                request = self._reader.read()
            except ProtocolError as e:
                # Where the next request begins is no longer known.
                self._connection.sendall(json_response(e.status, error_document(str(e), "ProtocolError"), close=True))
                return
            if request is None:
                return
            if not self._let_in(request) or not request.keep_alive:
                return

    def _let_in(self, request: Request) -> bool:
        if self._door is None:
            return self._answer(request)
        refusal = self._door.refusal(request)
        if refusal is not None:
            self._connection.sendall(refusal)
            return True
        self._door.enter()
        try:
            return self._answer(request) and not self._leaving
        finally:
            self._door.exit()

    def _answer(self, request: Request) -> bool:
        """Whether the connection can be used again."""
        if request.method != "POST":
            self._connection.sendall(self._look(request))
            return True
        if request.path != self._service.path:
            self._connection.sendall(json_response(404, error_document(f"there is no {request.path}", "ProtocolError")))
            return True
        output.begin_request(request.id)
        try:
            return self._infer(request)
        finally:
            output.end_request()

    def _infer(self, request: Request) -> bool:
        deadline = None if request.timeout is None else time.monotonic() + request.timeout
        try:
            if request.timeout is not None and request.timeout <= 0:
                raise ProtocolError(DEADLINE_EXCEEDED, "the time was up before the model was asked")
            inputs, parameters = self._codec.decode(request.body, request.json_length)
            if request.wants_stream:
                return self._stream(self._run(deadline, self._model.stream, inputs, parameters), deadline)
            answer = self._run(deadline, self._model.predict, inputs, parameters)
            tensors = self._codec.join(self._run(deadline, list, answer)) if hasattr(answer, "__next__") else self._codec.encode(answer)
        except BaseException as e:  # `Interrupted`, and what a model raises to leave the process
            status, document = self._failure(e)
            return self._end(json_response(status, document, self._leaving)) and status != 499
        return self._end(self._codec.response(request.id, tensors, self._leaving))

    @property
    def _leaving(self) -> bool:
        return self._door is not None and self._door.leaving

    def _run(self, deadline: Optional[float], function: Callable[..., Any], *arguments: Any) -> Any:
        """Models are written as if nobody else called them: one call at a time, also beside a stream.

        Whoever waits here past a deadline gets no answer: the model hangs in code that cannot be interrupted, and the server ends it.
        """
        with self._turn:
            return self._call.run(deadline, function, *arguments)

    def _end(self, response: bytes) -> bool:
        # Who has the answer can count on what was printed before it.
        output.end_request()
        self._connection.sendall(response)
        return True

    def _stream(self, values: Iterator[Any], deadline: Optional[float]) -> bool:
        try:
            self._connection.sendall(STREAM_HEAD)
            while True:
                try:
                    value = self._run(deadline, next, values, _EXHAUSTED)
                    if value is _EXHAUSTED:
                        last = stream_event("end", {})
                        break
                    chunk = stream_value(value)
                except BaseException as e:  # `Interrupted`, and what a model raises to leave the process
                    status, document = self._failure(e)
                    last = stream_event("error", {"status": status, **document})
                    break
                self._connection.sendall(chunk)
            return self._end(last + STREAM_END)
        except OSError:
            return False
        finally:
            self._close(values)

    def _close(self, values: Iterator[Any]) -> None:
        close = getattr(values, "close", None)
        if close is None:
            return
        try:
            with self._turn:
                close()
        except Exception as e:
            failures.log(e)

    def _failure(self, exception: BaseException) -> tuple:
        """Status and document of what went wrong."""
        kind = type(exception).__name__
        if isinstance(exception, Interrupted):
            status = self._call.reason or DEADLINE_EXCEEDED
            return status, error_document(_INTERRUPTED[status], "Interrupted")
        if isinstance(exception, ProtocolError):
            return exception.status, error_document(str(exception), kind)
        if isinstance(exception, ValueError):
            return 422, error_document(str(exception), kind)
        if not isinstance(exception, OutputError):
            failures.log(exception)
        return 500, error_document(str(exception), kind)

    def _look(self, request: Request) -> bytes:
        """What is asked about the replica rather than of its model."""
        if request.method == "GET" and request.path.startswith("/v2/logs?after=") and self._service.lines is not None:
            return json_response(200, self._service.lines.after(request.path[len("/v2/logs?after=") :]))
        if request.method != "GET" or request.path not in ("/v2/health/live", "/v2/health/ready"):
            return json_response(404, error_document(f"there is no {request.method} {request.path}", "ProtocolError"))
        try:
            reason = self._model.health()
        except Exception as e:
            failures.log(e)
            return json_response(503, error_document(str(e) or type(e).__name__, type(e).__name__))
        if reason is not None:
            return json_response(503, error_document(reason, "Unhealthy"))
        return json_response(200, {"streams": self._model.streams})
