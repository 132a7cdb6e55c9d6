"""Packages that a model needs and the cluster's Python lacks: looked for by the preflight, installed beside it on a node.

Not by Ray's own runtime environments: those know no wheels that come with the model, start a process of their own for each set, and
remember a failure for ten minutes. Here one folder holds what one set adds, and every replica of the node uses it.

As a program: one JSON object on standard output that says what is unmet and, where pip cannot get it, why.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence

from .. import requirements
from ..errors import LoadError

_PATIENCE_S = 900


class Wanted(NamedTuple):
    """What a version asks for: a requirements file, requirements that its artifact shows, and a folder of wheels."""

    file: Optional[str]
    shown: Sequence[str]
    wheels: Optional[str]

    @classmethod
    def of(cls, order: Dict[str, Any], folder: str) -> Wanted:
        def inside(name: str) -> Optional[str]:
            return os.path.join(folder, order[name]) if order.get(name) else None

        return cls(inside("requirements"), tuple(order.get("libraries") or ()), inside("wheels"))

    def unmet(self) -> List[Dict[str, Any]]:
        return list(requirements.unmet(self.file or "", self.shown))

    def arguments(self) -> List[str]:
        """What pip is told to install."""
        named = {requirements.name_of(line) for line in requirements.lines(self.file)} if self.file else set()
        shown = [line for line in self.shown if requirements.name_of(line) not in named]
        return [*(["-r", self.file] if self.file else []), *shown]

    def sources(self) -> List[List[str]]:
        """Where pip looks, in turn: where the wheels are enough, no index need be reachable."""
        return [["--no-index", "--find-links", self.wheels], ["--find-links", self.wheels]] if self.wheels else [[]]


def is_enough(unmet: Sequence[Dict[str, Any]]) -> bool:
    """Whether the model may be tried as it is: each library is there, in another version than the one that wrote the artifact."""
    return all(one["shown"] and one["found"] is not None for one in unmet)


def resolve(wanted: Wanted) -> List[str]:
    """Addresses of what has to be added to what is there; LoadError with pip's words where it cannot be had."""
    sources = wanted.sources()
    for number, source in enumerate(sources):
        try:
            report = json.loads(_pip("--dry-run", "--report", "-", *source, *wanted.arguments()))
            return [entry["download_info"]["url"] for entry in report["install"]]
        except LoadError:
            if number == len(sources) - 1:
                raise
    return []


def ensure(wanted: Wanted, root: str) -> Optional[str]:
    """Folder to import from besides what is installed; None where nothing is missing."""
    unmet = wanted.unmet()
    if not unmet:
        return None
    place = os.path.join(root, "packages", _key(wanted))
    os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
    with _alone(place + ".lock"):
        if os.path.isdir(place):
            return place
        try:
            addresses = resolve(wanted)
        except LoadError as e:
            if is_enough(unmet):
                print(f"packages are used in other versions than the model was made with, since those cannot be had: {e}", file=sys.stderr)
                return None
            raise
        made = place + ".made"
        shutil.rmtree(made, ignore_errors=True)
        _pip("--target", made, "--no-deps", *addresses)
        os.rename(made, place)
    return place


@contextlib.contextmanager
def _alone(path: str) -> Iterator[None]:
    """One process of the node at a time."""
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key(wanted: Wanted) -> str:
    digest = hashlib.sha256(f"{platform.python_version()}\n".encode())
    for line in [*(requirements.lines(wanted.file) if wanted.file else ()), *wanted.shown]:
        digest.update(line.encode() + b"\n")
    for name in sorted(os.listdir(wanted.wheels)) if wanted.wheels else ():
        with open(os.path.join(wanted.wheels, name), "rb") as wheel:
            digest.update(wheel.read())
    return digest.hexdigest()[:16]


def _pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise LoadError("pip was still busy after a quarter of an hour") from None
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or done.stderr.splitlines() or ["pip said nothing"]
        raise LoadError(said[-1].removeprefix("ERROR: ")[:500])
    return done.stdout


def main() -> None:
    """Arguments: the order as JSON, the version's folder."""
    wanted = Wanted.of(json.loads(sys.argv[1]), sys.argv[2])
    unmet = wanted.unmet()
    answer: Dict[str, Any] = {"unmet": unmet, "unresolved": None}
    if unmet:
        try:
            resolve(wanted)
        except LoadError as e:
            answer["unresolved"] = str(e)
    print(json.dumps({**answer, "enough": is_enough(unmet)}))


if __name__ == "__main__":
    main()
