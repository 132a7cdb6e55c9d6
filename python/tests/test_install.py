from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, List

from raywright_runtime import install, landlock, requirements

from .support import RUNTIME

_CONFINED = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from raywright_runtime.confinement import confine_installer
hidden, writable, outside = sys.argv[1:]
confine_installer([hidden], [], [writable])
def attempt(function):
    try:
        function()
        return "ok"
    except OSError as e:
        return type(e).__name__
import subprocess
print(attempt(lambda: open(hidden + "/secret").read()), attempt(lambda: open(outside + "/plain").read()), attempt(lambda: open(outside + "/new", "w")),
      attempt(lambda: open(writable + "/new", "w")), attempt(lambda: subprocess.run(["/bin/true"], check=True)))
"""


class Confinement(unittest.TestCase):
    @unittest.skipUnless(sys.platform == "linux" and landlock.version() > 0, "the kernel has no Landlock")
    def test_an_installer_reads_all_but_what_is_hidden_and_writes_only_where_it_may(self) -> None:
        with tempfile.TemporaryDirectory() as root:
            folders = [Path(root, name) for name in ("hidden", "writable", "outside")]
            for folder in folders:
                folder.mkdir()
            Path(root, "hidden", "secret").write_text("x")
            Path(root, "outside", "plain").write_text("x")
            done = subprocess.run([sys.executable, "-c", _CONFINED, RUNTIME, *map(str, folders)], stdout=subprocess.PIPE, text=True, check=True)
        self.assertEqual("PermissionError ok PermissionError ok ok", done.stdout.strip())


class Ending(unittest.TestCase):
    def test_what_an_installer_started_ends_with_its_input(self) -> None:
        """The stand-in for `uv` tells its process ID and waits for ever."""
        with tempfile.TemporaryDirectory() as root:
            pipe, uv = os.path.join(root, "place", "pid"), os.path.join(root, "uv")
            os.mkdir(os.path.join(root, "place"))
            os.mkfifo(pipe)
            Path(uv).write_text(f"#!/bin/sh\necho $$ > {pipe}\nexec sleep 1000\n")
            os.chmod(uv, 0o755)
            boot = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"
            order = {"place": os.path.join(root, "place"), "scratch": root, "uv": uv, "file": None, "shown": [], "links": None, "hidden": []}
            with subprocess.Popen([sys.executable, "-c", boot, RUNTIME, "raywright_runtime.install"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as installer:
                assert installer.stdin is not None
                installer.stdin.write(json.dumps(order).encode() + b"\n")
                installer.stdin.flush()
                with open(pipe) as opened:
                    started = int(opened.read())
                installer.stdin.close()
                installer.wait(30)
            with self.assertRaises(ProcessLookupError):
                _wait_for_its_end(started)


class Words(unittest.TestCase):
    def test_errors_go_before_what_is_said_on_the_way(self) -> None:
        retry = "WARNING: Retrying after connection broken by 'NewConnectionError: Failed to establish a new connection'\n"
        self.assertEqual("The index cannot be reached. ERROR: no joblib", install.last_words(retry * 4 + "ERROR: no joblib\n"))
        self.assertEqual("one two", install.last_words("one\n\ntwo\n"))


class Requirements(unittest.TestCase):
    def unmet(self, text: str, *shown: str) -> List[Any]:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(text)
            file.flush()
            return [(one["requirement"], one["found"] is not None, one["shown"]) for one in requirements.unmet(file.name, shown)]

    def test_lines_that_are_not_met(self) -> None:
        self.assertEqual(
            [("no-such-package==1", False, False), ("pip>9999", True, False), ("./local", False, False)],
            self.unmet("pip  # a comment\nno-such-package==1\npip>9999\n./local\n"),
        )

    def test_the_file_goes_before_what_the_artifact_shows(self) -> None:
        self.assertEqual([], self.unmet("Pip>1\n", "pip==9999.*"))
        self.assertEqual([("pip==9999.*", True, True)], self.unmet("", "pip==9999.*"))


def _wait_for_its_end(process: int) -> None:
    """Raises ProcessLookupError once it is gone; a killed one may stay for as long as nobody has collected it."""
    while True:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] if sys.platform == "linux" else ""
        if state == "Z":
            raise ProcessLookupError


if __name__ == "__main__":
    unittest.main()
