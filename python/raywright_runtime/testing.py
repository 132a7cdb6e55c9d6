"""Runs a model's unit tests and counts them: `python -m raywright_runtime.testing unittest|pytest ARGUMENTS`.

The report is JUnit XML at the path in RAYWRIGHT_TEST_REPORT.
"""

from __future__ import annotations

import os
import sys
import time
import unittest
from typing import Any, List, Optional, Tuple
from xml.etree import ElementTree

_NO_XML = {code: "\ufffd" for code in range(32) if code not in (9, 10, 13)}
_NO_XML.update({code: "\ufffd" for code in (*range(0xD800, 0xE000), 0xFFFE, 0xFFFF)})


class RecordingResult(unittest.TextTestResult):
    """Keeps the outcome of every test; a failed subtest is a test of its own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cases: List[ElementTree.Element] = []
        self._started = 0.0

    def startTest(self, test: unittest.TestCase) -> None:
        self._started = time.perf_counter()
        super().startTest(test)

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self._case(test)

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self._case(test, "failure", str(err[1]), self._exc_info_to_string(err, test))

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self._case(test, "error", str(err[1]), self._exc_info_to_string(err, test))

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self._case(test, "skipped", reason)

    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self._case(test)

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        super().addUnexpectedSuccess(test)
        self._case(test, "failure", "it passed, and was expected to fail")

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            kind = "failure" if issubclass(err[0], test.failureException) else "error"
            self._case(subtest, kind, str(err[1]), self._exc_info_to_string(err, test))

    def _case(self, test: unittest.TestCase, outcome: Optional[str] = None, message: str = "", detail: str = "") -> None:
        group, name = _names(test)
        case = ElementTree.Element("testcase", classname=group, name=name, time=f"{time.perf_counter() - self._started:.3f}")
        if outcome is not None:
            ElementTree.SubElement(case, outcome, message=_printable(message)).text = _printable(detail)
        self.cases.append(case)

    def suite(self) -> ElementTree.Element:
        def count(outcome: str) -> str:
            return str(sum(case.find(outcome) is not None for case in self.cases))

        suite = ElementTree.Element("testsuite", name="unittest", tests=str(len(self.cases)), failures=count("failure"), errors=count("error"), skipped=count("skipped"))
        suite.extend(self.cases)
        return suite


def _names(test: unittest.TestCase) -> Tuple[str, str]:
    group, _, name = test.id().rpartition(".")
    # A subtest's parameters may hold dots: `module.Case.test (a=1.5)`.
    whole = test.id()
    if " " in whole:
        head, _, rest = whole.partition(" ")
        group, _, name = head.rpartition(".")
        name = f"{name} {rest}"
    return _printable(group), _printable(name)


def _printable(text: str) -> str:
    return text.translate(_NO_XML)


def run_unittest(arguments: List[str], report: Optional[str]) -> int:
    runner = unittest.TextTestRunner(resultclass=RecordingResult)
    program = unittest.main(module=None, argv=["python -m unittest", *arguments], testRunner=runner, exit=False)
    if report:
        suites = ElementTree.Element("testsuites")
        suites.append(program.result.suite())
        ElementTree.ElementTree(suites).write(report, encoding="utf-8", xml_declaration=True)
    return 0 if program.result.wasSuccessful() else 1


def run_pytest(arguments: List[str], report: Optional[str]) -> int:
    try:
        import pytest
    except ImportError:
        print("pytest is not installed: add it to the requirements, or write the tests for unittest", file=sys.stderr)
        return 1
    options = ["-p", "no:cacheprovider", *([f"--junitxml={report}"] if report else [])]
    return 0 if pytest.main([*options, *arguments]) == 0 else 1


def main(arguments: List[str]) -> int:
    if not arguments or arguments[0] not in ("unittest", "pytest"):
        print(__doc__, file=sys.stderr)
        return 1
    # As `python -m unittest` has it: tests import what lies in the working folder.
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    run = run_unittest if arguments[0] == "unittest" else run_pytest
    return run(arguments[1:], os.environ.get("RAYWRIGHT_TEST_REPORT"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
