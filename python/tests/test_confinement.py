from __future__ import annotations

import os
import platform
import sys
import tempfile
import unittest
from typing import Any, Dict

from raywright_runtime import seccomp

from .support import CONFINED, Child, write_model

_MODEL = '''
import os, resource, socket, subprocess, tempfile, threading

class Model:
    def predict(self, inputs):
        def start_thread():
            thread = threading.Thread(target=len, args=((),))
            thread.start()
            thread.join()
        attempts = {
            "tcp": lambda: socket.socket(),
            "unix": lambda: socket.socket(socket.AF_UNIX),
            "datagram pair": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
            "fork": lambda: os.fork(),
            "exec": lambda: os.execv("/bin/true", ["true"]),
            "subprocess": lambda: subprocess.run(["/bin/true"]),
            "other process": lambda: os.kill(os.getppid(), 0),
            "read outside": lambda: open(inputs["outside"]).read(),
            "list outside": lambda: os.listdir(os.path.dirname(inputs["outside"])),
            "write to the model": lambda: open(os.path.join(os.path.dirname(__file__), "new"), "w"),
            "environment of the server": lambda: open("/proc/%d/environ" % os.getppid()).read(),
            "memory": lambda: bytearray(10 << 30),
            "files": lambda: [open("/dev/null") for _ in range(600)],
            "limits": lambda: resource.prlimit(0, resource.RLIMIT_DATA, (-1, -1)),
            "pair": lambda: socket.socketpair(),
            "own folder": lambda: open(__file__).read(),
            "scratch": lambda: tempfile.mkdtemp(),
            "null": lambda: open("/dev/null", "w").write("x"),
            "thread": start_thread,
            "own process": lambda: os.kill(os.getpid(), 0),
        }
        def attempt(function):
            try:
                function()
                return "ok"
            except Exception as e:
                return type(e).__name__
        return {name: attempt(function) for name, function in attempts.items()}
'''
_ALLOWED = ("pair", "own folder", "scratch", "null", "thread", "own process")


@unittest.skipUnless(sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64"), "no Linux on x86-64 or ARM64")
class Confined(unittest.TestCase):
    def attempts(self, **limits: Any) -> Dict[str, str]:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
            outside = write_model(other, "secret", "file") + "/file"
            with Child(write_model(folder, _MODEL), confine={**CONFINED, **limits}) as child:
                granted = child.ready()["confined"]
                for name in ("files", "network", "processes", "memory"):
                    if name not in granted and not limits.get(name):
                        self.skipTest(f"the kernel does not confine {name}")
                with child.connect() as connection:
                    return connection.ask(None, {"outside": outside}).value

    def test_everything_else_is_refused(self) -> None:
        results = self.attempts()
        special = {"memory": "MemoryError", "files": "OSError"}
        for name, result in results.items():
            with self.subTest(name):
                self.assertEqual("ok" if name in _ALLOWED else special.get(name, "PermissionError"), result)

    def test_a_network_that_is_granted(self) -> None:
        self.assertEqual("ok", self.attempts(network=True)["tcp"])

    def test_a_folder_that_is_granted(self) -> None:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
            path = os.path.join(write_model(other, "data", "file"), "file")
            code = "class Model:\n    def predict(self, inputs):\n        return open(inputs).read()\n"
            with Child(write_model(folder, code), confine={**CONFINED, "files": [other]}) as child:
                child.ready()
                with child.connect() as connection:
                    self.assertEqual("data", connection.ask(None, path).value)


class Filters(unittest.TestCase):
    def test_every_jump_of_a_filter_lands_inside_it(self) -> None:
        for architecture in seccomp._ARCHITECTURES.values():
            for network, processes in ((False, False), (True, False), (False, True), (True, True)):
                program = seccomp.instructions(architecture, 1, network, processes)
                self.assertLess(len(program), 4096)
                for at, (code, if_true, if_false, _) in enumerate(program):
                    if code & 0x07 == 0x05:
                        self.assertLess(at + 1 + max(if_true, if_false), len(program))
                self.assertEqual(0x06, program[-1][0])


if __name__ == "__main__":
    unittest.main()
