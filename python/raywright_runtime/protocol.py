"""HTTP/1.1 as far as the replica protocol needs it, and the tensors in its bodies."""

from __future__ import annotations

import json
import re
import socket
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .contract import PASSED_THROUGH_INPUT, PASSED_THROUGH_OUTPUT, Contract
from .errors import OutputError, ProtocolError
from .values import Decoder, Encoded, Encoder, dump_json

CLOSING = "connection: close\r\n"
_LARGEST_HEAD = 64 << 10
_FIELDS = re.compile(
    rb"\r\n(content-length|inference-header-content-length|x-request-id|x-raywright-(?:timeout-ms|token|replica)|accept|connection|transfer-encoding|expect)"
    rb":[ \t]*([^\r]*)",
    re.IGNORECASE,
)
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    499: "Client Closed Request",
    500: "Internal Server Error",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Request(NamedTuple):
    """A request as it came; `body` belongs to whoever reads it."""

    method: str
    path: str
    id: str
    json_length: int
    timeout: Optional[float]
    wants_stream: bool
    keep_alive: bool
    body: bytearray
    token: bytes
    replica: bytes


class RequestReader:
    """Cuts requests out of what a connection sends, however it is split."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray(_LARGEST_HEAD)
        self._start = self._end = 0

    def read(self) -> Optional[Request]:
        """The next request; None where the other side has closed instead."""
        scanned = self._start
        while True:
            head_end = self._buffer.find(b"\r\n\r\n", scanned, self._end)
            if head_end >= 0:
                break
            if self._end - self._start > _LARGEST_HEAD:
                raise ProtocolError(400, "the head of the request has no end")
            scanned = max(self._start, self._end - 3)
            kept = scanned - self._start
            if not self._receive(_LARGEST_HEAD):
                return None
            scanned = self._start + kept
        head = bytes(self._buffer[self._start : head_end])
        self._start = head_end + 4
        line_end = head.find(b"\r\n")
        words = (head if line_end < 0 else head[:line_end]).decode("latin-1").split(" ")
        if len(words) != 3 or words[2] != "HTTP/1.1":
            raise ProtocolError(400, "this is no HTTP/1.1")
        fields = {name.lower(): value for name, value in _FIELDS.findall(head)}
        get = fields.get
        if b"transfer-encoding" in fields or b"expect" in fields:
            raise ProtocolError(400, "a request has a content-length and is sent at once")
        try:
            length = int(get(b"content-length", 0))
            json_length = int(get(b"inference-header-content-length", length))
            timeout = int(get(b"x-raywright-timeout-ms", 0)) / 1000 if b"x-raywright-timeout-ms" in fields else None
        except ValueError:
            raise ProtocolError(400, "a number in the head is none") from None
        if not 0 <= json_length <= length:
            raise ProtocolError(400, "inference-header-content-length is beyond the body")
        body = self._body(length)
        if body is None:
            return None
        return Request(
            words[0],
            words[1],
            get(b"x-request-id", b"").decode("latin-1"),
            json_length,
            timeout,
            b"text/event-stream" in get(b"accept", b""),
            get(b"connection", b"").lower() != b"close",
            body,
            get(b"x-raywright-token", b""),
            get(b"x-raywright-replica", b""),
        )

    def _body(self, length: int) -> Optional[bytearray]:
        missing = length - (self._end - self._start)
        if missing > 0:
            if length > _LARGEST_HEAD:
                return self._large_body(length)
            while self._end - self._start < length:
                if not self._receive(length - (self._end - self._start)):
                    return None
        body = self._buffer[self._start : self._start + length]
        self._start += length
        return body

    def _large_body(self, length: int) -> Optional[bytearray]:
        """Straight into its own memory, without a detour through the buffer."""
        body = bytearray(length)
        have = self._end - self._start
        body[:have] = self._buffer[self._start : self._end]
        self._start = self._end = 0
        with memoryview(body) as view:
            while have < length:
                received = self._connection.recv_into(view[have:])
                if not received:
                    return None
                have += received
        return body

    def _receive(self, room: int) -> bool:
        """Appends what arrives; what was read before makes way."""
        if self._start == self._end:
            self._start = self._end = 0
        if len(self._buffer) - self._end < room:
            unread = self._buffer[self._start : self._end]
            if len(self._buffer) < len(unread) + room:
                self._buffer = bytearray(len(unread) + room)
            self._buffer[: len(unread)] = unread
            self._start, self._end = 0, len(unread)
        with memoryview(self._buffer) as view:
            received = self._connection.recv_into(view[self._end :])
        self._end += received
        return received > 0


class _Layout(NamedTuple):
    """What the JSON of a request says about its data: input, reader, shape, first byte and end of each tensor."""

    tensors: Tuple[Tuple[str, Decoder, Tuple[int, ...], int, int], ...]
    size: int
    parameters: Any


class InferenceCodec:
    """Bodies of `infer` for one contract. All that does not change from call to call is made once."""

    def __init__(self, contract: Contract, arrays: str) -> None:
        self._passes_through = contract.passes_through
        inputs = (PASSED_THROUGH_INPUT,) if self._passes_through else contract.inputs
        outputs = (PASSED_THROUGH_OUTPUT,) if self._passes_through else contract.outputs
        self._decoders = {spec.name: Decoder(spec, "plain" if self._passes_through else arrays) for spec in inputs}
        self._layouts: Dict[bytes, _Layout] = {}
        self._required = tuple(spec.name for spec in inputs if not spec.optional)
        self._encoders = tuple((Encoder(spec), f'{{"name":{quoted(spec.name)},"datatype":"{spec.datatype}","shape":[') for spec in outputs)

    def decode(self, body: bytearray, json_length: int) -> Tuple[Any, Any]:
        """Inputs, by name or the bare value without a contract, and the request's parameters."""
        header = bytes(body[:json_length])
        # Requests for one model are alike but for their ID, which comes first: the rest was read before.
        known = header[header.find(b'",') :] if header.startswith(b'{"id":"') and b"\\" not in header else header
        layout = self._layouts.get(known)
        if layout is None:
            layout = self._read_header(header, known)
        if json_length + layout.size != len(body):
            raise ProtocolError(400, f"{len(body) - json_length} bytes of data, where the tensors say {layout.size}")
        values = {name: decoder.decode(shape, body[json_length + start : json_length + end]) for name, decoder, shape, start, end in layout.tensors}
        if self._passes_through:
            document = values["inputs"]
            return (document[0] if document else None), layout.parameters
        return values, layout.parameters

    def _read_header(self, header: bytes, known: bytes) -> _Layout:
        tensors: List[Tuple[str, Decoder, Tuple[int, ...], int, int]] = []
        at = 0
        try:
            document = json.loads(header)
            for tensor in document["inputs"]:
                name, size = tensor["name"], tensor["parameters"]["binary_data_size"]
                decoder = self._decoders.get(name)
                if decoder is None:
                    raise ProtocolError(400, f"there is no input {name}")
                if tensor["datatype"] != decoder.datatype:
                    raise ProtocolError(400, f"{name}: {tensor['datatype']} is not {decoder.datatype}")
                shape = tuple(tensor["shape"])
                if not isinstance(size, int) or size < 0 or not all(isinstance(d, int) and d >= 0 for d in shape):
                    raise ProtocolError(400, f"{name}: sizes are whole numbers of 0 or more")
                tensors.append((name, decoder, shape, at, at + size))
                at += size
            parameters = document.get("parameters") or {}
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise ProtocolError(400, f"this is no inference request: {type(e).__name__}: {e}") from None
        named = {name for name, *_ in tensors}
        for name in self._required:
            if name not in named:
                raise ProtocolError(400, f"the input {name} is missing")
        layout = _Layout(tuple(tensors), at, parameters)
        # What a model may change is its own.
        if not parameters and len(known) < 4096:
            if len(self._layouts) >= 256:
                self._layouts.clear()
            self._layouts[known] = layout
        return layout

    def encode(self, answer: Any) -> List[Encoded]:
        """One tensor an output, in the contract's order."""
        if self._passes_through:
            return [self._encoders[0][0].encode([answer])]
        if not isinstance(answer, dict):
            raise OutputError(f"the model gave {type(answer).__name__}, not a dict of outputs")
        encoded = []
        for encoder, _ in self._encoders:
            if encoder.name not in answer:
                raise OutputError(f"the output {encoder.name} is missing")
            try:
                encoded.append(encoder.encode(answer[encoder.name]))
            except (ValueError, TypeError) as e:
                # Of a library that converts the value: not the caller's mistake, which a ValueError of the model would be.
                raise OutputError(f"{encoder.name}: {e}") from e
        return encoded

    def join(self, answers: Sequence[Any]) -> List[Encoded]:
        """What a generator gave, as one answer: a list without a contract, else joined on the batch axis."""
        if self._passes_through:
            return self.encode(list(answers))
        if not answers:
            raise OutputError("the model gave nothing")
        parts = [self.encode(answer) for answer in answers]
        joined: List[Encoded] = []
        for (encoder, _), tensors in zip(self._encoders, zip(*parts)):
            first = tensors[0][0]
            if not first or any(shape[1:] != first[1:] for shape, _ in tensors):
                raise OutputError(f"{encoder.name}: the parts of the stream do not join")
            joined.append(((sum(shape[0] for shape, _ in tensors), *first[1:]), b"".join(data for _, data in tensors)))
        return joined

    def response(self, request_id: str, tensors: Sequence[Encoded], close: bool = False) -> bytes:
        described = ",".join(
            [f'{start}{",".join(map(str, shape))}],"parameters":{{"binary_data_size":{len(data)}}}}}' for (_, start), (shape, data) in zip(self._encoders, tensors)]
        )
        header = f'{{"id":{quoted(request_id)},"outputs":[{described}]}}'
        parts = [data for _, data in tensors]
        length = len(header) + sum(map(len, parts))
        # The names of outputs are quoted to ASCII, so characters are bytes.
        head = (
            f"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ninference-header-content-length: {len(header)}\r\n"
            f"{CLOSING if close else ''}content-length: {length}\r\n\r\n{header}"
        )
        return b"".join([head.encode("ascii"), *parts])


def json_response(status: int, document: Any, close: bool = False) -> bytes:
    body = json.dumps(document, ensure_ascii=True).encode("ascii")
    return f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: application/json\r\n{CLOSING if close else ''}content-length: {len(body)}\r\n\r\n".encode("ascii") + body


def error_document(error: str, kind: str) -> Dict[str, str]:
    return {"error": error, "kind": kind}


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
STREAM_END = b"0\r\n\r\n"


def stream_value(value: Any) -> bytes:
    return _chunk(b"data: " + dump_json(value, "a value of the stream") + b"\n\n")


def stream_event(event: str, document: Any) -> bytes:
    return _chunk(f"event: {event}\ndata: {json.dumps(document)}\n\n".encode("ascii"))


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
