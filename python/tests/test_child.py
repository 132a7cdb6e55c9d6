from __future__ import annotations

import os
import tempfile
import unittest

from .support import Child, write_model


class Lives(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_it_ends_with_its_control_socket(self) -> None:
        with Child(write_model(self.folder, "class Model:\n    def predict(self, inputs): return 1\n")) as child:
            event = child.ready()
            self.assertEqual([], event["confined"])
            self.assertIn("python", event["versions"])
            self.assertFalse(event["streams"])
            child.hang_up()
            child.output()
            self.assertEqual(0, child.process.returncode)

    def test_it_ends_while_it_loads(self) -> None:
        mark = os.path.join(self.folder, "mark")
        os.mkfifo(mark)
        code = f"import time\nclass Model:\n    def load(self, folder):\n        open({mark!r}, 'w').close()\n        while True: time.sleep(1)\n    def predict(self, inputs): pass\n"
        with Child(write_model(self.folder, code)) as child:
            open(mark).close()
            child.hang_up()
            child.output()
            self.assertEqual(0, child.process.returncode)

    def test_it_says_why_it_failed(self) -> None:
        for code, kind, where in (
            ("import no_such_module\n", "ModuleNotFoundError", "model.py:1"),
            ("class Model:\n    def load(self, folder):\n        raise RuntimeError('x')\n    def predict(self, inputs): pass\n", "RuntimeError", "model.py:3"),
            ("def f(:\n", "SyntaxError", "model.py:1"),
            ("x = 1\n", "LoadError", None),
            ("class A:\n    def predict(self, i): pass\nclass B:\n    def predict(self, i): pass\n", "LoadError", None),
            ("raise SystemExit('no')\n", "SystemExit", "model.py:1"),
        ):
            with self.subTest(kind=kind, code=code), Child(write_model(self.folder, code)) as child:
                event = child.event()
                child.output()
                self.assertEqual(("failed", kind, where), (event["event"], event["kind"], event["where"]))
                self.assertEqual(3, child.process.returncode)

    def test_it_describes_a_class(self) -> None:
        fields = [{"name": "x", "type": "int64", "shape": [-1]}]
        for extra, contract in (("pass", None), (f"inputs = outputs = {fields}", {"inputs": fields, "outputs": fields})):
            code = f"class Model:\n    {extra}\n    def predict(self, inputs): pass\n"
            with self.subTest(extra), Child(write_model(self.folder, code), task="describe") as child:
                event = child.event()
                self.assertEqual(("described", contract), (event["event"], event["contract"]))
                child.output()
                self.assertEqual(0, child.process.returncode)

    def test_the_one_called_model_among_several(self) -> None:
        code = "class Base:\n    def predict(self, inputs): return 1\nclass Model(Base):\n    pass\n"
        with Child(write_model(self.folder, code)) as child:
            child.ready()


if __name__ == "__main__":
    unittest.main()
