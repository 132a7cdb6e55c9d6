"""What a declared application checks before it loads anything."""

from __future__ import annotations

import hashlib
import importlib.util
import tempfile
import unittest
from pathlib import Path

HAS_RAY = importlib.util.find_spec("ray") is not None and importlib.util.find_spec("ray.serve") is not None


@unittest.skipUnless(HAS_RAY, "ray[serve] is not installed")
class ApplicationTests(unittest.TestCase):
    def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = Path(self._folder.name)
        (self.folder / "wheels").mkdir()
        (self.folder / "wheels" / "a.whl").write_bytes(b"a")
        (self.folder / "model.onnx").write_bytes(b"abc")

    def test_digest_is_that_of_the_server(self) -> None:
        from raywright_runtime.ray.application import digest

        lines = "".join(f"{path}\0{len(data)}\0{hashlib.sha256(data).hexdigest()}\n" for path, data in (("model.onnx", b"abc"), ("wheels/a.whl", b"a")))
        self.assertEqual(hashlib.sha256(lines.encode()).hexdigest(), digest(str(self.folder)))

    def test_a_package_with_other_files_is_refused(self) -> None:
        from raywright_runtime.errors import LoadError
        from raywright_runtime.ray.application import Replica

        with self.assertRaisesRegex(LoadError, "the package holds the version"):
            Replica._load({"folder": str(self.folder), "version": "0" * 64})

    def test_build_binds_what_is_loaded(self) -> None:
        from ray import serve

        from raywright_runtime.ray.application import build

        self.assertIsInstance(build({"order": {"model": "iris"}}), serve.Application)


if __name__ == "__main__":
    unittest.main()
