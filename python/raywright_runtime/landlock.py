"""Files, by Landlock (Linux 5.13): what is not granted here cannot be opened, whoever the process belongs to.

See landlock(7); constants from linux/landlock.h.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION_QUERY = 1
_PATH_BENEATH = 1

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
_MAKE_CHAR = 1 << 6
_MAKE_BLOCK = 1 << 11
_REFER = 1 << 13
TRUNCATE = 1 << 14
IOCTL_DEV = 1 << 15

_FILES_OF_VERSION = ((1, (1 << 13) - 1), (2, _REFER), (3, TRUNCATE), (5, IOCTL_DEV))
_NETWORK_SINCE, _BIND_AND_CONNECT_TCP = 4, 0b11
_SCOPES_SINCE, _ABSTRACT_SOCKETS_AND_SIGNALS = 6, 0b11

READ = EXECUTE | READ_FILE | READ_DIR
_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
_DEVICE = READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Of the kernel's Landlock; 0 where there is none."""
    answer = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_QUERY))
    return max(0, answer)


def restrict(readable: Iterable[str], writable: Iterable[str], devices: Iterable[str], network: bool) -> None:
    """Restricts this thread and those that it starts. Needs `no_new_privs`. Paths that do not exist are skipped."""
    available = version()
    if available == 0:
        raise OSError("the kernel has no Landlock")
    handled = sum(rights for since, rights in _FILES_OF_VERSION if since <= available)
    attributes = struct.pack("=Q", handled)
    if available >= _NETWORK_SINCE:
        attributes += struct.pack("=Q", 0 if network else _BIND_AND_CONNECT_TCP)
    if available >= _SCOPES_SINCE:
        attributes += struct.pack("=Q", _ABSTRACT_SOCKETS_AND_SIGNALS)
    ruleset = _checked(_libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0)))
    try:
        # Files can be run from where they are read, not from where they are written.
        write = handled & ~(EXECUTE | _MAKE_CHAR | _MAKE_BLOCK | IOCTL_DEV)
        for paths, rights in ((readable, READ), (writable, write), (devices, _DEVICE)):
            for path in paths:
                _grant(ruleset, path, rights & handled)
        _checked(_libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)))
    finally:
        os.close(ruleset)


def _grant(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _ON_FILES
        rule = struct.pack("=Qi", rights, fd)
        _checked(_libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, ctypes.c_uint32(0)))
    finally:
        # A rule holds for an inode, and /proc makes a new one when nobody has it open.
        if not path.startswith("/proc/"):
            os.close(fd)


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
