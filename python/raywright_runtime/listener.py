"""Answers requests: a thread a connection, which the server opens few of and keeps."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any, Callable, Iterator, Optional

from . import failures, output
from .errors import Interrupted, OutputError, ProtocolError
from .flavours import Model
from .protocol import STREAM_END, STREAM_HEAD, InferenceCodec, Request, RequestReader, error_document, json_response, stream_event, stream_value
from .watch import DEADLINE_EXCEEDED, Watch, WatchedCall

_INTERRUPTED = {499: "the caller has left", 504: "the time was up before the model had answered"}
_EXHAUSTED = object()


def serve(listening: socket.socket, name: str, model: Model, codec: InferenceCodec) -> None:
    """Accepts connections for ever."""
    watch = Watch()
    turn = threading.Lock()
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=_converse, args=(connection, f"/v2/models/{name}/infer", model, codec, watch, turn), daemon=True).start()


def _converse(connection: socket.socket, path: str, model: Model, codec: InferenceCodec, watch: Watch, turn: threading.Lock) -> None:
    call = watch.add(connection.fileno())
    try:
        Conversation(connection, path, model, codec, call, turn).run()
    except OSError:
        pass  # The other side is gone: there is nobody to tell.
    finally:
        watch.remove(call)
        connection.close()


class Conversation:
    """Requests of one connection, one after another."""

    def __init__(self, connection: socket.socket, path: str, model: Model, codec: InferenceCodec, call: WatchedCall, turn: threading.Lock) -> None:
        self._connection = connection
        self._path = path
        self._model = model
        self._codec = codec
        self._call = call
        self._turn = turn
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
            if not self._answer(request) or not request.keep_alive:
                return

    def _answer(self, request: Request) -> bool:
        """Whether the connection can be used again."""
        if request.method != "POST":
            self._connection.sendall(self._health(request))
            return True
        if request.path != self._path:
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
            return self._end(json_response(status, document)) and status != 499
        return self._end(self._codec.response(request.id, tensors))

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

    def _health(self, request: Request) -> bytes:
        if request.method != "GET" or request.path not in ("/v2/health/live", "/v2/health/ready"):
            return json_response(404, error_document(f"there is no {request.method} {request.path}", "ProtocolError"))
        try:
            reason = self._model.health()
        except Exception as e:
            failures.log(e)
            return json_response(503, error_document(str(e) or type(e).__name__, type(e).__name__))
        if reason is not None:
            return json_response(503, error_document(reason, "Unhealthy"))
        return json_response(200, {})
