"""Confinement: a hand gives up, for good, what its work does not need. Linux alone offers the means.

Layers overlap on purpose: where a kernel or a container withholds one, the others still stand, and the hand's report
says which is missing. All of them bind the whole process, which must be single-threaded when it calls `confine`.
"""

import ctypes
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import landlockpy
import seccompy
from landlockpy import AccessFS, AccessNet, Ruleset, Scope
from msgspec import Struct
from seccompy import Action, ArgCmp, CmpOp, Filter

from bowerbird.base.hand import Confinement

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_CAPABILITY_VERSION_3 = 0x2008_0522
_PROT_EXEC = 4
_AF_INET, _AF_INET6, _AF_NETLINK = 2, 10, 16
_SOCK_STREAM, _SOCK_DGRAM, _SOCK_RAW, _SOCK_TYPE_MASK = 1, 2, 3, 0xF
_DNS_PORT = 53
_EPERM = 1

_COMPUTING = (
    *("read", "write", "close", "lseek", "fstat"),
    *("munmap", "mremap", "brk", "madvise", "futex", "membarrier", "rseq"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("clock_gettime", "clock_nanosleep", "setitimer", "gettimeofday", "getrandom", "getrusage"),
    *("getpid", "gettid", "sched_yield", "sched_getaffinity"),
    *("exit", "exit_group"),
)
_SPEAKING = (
    *("connect", "bind", "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "shutdown"),
    *("poll", "ppoll", "getsockname", "getpeername", "getsockopt", "setsockopt", "ioctl", "fcntl"),
    *("open", "openat", "stat", "newfstatat", "fstatat", "statx", "access", "pread64", "readlink", "uname"),
    *("getuid", "geteuid", "getgid", "getegid"),
)


class Profile(Struct, frozen=True, kw_only=True):
    """What a hand keeps: the network or not, files it may read, and ports it may connect to (None: any)."""

    network: bool = False
    readable: tuple[str, ...] = ()
    tcp_ports: tuple[int, ...] | None = ()


COMPUTE = Profile()
"""Memory, time, and the two pipes it was born with: no socket, no file, no process, no new code."""


def confine(profile: Profile) -> Confinement:
    """Apply every layer that this kernel has, the strictest last. It cannot be undone."""
    # Both packages look for the C library at their first call, by starting a program: that must be over before.
    landlockpy.supported()
    seccompy.supported()
    applied: list[str] = []
    missing: list[str] = []
    for name, apply in _layers(profile):
        try:
            apply()
            applied.append(name)
        except (OSError, AttributeError) as error:
            missing.append(f"{name} ({error})")
    return Confinement(applied, missing)


def _layers(profile: Profile) -> list[tuple[str, Callable[[], None]]]:
    alone = [] if profile.network else [("a network namespace of its own", _leave_network)]
    return [
        *alone,
        ("dies with its parent, leaves no core, gains no privileges", _settle),
        ("writes no file, starts no process", _limit),
        ("no capabilities", _drop_capabilities),
        ("files by Landlock", lambda: _landlock_files(profile.readable)),
        ("ports by Landlock", lambda: _landlock_ports(profile.tcp_ports)),
        ("system calls by seccomp", lambda: _filter(network=profile.network)),
    ]


def _call(name: str, *arguments: object) -> None:
    """Call a C library function; OSError when it returns anything but 0, AttributeError where there is none."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _settle() -> None:
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _limit() -> None:
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        resource.setrlimit(kind, (0, 0))


def _leave_network() -> None:
    _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    _call("capset", ctypes.byref(header), ctypes.byref(none))


def _landlock_files(readable: tuple[str, ...]) -> None:
    scoped = Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL
    with Ruleset(handled_net=AccessNet.NONE, scoped=scoped) as rules:
        for path in readable:
            if Path(path).exists():
                rules.allow_path(path, AccessFS.READ_FILE)
        rules.restrict()


def _landlock_ports(ports: tuple[int, ...] | None) -> None:
    handled = AccessNet.BIND_TCP if ports is None else AccessNet.BIND_TCP | AccessNet.CONNECT_TCP
    with Ruleset(handled_fs=AccessFS.NONE, handled_net=handled, best_effort=False) as rules:
        for port in (*ports, _DNS_PORT) if ports else ():
            rules.allow_port(port, AccessNet.CONNECT_TCP)
        rules.restrict()


def _filter(*, network: bool) -> None:
    """Allow the calls that the work is made of; any other fails as not permitted.

    Calls are named in an allow-list because what is not known here, another ABI's numbers included, is then refused.
    """
    rules = Filter(default=Action.ERRNO | _EPERM)
    no_code = [ArgCmp(2, CmpOp.MASKED_EQ, 0, mask=_PROT_EXEC)]
    rules.allow("mmap", args=no_code)
    rules.allow("mprotect", args=no_code)
    for name in (*_COMPUTING, *(_SPEAKING if network else ())):
        _allow(rules, name)
    if network:
        _allow_sockets(rules)
    rules.load()


def _allow(rules: Filter, name: str) -> None:
    try:
        rules.allow(name)
    except ValueError:  # this architecture has no such call
        return


def _allow_sockets(rules: Filter) -> None:
    for family in (_AF_INET, _AF_INET6):
        for kind in (_SOCK_STREAM, _SOCK_DGRAM):
            of_kind = ArgCmp(1, CmpOp.MASKED_EQ, kind, mask=_SOCK_TYPE_MASK)
            rules.allow("socket", args=[ArgCmp(0, CmpOp.EQ, family), of_kind])
    # The resolver asks the kernel which addresses this machine has, to order its answers.
    rules.allow(
        "socket", args=[(0, CmpOp.EQ, _AF_NETLINK), (1, CmpOp.MASKED_EQ, _SOCK_RAW, _SOCK_TYPE_MASK), (2, 0, 0)]
    )
