"""Takes from this process what a model does not need."""

from __future__ import annotations

import ctypes
import glob
import os
import sys
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence, Tuple

_PR_SET_NO_NEW_PRIVS = 38
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sys", "/dev")
# Not all of /etc: it also holds passwords' hashes, host keys and what administrators put there.
_SETTINGS = tuple(
    f"/etc/{name}"
    for name in (
        "alternatives ca-certificates ca-certificates.conf fonts gai.conf group host.conf hosts ld.so.cache ld.so.conf ld.so.conf.d locale.alias "
        "localtime magic mime.types nsswitch.conf nvidia OpenCL passwd pki/tls/certs protocols python3 python3.11 resolv.conf services ssl/certs "
        "ssl/openssl.cnf timezone vulkan"
    ).split()
)
# Not all of /proc: a process with the rights of root may read there what others hold in their environment.
_PROCESS = tuple(f"/proc/{name}" for name in "self cpuinfo devices driver filesystems loadavg meminfo stat sys uptime version".split())
_DEVICES = ("/dev/null", "/dev/nvidia*", "/dev/nvidia-caps/*", "/dev/dri/*", "/dev/kfd")


@dataclass(frozen=True)
class Limits:
    """What the server asks for."""

    files: Tuple[str, ...]
    network: bool
    processes: bool
    memory_bytes: Optional[int]
    open_files: Optional[int]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Limits:
        return cls(
            files=tuple(document.get("files") or ()),
            network=bool(document.get("network")),
            processes=bool(document.get("processes")),
            memory_bytes=document.get("memoryBytes"),
            open_files=document.get("openFiles"),
        )


def confine(limits: Limits, readable: Sequence[str], writable: Sequence[str]) -> List[str]:
    """Confines this process as far as its system can; names what was granted. No other thread may run yet."""
    # Limits first: the filter forbids to change them.
    memory = _resources(limits)
    granted: List[str] = []
    if sys.platform == "linux" and _no_new_privileges():
        if _files(limits, readable, writable):
            granted.append("files")
        if _calls(limits):
            granted += [name for name, open_ in (("network", limits.network), ("processes", limits.processes)) if not open_]
    return [*granted, "memory"] if memory else granted


def confine_installer(hidden: Sequence[str], readable: Sequence[str], writable: Sequence[str]) -> bool:
    """Lets this process and what it starts read everything but `hidden`, and write nothing but `writable`: settings of an installer
    may name any folder, but what a package does while it is installed must not reach secrets. False where that cannot be."""
    if sys.platform != "linux" or not _no_new_privileges():
        return False
    from . import landlock, seccomp

    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        # Both lists: what is built in a folder is run there, too.
        landlock.restrict([*_everything_but([*hidden, "/proc"]), *_PROCESS, own, *readable, *writable], writable, ["/dev/null"], network=True)
        seccomp.restrict(network=True, processes=True)
    except OSError as e:
        print(f"The installer is not confined: {e}", file=sys.stderr)
        return False
    return True


def _everything_but(hidden: Sequence[str]) -> List[str]:
    """Paths that, with all below them, are the whole file system without `hidden`."""
    closed = {os.path.realpath(path) for path in hidden}
    granted: List[str] = []
    open_ = ["/"]
    while open_:
        folder = open_.pop()
        try:
            entries = [entry.path for entry in os.scandir(folder)]
        except OSError:
            continue
        for path in entries:
            if path in closed:
                continue
            if any(inner.startswith(path + "/") for inner in closed):
                open_.append(path)
            else:
                granted.append(path)
    return granted


def _no_new_privileges() -> bool:
    one, none = ctypes.c_ulong(1), ctypes.c_ulong(0)
    return ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, one, none, none, none) == 0


def _files(limits: Limits, readable: Sequence[str], writable: Sequence[str]) -> bool:
    from . import landlock

    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folders = [*_SYSTEM, *_SETTINGS, *_PROCESS, sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path), own, *readable, *limits.files]
    devices = [path for pattern in _DEVICES for path in glob.glob(pattern)]
    try:
        landlock.restrict(dict.fromkeys(folders), writable, devices, limits.network)
    except OSError as e:
        print(f"Files are not confined: {e}", file=sys.stderr)
        return False
    return True


def _calls(limits: Limits) -> bool:
    from . import seccomp

    try:
        seccomp.restrict(limits.network, limits.processes)
    except OSError as e:
        print(f"Network and processes are not confined: {e}", file=sys.stderr)
        return False
    return True


def _resources(limits: Limits) -> bool:
    """Whether memory is limited: private memory, on Linux alone."""
    try:
        import resource
    except ImportError:
        return False
    _limit(resource.RLIMIT_CORE, 0)
    if limits.open_files:
        _limit(resource.RLIMIT_NOFILE, limits.open_files)
    return bool(limits.memory_bytes) and sys.platform == "linux" and _limit(resource.RLIMIT_DATA, limits.memory_bytes or 0)


def _limit(kind: int, value: int) -> bool:
    import resource

    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(kind, (value, value))
    except (OSError, ValueError) as e:
        print(f"A limit of {value} is not granted: {e}", file=sys.stderr)
        return False
    return True
