"""Which requirements of a file this interpreter does not meet: one JSON list of texts on standard output.

Standard library only. Where `packaging` can be had (alone, or inside pip) versions and markers are judged by it; without it only
presence is, and exact versions by their text.
"""

import json
import re
import sys
from importlib import metadata

try:
    from packaging.requirements import InvalidRequirement, Requirement
except ImportError:
    try:
        from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
    except ImportError:
        Requirement = None

NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(==\s*([^\s;,]+))?")


def lines(path):
    """Requirements of the file, without comments, options and continuation marks."""
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("\\\n", " ")
    for line in text.splitlines():
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        line = re.sub(r"\s--hash=\S+", "", line)
        if line:
            yield line


def unmet(line):
    """Why the line is not met; None where it is."""
    if line.startswith("-") or "://" in line or line.startswith("."):
        return line + " (only an installer can tell)"
    if Requirement is None:
        return unmet_by_name(line)
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        raise SystemExit("%s: %s" % (line, error))
    if requirement.marker is not None and not requirement.marker.evaluate():
        return None
    found = version_of(requirement.name)
    if found is None:
        return line
    if requirement.specifier.contains(found, prereleases=True):
        return None
    return "%s (%s is installed)" % (line, found)


def unmet_by_name(line):
    match = NAME.match(line)
    if match is None:
        raise SystemExit("%s: no requirement" % line)
    found = version_of(match.group(1))
    if found is None:
        return line
    return None if match.group(3) in (None, found) else "%s (%s is installed)" % (line, found)


def version_of(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def main():
    reasons = (unmet(line) for line in lines(sys.argv[1]))
    print(json.dumps([reason for reason in reasons if reason is not None]))
