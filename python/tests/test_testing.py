from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

from .support import RUNTIME, write_model

_TESTS = '''
import unittest

class Tests(unittest.TestCase):
    def test_passes(self):
        pass

    def test_fails(self):
        self.assertEqual(1, 2)

    def test_breaks(self):
        raise KeyError("\\x01")

    @unittest.skip("not today")
    def test_skips(self):
        pass
'''


class Runner(unittest.TestCase):
    def run_tests(self, code: str, *arguments: str) -> tuple:
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "tests"))
            write_model(os.path.join(folder, "tests"), code, "test_it.py")
            report = os.path.join(folder, "report.xml")
            done = subprocess.run(
                [sys.executable, "-m", "raywright_runtime.testing", *arguments],
                cwd=folder, capture_output=True, env={**os.environ, "PYTHONPATH": RUNTIME, "RAYWRIGHT_TEST_REPORT": report},
            )  # fmt: skip
            return done.returncode, ElementTree.parse(report).getroot().find("testsuite") if os.path.exists(report) else None

    def test_everything_is_counted(self) -> None:
        status, suite = self.run_tests(_TESTS, "unittest", "discover", "-s", "tests")
        self.assertEqual(1, status)
        self.assertEqual(["4", "1", "1", "1"], [suite.get(name) for name in ("tests", "failures", "errors", "skipped")])
        cases = {case.get("name"): case for case in suite}
        self.assertEqual("1 != 2", cases["test_fails"].find("failure").get("message"))
        self.assertEqual("not today", cases["test_skips"].find("skipped").get("message"))
        self.assertIsNone(cases["test_passes"].find("failure"))

    def test_all_is_well(self) -> None:
        status, suite = self.run_tests("import unittest\nclass T(unittest.TestCase):\n    def test_it(self): pass\n", "unittest", "discover", "-s", "tests")
        self.assertEqual((0, "1"), (status, suite.get("tests")))

    def test_no_arguments(self) -> None:
        self.assertEqual(1, self.run_tests("")[0])


if __name__ == "__main__":
    unittest.main()
