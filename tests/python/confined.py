"""Runs a program under the system calls that a systemd unit leaves it, by libseccomp, as systemd does.

Takes systemd-analyze, the unit, and the program with its arguments. What the unit forbids kills the program, where systemd
would answer with an error that a program might swallow.
"""

import ctypes
import errno
import os
import re
import resource
import subprocess
import sys

KILL, ALLOW, ERROR = 0x80000000, 0x7FFF0000, 0x00050000
EQUAL, MASKED_EQUAL = 4, 7
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
LAST_FAMILY = 45
PROT_WRITE, PROT_EXEC = 2, 4
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
NAMESPACES = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000
PR_CAPBSET_DROP = 24
CLONE_NEWUSER = 0x10000000
USER = 65532


class Comparison(ctypes.Structure):
    """`struct scmp_arg_cmp`"""

    _fields_ = [
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    ]


def main(analyze, unit, *program):
    settings = read(unit)
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError as error:
        sys.exit(f"no libseccomp: {error}")
    library.seccomp_init.restype = ctypes.c_void_p
    filters = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(KILL)))

    def rule(action, name, *comparisons):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # of another machine
            return
        array = (Comparison * len(comparisons))(*comparisons)
        failed = library.seccomp_rule_add_array(
            filters, ctypes.c_uint32(action), number, len(comparisons), array
        )
        if failed:
            sys.exit(f"{name}: {os.strerror(-failed)}")

    left = calls(analyze, settings["SystemCallFilter"])
    special = {"socket", "mmap", "mprotect", "pkey_mprotect", "clone", "clone3", "unshare", "setns"}
    for name in sorted(left - special):
        rule(ALLOW, name)
    left_families = {FAMILIES[name] for name in settings["RestrictAddressFamilies"][0].split()}
    for family in range(LAST_FAMILY + 1):
        action = ALLOW if family in left_families else ERROR | errno.EAFNOSUPPORT
        rule(action, "socket", Comparison(0, EQUAL, family, 0))
    only("MemoryDenyWriteExecute", "yes", settings)
    for protection in (0, PROT_WRITE, PROT_EXEC):
        both = PROT_WRITE | PROT_EXEC
        rule(ALLOW, "mmap", Comparison(2, MASKED_EQUAL, both, protection))
    rule(ALLOW, "mprotect", Comparison(2, MASKED_EQUAL, PROT_EXEC, 0))
    only("RestrictNamespaces", "yes", settings)
    rule(ALLOW, "clone", Comparison(0, MASKED_EQUAL, NAMESPACES, 0))
    # Its flags lie in memory: libraries go back to the call above.
    rule(ERROR | errno.ENOSYS, "clone3")

    if os.geteuid() == 0:
        only("CapabilityBoundingSet", "", settings)
        for capability in range(64):
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        only("PrivateUsers", "yes", settings)
        become_a_user()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    failed = library.seccomp_load(filters)
    if failed:
        sys.exit(f"seccomp_load: {os.strerror(-failed)}")
    os.execv(program[0], program)


def become_a_user():
    """Root is a user like any other in a namespace of its own, and what root owns is that user's."""
    user, group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None).unshare(CLONE_NEWUSER):
        sys.exit("no user namespaces")
    for name, line in [
        ("uid_map", f"{USER} {user} 1"),
        ("setgroups", "deny"),
        ("gid_map", f"{USER} {group} 1"),
    ]:
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(line)


def read(unit):
    """The values of each setting, in their order."""
    settings = {}
    with open(unit, encoding="utf-8") as file:
        for name, value in re.findall(r"^(\w+)=(.*)$", file.read(), re.MULTILINE):
            settings.setdefault(name, []).append(value)
    return settings


def only(name, value, settings):
    """What this driver sets up must be what the unit says."""
    if settings.get(name) != [value]:
        sys.exit(f"{name} is {settings.get(name)}")


def calls(analyze, lines):
    """The system calls that the lines of a filter leave, the first of which allows."""
    left = group(analyze, "@default")
    for line in lines:
        named = set().union(*(group(analyze, name) for name in line.lstrip("~").split()))
        left = left - named if line.startswith("~") else left | named
    return left


def group(analyze, name):
    """The system calls of a group and of the groups in it."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(
        [analyze, "syscall-filter", "--no-pager", name], check=True, capture_output=True, text=True
    ).stdout
    entries = [line.strip() for line in listed.splitlines()[1:]]
    entries = [entry for entry in entries if entry and not entry.startswith("#")]
    return set().union(*(group(analyze, entry) for entry in entries))


main(*sys.argv[1:])
