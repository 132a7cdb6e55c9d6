"""What this interpreter lacks of a model's requirements: one JSON list on standard output.

Arguments: a requirements file or an empty text, then requirements that the artifact itself shows; what the file says about the same
package goes before these. Each entry is `{"requirement", "found", "shown"}`: the line, the version that is installed instead or
null, and whether the artifact shows it. Standard library only: where `packaging` can be had (alone, or inside pip) versions and
markers are judged by it; without it only presence is, and exact versions by their text.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from typing import Any, Dict, Iterator, Optional, Sequence

_Requirement: Any
try:
    from packaging.requirements import InvalidRequirement, Requirement as _Requirement
except ImportError:
    try:
        from pip._vendor.packaging.requirements import InvalidRequirement, Requirement as _Requirement
    except ImportError:
        _Requirement = None

_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(==\s*([^\s;,*]+)(?!\S))?")
# The same library under another name.
_TWINS = {"xgboost": "xgboost-cpu"}


def lines(path: str) -> Iterator[str]:
    """Requirements of the file, without comments, options and continuation marks."""
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("\\\n", " ")
    for line in text.splitlines():
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        line = re.sub(r"\s--hash=\S+", "", line)
        if line:
            yield line


def name_of(line: str) -> str:
    """The package's normal name; empty for an option, an address or a path."""
    match = None if line.startswith(("-", ".")) or "://" in line else _NAME.match(line)
    return re.sub(r"[-_.]+", "-", match.group(1)).lower() if match else ""


def is_met(line: str, found: Optional[str]) -> bool:
    """Whether the version that is installed is enough; SystemExit for a line that nobody understands."""
    if not name_of(line):
        return False
    if _Requirement is None:
        wanted = _NAME.match(line).group(3)  # type: ignore[union-attr]
        return found is not None and wanted in (None, found)
    try:
        requirement = _Requirement(line)
    except InvalidRequirement as error:
        raise SystemExit(f"{line}: {error}") from None
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    return found is not None and requirement.specifier.contains(found, prereleases=True)


def installed(name: str) -> Optional[str]:
    for candidate in filter(None, (name, _TWINS.get(name))):
        try:
            return metadata.version(candidate)
        except metadata.PackageNotFoundError:
            pass
    return None


def unmet(path: str, shown: Sequence[str]) -> Iterator[Dict[str, Any]]:
    of_file = list(lines(path)) if path else []
    named = {name_of(line) for line in of_file}
    for line in [*of_file, *(line for line in shown if name_of(line) not in named)]:
        found = installed(name_of(line))
        if not is_met(line, found):
            yield {"requirement": line, "found": found, "shown": line in shown}


def main() -> None:
    print(json.dumps(list(unmet(sys.argv[1], sys.argv[2:]))))


if __name__ == "__main__":
    main()
