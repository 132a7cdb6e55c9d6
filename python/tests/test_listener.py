from __future__ import annotations

import json
import os
import tempfile
import unittest
from typing import Any, List, Tuple

from .support import Child, Connection, request_bytes, write_model

_MODEL = '''
import os
import time

class Model:
    def load(self, folder):
        self.sick = None

    def predict(self, inputs, parameters):
        what = inputs.get("do")
        if what == "refuse":
            raise ValueError("no, thanks")
        if what == "fail":
            raise KeyError("lost")
        if what == "leave":
            raise SystemExit(1)
        if what == "not json":
            return {1, object()}
        if what == "say":
            print("one")
            print("two", end="")
        if what == "wait":
            open(inputs["mark"], "w").close()
            try:
                while True:
                    time.sleep(0.01)
            finally:
                os.unlink(inputs["mark"])
        if what == "count":
            self.inside = getattr(self, "inside", 0) + 1
            seen = self.inside
            os.sched_yield()
            seen = max(seen, self.inside)
            self.inside -= 1
            return {"together": seen}
        if what == "sicken":
            self.sick = "out of memory"
        return {"inputs": inputs, "parameters": parameters}

    def health(self):
        return self.sick
'''

_STREAMING = '''
class Model:
    def predict(self, inputs):
        try:
            for index in range(inputs["count"]):
                if index == inputs.get("fail_at"):
                    raise RuntimeError("broken")
                if index == inputs.get("refuse_at"):
                    raise ValueError("too many")
                yield {"index": index}
        finally:
            if "mark" in inputs:
                open(inputs["mark"], "w").close()
'''


class Requests(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.child = Child(write_model(self.folder.name, _MODEL))
        self.child.ready()
        self.connection = self.child.connect()

    def tearDown(self) -> None:
        self.connection.close()
        self.child.__exit__()
        self.folder.cleanup()

    def ask(self, inputs: Any, **rest: Any) -> Any:
        return self.connection.ask(None, inputs, **rest)

    def test_json_passes_through(self) -> None:
        self.assertEqual({"inputs": {"a": ["ü", None]}, "parameters": {}}, self.ask({"a": ["ü", None]}).value)
        self.assertEqual({"p": 1}, self.ask({}, parameters={"p": 1}).value["parameters"])

    def test_the_answer_carries_the_id(self) -> None:
        self.assertEqual("42", self.ask({}, request_id="42").document["id"])

    def test_requests_in_a_row_without_waiting(self) -> None:
        self.connection.send(b"".join(request_bytes(None, {"n": n}) for n in range(20)))
        self.assertEqual(list(range(20)), [self.connection.read().value["inputs"]["n"] for _ in range(20)])

    def test_a_request_in_pieces(self) -> None:
        data = request_bytes(None, {"a": 1})
        for at in range(0, len(data), 11):
            self.connection.send(data[at : at + 11])
        self.assertEqual({"a": 1}, self.connection.read().value["inputs"])

    def test_the_model_is_asked_once_at_a_time(self) -> None:
        others = [self.child.connect() for _ in range(6)]
        for connection in others:
            connection.send(b"".join(request_bytes(None, {"do": "count"}) for _ in range(200)))
        together = {connection.read().value["together"] for connection in others for _ in range(200)}
        for connection in others:
            connection.close()
        self.assertEqual({1}, together)

    def test_what_the_model_raises(self) -> None:
        for what, status, document in (
            ("refuse", 422, {"error": "no, thanks", "kind": "ValueError"}),
            ("fail", 500, {"error": "'lost'", "kind": "KeyError"}),
            ("leave", 500, {"error": "1", "kind": "SystemExit"}),
        ):
            with self.subTest(what):
                answer = self.ask({"do": what})
                self.assertEqual((status, document), (answer.status, answer.document))
        answer = self.ask({"do": "not json"})
        self.assertEqual((500, "OutputError"), (answer.status, answer.document["kind"]))
        self.child.hang_up()
        out, err = self.child.output()
        self.assertIn("\x1erequest-1\x1fTraceback", err)
        self.assertNotIn("listener.py", err)
        self.assertNotIn("no, thanks", err)

    def test_a_value_that_cannot_be_converted_is_the_models_mistake(self) -> None:
        contract = {"inputs": [], "outputs": [{"name": "y", "type": "float32", "shape": [-1]}]}
        code = "class Odd:\n    def __array__(self, *_, **__):\n        raise ValueError('odd')\nclass Model:\n    def predict(self, inputs):\n        return {'y': Odd()}\n"
        with tempfile.TemporaryDirectory() as folder, Child(write_model(folder, code), contract=contract) as child:
            child.ready()
            with child.connect() as connection:
                answer = connection.ask(contract, {})
        self.assertEqual(500, answer.status)

    def test_lines_say_whose_they_are(self) -> None:
        self.ask({"do": "say"}, request_id="r7")
        self.child.hang_up()
        self.assertEqual("\x1er7\x1fone\n\x1er7\x1ftwo\n", self.child.output()[0])

    def test_the_deadline(self) -> None:
        mark = os.path.join(self.folder.name, "mark")
        answer = self.ask({"do": "wait", "mark": mark}, headers=["x-raywright-timeout-ms: 50"])
        self.assertEqual(504, answer.status)
        self.assertFalse(os.path.exists(mark))
        self.assertEqual(200, self.ask({}).status)
        self.assertEqual(504, self.ask({}, headers=["x-raywright-timeout-ms: 0"]).status)

    def test_hanging_up_cancels(self) -> None:
        mark = os.path.join(self.folder.name, "mark")
        os.mkfifo(mark)
        other = self.child.connect()
        other.send(request_bytes(None, {"do": "wait", "mark": mark}))
        open(mark).close()  # returns when the model has opened it
        other.close()
        # The model's `finally` takes the mark away; answers of others come in the meantime.
        while os.path.exists(mark):
            self.assertEqual(200, self.ask({}).status)

    def test_what_is_not_this_protocol(self) -> None:
        self.connection.send(b"GET /elsewhere HTTP/1.1\r\n\r\n")
        self.assertEqual(404, self.connection.read().status)
        self.assertEqual(404, self.ask({}, model="other").status)
        self.connection.send(b"nonsense\r\n\r\n")
        self.assertEqual(400, self.connection.read().status)

    def test_health(self) -> None:
        for path in ("live", "ready"):
            self.connection.send(f"GET /v2/health/{path} HTTP/1.1\r\nhost: replica\r\n\r\n".encode())
            self.assertEqual(200, self.connection.read().status)
        self.ask({"do": "sicken"})
        self.connection.send(b"GET /v2/health/ready HTTP/1.1\r\n\r\n")
        answer = self.connection.read()
        self.assertEqual((503, "out of memory"), (answer.status, answer.document["error"]))


class Streams(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def events(self, connection: Connection, inputs: Any) -> List[Tuple[str, Any]]:
        answer = connection.ask(None, inputs, headers=["accept: text/event-stream"])
        self.assertEqual((200, "text/event-stream"), (answer.status, answer.fields["content-type"]))
        events = []
        for block in answer.body.decode().split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.split("\n"))
            events.append((fields.get("event", "message"), json.loads(fields["data"])))
        return events

    def test_a_generator(self) -> None:
        with Child(write_model(self.folder.name, _STREAMING)) as child:
            self.assertTrue(child.ready()["streams"])
            with child.connect() as connection:
                self.assertEqual([("message", {"index": 0}), ("message", {"index": 1}), ("end", {})], self.events(connection, {"count": 2}))
                self.assertEqual([{"index": 0}, {"index": 1}], connection.ask(None, {"count": 2}).value)
                broken = self.events(connection, {"count": 2, "fail_at": 1})
                self.assertEqual(("error", {"status": 500, "error": "broken", "kind": "RuntimeError"}), broken[-1])
                refused = self.events(connection, {"count": 2, "refuse_at": 0})
                self.assertEqual([("error", {"status": 422, "error": "too many", "kind": "ValueError"})], refused)

    def test_hanging_up_closes_the_generator(self) -> None:
        mark = os.path.join(self.folder.name, "mark")
        os.mkfifo(mark)
        with Child(write_model(self.folder.name, _STREAMING)) as child:
            child.ready()
            connection = child.connect()
            connection.send(request_bytes(None, {"count": 1 << 60, "mark": mark}, headers=["accept: text/event-stream"]))
            connection.read_head()
            connection.close()
            open(mark).close()  # returns when the generator's `finally` has opened it

    def test_parts_are_joined_on_the_batch_axis(self) -> None:
        contract = {"inputs": [{"name": "x", "type": "int64", "shape": [-1]}], "outputs": [{"name": "y", "type": "int64", "shape": [-1]}]}
        code = "class Model:\n    def predict(self, inputs):\n        for x in inputs['x']:\n            yield {'y': [x, -x]}\n"
        with Child(write_model(self.folder.name, code), contract=contract) as child:
            child.ready()
            with child.connect() as connection:
                self.assertEqual({"y": ([4], [1, -1, 2, -2])}, connection.ask(contract, {"x": [1, 2]}).outputs(contract))

    def test_a_method_of_its_own(self) -> None:
        code = "class Model:\n    def predict(self, inputs):\n        return 'whole'\n    def stream(self, prompt, times=2):\n        return (prompt for _ in range(times))\n"
        with Child(write_model(self.folder.name, code)) as child:
            child.ready()
            with child.connect() as connection:
                self.assertEqual("whole", connection.ask(None, {"prompt": "a"}).value)
                self.assertEqual(["a", "a", {}], [data for _, data in self.events(connection, {"prompt": "a"})])
                answer = connection.ask(None, {"wrong": 1}, headers=["accept: text/event-stream"])
                self.assertEqual(422, answer.status)


if __name__ == "__main__":
    unittest.main()
