"""System calls, by a seccomp filter: what a model never needs, what reaches other processes, and on demand network and processes.

See seccomp(2). A call that is refused fails with EPERM, so that Python raises an ordinary PermissionError.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass
from typing import Dict, List, Sequence, Tuple

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT = 0x15, 0x35, 0x45
_ALLOW, _KILL_PROCESS, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_REFUSE = _FAIL | errno.EPERM

_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000

_CLONE_THREAD = 0x00010000
_SOCK_STREAM, _SOCK_TYPES = 1, 0xF

_NEVER = (
    # other processes
    "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd perf_event_open "
    # ways around a filter or around paths
    "io_uring_setup io_uring_enter io_uring_register bpf userfaultfd open_by_handle_at "
    # another view of the machine, and the machine itself
    "mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr unshare setns "
    "keyctl add_key request_key init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff settimeofday clock_settime "
    # limits stay as they are
    "setrlimit"
).split()
_PROCESSES = "fork vfork execve execveat tkill pidfd_open pidfd_send_signal".split()
_SIGNALS = "kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo".split()
_NETWORK = "socket connect".split()

# Since Linux 5.1 all architectures number new calls alike.
_COMMON = {
    "pidfd_send_signal": 424,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_open": 434,
    "clone3": 435,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
}
_X86_64 = {
    "socket": 41,
    "connect": 42,
    "socketpair": 53,
    "clone": 56,
    "fork": 57,
    "vfork": 58,
    "execve": 59,
    "kill": 62,
    "ptrace": 101,
    "rt_sigqueueinfo": 129,
    "pivot_root": 155,
    "setrlimit": 160,
    "chroot": 161,
    "settimeofday": 164,
    "mount": 165,
    "umount2": 166,
    "swapon": 167,
    "swapoff": 168,
    "reboot": 169,
    "init_module": 175,
    "delete_module": 176,
    "tkill": 200,
    "clock_settime": 227,
    "tgkill": 234,
    "kexec_load": 246,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "unshare": 272,
    "rt_tgsigqueueinfo": 297,
    "perf_event_open": 298,
    "prlimit64": 302,
    "open_by_handle_at": 304,
    "setns": 308,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "kcmp": 312,
    "finit_module": 313,
    "kexec_file_load": 320,
    "bpf": 321,
    "execveat": 322,
    "userfaultfd": 323,
}
_AARCH64 = {
    "umount2": 39,
    "mount": 40,
    "pivot_root": 41,
    "chroot": 51,
    "kexec_load": 104,
    "init_module": 105,
    "delete_module": 106,
    "clock_settime": 112,
    "ptrace": 117,
    "kill": 129,
    "tkill": 130,
    "tgkill": 131,
    "rt_sigqueueinfo": 138,
    "reboot": 142,
    "setrlimit": 164,
    "settimeofday": 170,
    "socket": 198,
    "socketpair": 199,
    "connect": 203,
    "add_key": 217,
    "request_key": 218,
    "keyctl": 219,
    "clone": 220,
    "execve": 221,
    "swapon": 224,
    "swapoff": 225,
    "unshare": 97,
    "rt_tgsigqueueinfo": 240,
    "perf_event_open": 241,
    "prlimit64": 261,
    "open_by_handle_at": 265,
    "setns": 268,
    "process_vm_readv": 270,
    "process_vm_writev": 271,
    "kcmp": 272,
    "finit_module": 273,
    "bpf": 280,
    "execveat": 281,
    "userfaultfd": 282,
    "kexec_file_load": 294,
}


@dataclass(frozen=True)
class Architecture:
    audit: int
    calls: Dict[str, int]
    has_x32: bool = False


_ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, {**_COMMON, **_X86_64}, has_x32=True),
    "aarch64": Architecture(0xC00000B7, {**_COMMON, **_AARCH64}),
}

Instruction = Tuple[int, int, int, int]


def restrict(network: bool, processes: bool) -> None:
    """Filters the calls of this thread and those that it starts. Needs `no_new_privs`."""
    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None or sys.maxsize < 1 << 32:
        raise OSError(f"there is no filter for {platform.machine()}")
    program = b"".join(struct.pack("=HBBI", *i) for i in instructions(architecture, os.getpid(), network, processes))
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), header, ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def instructions(architecture: Architecture, pid: int, network: bool, processes: bool) -> List[Instruction]:
    """The filter. Each rule is a block that returns or falls through to the next with the call's number loaded."""
    program: List[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, architecture.audit),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if architecture.has_x32:
        program += [(_JUMP_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE)]

    def rule(name: str, *body: Instruction) -> None:
        number = architecture.calls.get(name)
        if number is not None:
            program.append((_JUMP_EQUAL, 0, len(body), number))
            program.extend(body)

    for name in _NEVER:
        rule(name, (_RETURN, 0, 0, _REFUSE))
    # Reading a limit is fine: the pointer to a new one must be null.
    rule("prlimit64", *_only_if(_argument(2), 0), *_only_if(_argument(2, high=True), 0), (_RETURN, 0, 0, _ALLOW))
    if not processes:
        for name in _PROCESSES:
            rule(name, (_RETURN, 0, 0, _REFUSE))
        rule("clone", (_LOAD, 0, 0, _argument(0)), (_JUMP_ANY_BIT, 1, 0, _CLONE_THREAD), (_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW))
        # Its flags are behind a pointer, out of a filter's sight; without it the C library starts threads by clone.
        rule("clone3", (_RETURN, 0, 0, _FAIL | errno.ENOSYS))
        for name in _SIGNALS:
            rule(name, *_only_if(_argument(0), pid), (_RETURN, 0, 0, _ALLOW))
    if not network:
        for name in _NETWORK:
            rule(name, (_RETURN, 0, 0, _REFUSE))
        # A datagram socket of a pair could still send to an address.
        rule("socketpair", (_LOAD, 0, 0, _argument(1)), (_AND, 0, 0, _SOCK_TYPES), (_JUMP_EQUAL, 1, 0, _SOCK_STREAM), (_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW))
    program.append((_RETURN, 0, 0, _ALLOW))
    return program


def _argument(index: int, high: bool = False) -> int:
    """Where half an argument lies; all architectures here are little-endian."""
    return _ARGUMENTS + 8 * index + (4 if high else 0)


def _only_if(offset: int, value: int) -> Sequence[Instruction]:
    return ((_LOAD, 0, 0, offset), (_JUMP_EQUAL, 1, 0, value), (_RETURN, 0, 0, _REFUSE))
