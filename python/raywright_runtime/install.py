"""Makes a virtual environment: one JSON line on standard input says of what, JSON lines on standard output say how it goes.

`{"place", "scratch", "uv", "file", "shown", "links", "hidden"}`: the folder to make, one for what lies in between, the `uv` to use
or null for `venv` and `pip`, a requirements file or null, further requirements, a folder of wheels or null, and folders that no
package may read while it is installed: source packages run their own code. Answers
`{"event": "plan", "packages": [{"name", "version", "bytes"}]}` where `pip` can tell, then `{"event": "made"}` or
`{"event": "failed", "detail"}`. All that it started ends with its standard input.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Iterator, List, Optional, Sequence

from .confinement import confine_installer

_SIZE_PATIENCE_S = 5
_LAST_LINES = 6
_CACHES = (("PIP_CACHE_DIR", "pip"), ("UV_CACHE_DIR", "uv"))
_SECRETS = (".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".config/gcloud")


class Failed(Exception):
    """A program ended with another status than 0; its last words."""


def main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    # A group of its own, so that what an installer starts can be ended with it.
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    threading.Thread(target=_end_with_input, daemon=True).start()
    os.environ["TMPDIR"] = tempfile.tempdir = order["scratch"]
    os.makedirs(order["place"], exist_ok=True)
    hidden = [*order["hidden"], *(os.path.join(os.path.expanduser("~"), name) for name in _SECRETS)]
    confine_installer(hidden, readable=[os.path.dirname(order["file"])] if order["file"] else [], writable=[order["place"], order["scratch"], *_caches()])
    try:
        make(order["place"], order["uv"], [*(("-r", order["file"]) if order["file"] else ()), *order["shown"]], order["links"])
        tell({"event": "made"})
    except Failed as e:
        tell({"event": "failed", "detail": str(e)})


def make(place: str, uv: Optional[str], requirements: Sequence[str], links: Optional[str]) -> None:
    """From the wheels alone where they are enough: then no index is asked, and none need be reachable."""
    python = os.path.join(place, "Scripts" if os.name == "nt" else "bin", "python")
    run([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, place] if uv else [sys.executable, "-m", "venv", place])
    program = [uv, "pip", "install", "--quiet", "--python", python] if uv else [python, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    sources: List[List[str]] = [["--no-index", "--find-links", links], ["--find-links", links]] if links else [[]]
    for number, options in enumerate(sources):
        try:
            install = [*program, *requirements, *options]
            if not uv:
                plan(install)
            run(install)
            return
        except Failed:
            if number == len(sources) - 1:
                raise


def plan(install: Sequence[str]) -> None:
    """Says what would be installed and how large it is. A `pip` from before 22.2 cannot tell."""
    report = os.path.join(tempfile.gettempdir(), "report.json")
    try:
        run([*install, "--dry-run", "--report", report])
    except Failed as e:
        if "no such option" in str(e):
            return
        raise
    with open(report, encoding="utf-8") as file:
        items = json.load(file)["install"]
    with ThreadPoolExecutor(8) as pool:
        tell({"event": "plan", "packages": list(pool.map(_package, items))})


def _package(item: Dict[str, Any]) -> Dict[str, Any]:
    return {"name": item["metadata"]["name"], "version": item["metadata"]["version"], "bytes": _size(item.get("download_info", {}).get("url", ""))}


def _size(url: str) -> Optional[int]:
    """Of what lies there; None where nobody says."""
    try:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme == "file":
            return os.path.getsize(urllib.request.url2pathname(parts.path))
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=_SIZE_PATIENCE_S) as answer:
            return int(answer.headers["Content-Length"])
    except (OSError, ValueError, TypeError):
        return None


def run(arguments: Sequence[str]) -> None:
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise Failed(f"{os.path.basename(arguments[0])} ended with status {done.returncode}: {last_words(done.stdout)}")


def last_words(output: str) -> str:
    """What an installer calls an error, or its last lines. pip says the same about an unreachable index once a retry."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    unreachable = ["The index cannot be reached."] if any("Failed to establish a new connection" in line for line in lines) else []
    return " ".join([*unreachable, *(errors or lines[-_LAST_LINES:])])


def tell(document: Dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _caches() -> Iterator[str]:
    """Where installers keep what they have fetched; they make the folders themselves only where they may write beside them."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    for variable, name in _CACHES:
        folder = os.environ.get(variable) or os.path.join(home, name)
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError:
            continue
        yield folder


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
