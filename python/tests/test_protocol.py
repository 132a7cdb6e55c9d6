from __future__ import annotations

import json
import socket
import unittest

from raywright_runtime.contract import Contract
from raywright_runtime.errors import ProtocolError
from raywright_runtime.protocol import InferenceCodec, RequestReader

from .support import request_bytes

_CONTRACT = {"inputs": [{"name": "x", "type": "float32", "shape": [-1, 2]}, {"name": "note", "type": "string", "shape": [-1], "optional": True}], "outputs": [{"name": "y", "type": "int64", "shape": [-1]}]}


class Reading(unittest.TestCase):
    def setUp(self) -> None:
        self.client, self.server = socket.socketpair()
        self.reader = RequestReader(self.server)

    def tearDown(self) -> None:
        self.client.close()
        self.server.close()

    def test_requests_that_arrive_together_are_told_apart(self) -> None:
        first, second = request_bytes(None, 1, request_id="a"), request_bytes(None, [2], request_id="b")
        self.client.sendall(first + second)
        self.assertEqual(["a", "b"], [self.reader.read().id, self.reader.read().id])

    def test_a_request_may_arrive_byte_by_byte(self) -> None:
        data = request_bytes(None, {"a": 1}, request_id="a", headers=["X-Raywright-Timeout-Ms: 1500", "accept: text/event-stream"])
        receive = _Trickle(data)
        request = RequestReader(receive).read()
        self.assertEqual(("POST", "/v2/models/model/infer", "a", 1.5, True), (request.method, request.path, request.id, request.timeout, request.wants_stream))
        self.assertTrue(data.endswith(request.body))

    def test_a_body_larger_than_the_buffer(self) -> None:
        data = request_bytes(None, "x" * 300_000)
        request = RequestReader(_Trickle(data + request_bytes(None, 1, request_id="next"), 7000)).read()
        self.assertTrue(data.endswith(request.body))

    def test_the_end(self) -> None:
        self.client.close()
        self.assertIsNone(self.reader.read())

    def test_the_end_in_the_middle(self) -> None:
        self.client.sendall(request_bytes(None, 1)[:-3])
        self.client.close()
        self.assertIsNone(self.reader.read())

    def test_what_is_no_request(self) -> None:
        for data in (b"hello\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n", b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"):
            with self.subTest(data), self.assertRaises(ProtocolError):
                RequestReader(_Trickle(data, 1000)).read()


class Bodies(unittest.TestCase):
    def setUp(self) -> None:
        self.codec = InferenceCodec(Contract.of(_CONTRACT), "plain")

    def decode(self, data: bytes) -> object:
        request = RequestReader(_Trickle(data, 1 << 16)).read()
        return self.codec.decode(request.body, request.json_length)

    def test_inputs_by_name_and_what_is_absent_left_out(self) -> None:
        for _ in range(2):  # the second time the layout is known
            self.assertEqual(({"x": [[1.0, 2.0]]}, {}), self.decode(request_bytes(_CONTRACT, {"x": [[1, 2]]})))
        self.assertEqual(({"x": [[1.0, 2.0]], "note": ["a"]}, {"k": 1}), self.decode(request_bytes(_CONTRACT, {"x": [[1, 2]], "note": ["a"]}, parameters={"k": 1})))

    def test_a_missing_input(self) -> None:
        with self.assertRaisesRegex(ProtocolError, "the input x is missing"):
            self.decode(request_bytes(_CONTRACT, {"note": ["a"]}))

    def test_a_body_that_is_too_long(self) -> None:
        header = json.dumps({"id": "1", "inputs": []}).encode()
        codec = InferenceCodec(Contract.of({"inputs": [{**_CONTRACT["inputs"][1]}], "outputs": []}), "plain")
        with self.assertRaises(ProtocolError):
            codec.decode(bytearray(header + b"xx"), len(header))

    def test_what_is_no_header(self) -> None:
        for header in (b"[]", b"{", b'{"inputs":[1]}', b'{"inputs":[{"name":"z"}]}', b'{"id":"1"}'):
            with self.subTest(header), self.assertRaises(ProtocolError):
                self.codec.decode(bytearray(header), len(header))


class _Trickle:
    """A socket that gives a few bytes at a time."""

    def __init__(self, data: bytes, at_once: int = 1) -> None:
        self._data, self._at_once = data, at_once

    def recv_into(self, view: memoryview) -> int:
        part, self._data = self._data[: min(self._at_once, len(view))], self._data[min(self._at_once, len(view)) :]
        view[: len(part)] = part
        return len(part)


if __name__ == "__main__":
    unittest.main()
