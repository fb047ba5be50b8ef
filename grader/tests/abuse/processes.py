"""What runs below this process: who is left over, and how much memory a process takes. Linux only, by /proc."""

import ctypes
import os
import signal
import sys
import time

LINUX = sys.platform.startswith("linux")
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """Makes this process the parent of every descendant that loses its own, daemons included."""
    if LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _table():
    """Parent, state and command of every process, by id."""
    table = {}
    for name in os.listdir("/proc") if LINUX else []:
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                head, _, tail = file.read().decode(errors="replace").rpartition(")")
        except OSError:
            continue
        state, parent = tail.split()[:2]
        table[int(name)] = (int(parent), state, head.partition("(")[2])
    return table


def descendants(root):
    """The living descendants of `root`, as pairs of id and command line."""
    table, found, front = _table(), [], [root]
    while front:
        parents, front = set(front), []
        for pid, (parent, state, name) in table.items():
            if parent in parents:
                front.append(pid)
                if state not in "ZX":
                    found.append((pid, command_line(pid) or name))
    return found


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode(errors="replace").strip()[:120]
    except OSError:
        return ""


def peak_megabytes(pid):
    """The most memory that a living process has had resident, in MB; 0 where that is not known."""
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) // 1024
    except OSError:
        pass
    return 0


def listening_ports(pid):
    """TCP ports on which the process listens."""
    inodes = set()
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            target = os.readlink(f"/proc/{pid}/fd/{name}")
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
        with open("/proc/net/tcp") as file:
            rows = [line.split() for line in file.readlines()[1:]]
    except OSError:
        return []
    return [int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and row[9] in inodes]


def any_below_us():
    """Is a process below us alive? Much cheaper than `descendants`, and reaps those that have ended."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return True
        except ChildProcessError:
            return False


def end_all_below_us():
    if any_below_us():
        end(pid for pid, _ in descendants(os.getpid()))


def end(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


def wait_until(fact, seconds):
    """Waits until `fact()` is true, at most so long; returns its last value."""
    limit = time.monotonic() + seconds
    while True:
        value = fact()
        if value or time.monotonic() > limit:
            return value
        time.sleep(0.02)
