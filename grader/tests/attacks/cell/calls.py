"""Makes the system calls that programs get out by. Outcome: held."""
import ctypes
import os
import platform
import signal
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
X32 = 0x40000000
allowed = []


def call(name, number, *arguments):
    converted = [ctypes.c_char_p(a) if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    if libc.syscall(ctypes.c_long(number), *converted) != -1:
        allowed.append(name)


if platform.machine() == "x86_64":
    # The two are always possible to make fail for other reasons, so each gets arguments that would work for root.
    numbers = {
        "ptrace": (101, 16, 1, 0, 0),
        "unshare users": (272, 0x10000000),
        "unshare network": (272, 0x40000000),
        "setns": (308, 0, 0),
        "mount": (165, b"none", b"/tmp", b"tmpfs", 0, 0),
        "umount": (166, b"/tmp", 2),
        "pivot_root": (155, b"/tmp", b"/tmp"),
        "chroot": (161, b"/tmp"),
        "open_tree": (428, -100, b"/tmp", 1),
        "fsopen": (430, b"tmpfs", 0),
        "bpf": (321, 0, 0, 0),
        "perf_event_open": (298, 0, 0, -1, -1, 0),
        "userfaultfd": (323, 1),
        "io_uring_setup": (425, 1, ctypes.addressof(ctypes.create_string_buffer(256))),
        "add_key": (248, b"user", b"name", b"value", 5, -2),
        "keyctl": (250, 0, -3, 1),
        "request_key": (249, b"user", b"name", 0, 0),
        "process_vm_readv": (310, 1, 0, 0, 0, 0, 0),
        "pidfd_getfd": (438, 0, 0, 0),
        "kcmp": (312, 1, os.getpid(), 0, 0, 0),
        "name_to_handle_at": (303, -100, b"/tmp", 0, 0, 0),
        "open_by_handle_at": (304, -100, 0, 0),
        "quotactl": (179, 0, 0, 0, 0),
        "init_module": (175, 0, 0, b""),
        "kexec_load": (246, 0, 0, 0, 0),
        "reboot": (169, 0xFEE1DEAD, 672274793, 0, 0),
        "swapon": (167, b"/tmp", 0),
        "syslog": (103, 10, 0, 0),
        "sethostname": (170, b"x", 1),
        "settimeofday": (164, 0, 0),
        "iopl": (172, 3),
        "clone into new users": (56, 0x10000000 | 17, 0, 0, 0, 0),
        "clone3": (435, ctypes.addressof(ctypes.create_string_buffer(88)), 88),
        "setuid": (105, 0),
        "setgid": (106, 0),
        "setgroups": (116, 0, 0),
        "mknod": (133, b"/tmp/device", 0o60600, 0x800),
    }
    for name, (number, *arguments) in numbers.items():
        call(name, number, *arguments)
        if number not in (105, 106, 116, 133):
            call(f"{name} (x32)", number | X32, *arguments)
    call("ptrace (x32)", 521 | X32, 16, 1, 0, 0)
for path, flags in {
    "/proc/sys/kernel/core_pattern": os.O_WRONLY,
    "/proc/sys/kernel/panic": os.O_WRONLY,
    "/proc/sysrq-trigger": os.O_WRONLY,
    "/proc/kcore": os.O_RDONLY,
    "/proc/1/mem": os.O_RDWR,
    "/proc/1/oom_score_adj": os.O_WRONLY,
    "/proc/self/uid_map": os.O_WRONLY,
    "/dev/mem": os.O_RDWR,
    "/dev/tty": os.O_RDWR,
    "/dev/kmsg": os.O_RDWR,
    "/dev/fuse": os.O_RDWR,
}.items():
    try:
        os.close(os.open(path, flags))
        if path != "/proc/self/uid_map":  # which can be opened, and never be written again
            allowed.append(path)
        else:
            os.write(os.open(path, flags), b"0 0 1")
            allowed.append(path)
    except OSError:
        pass
if os.getuid() == 0 or os.geteuid() == 0:
    allowed.append("to be root")
# Its parent does not hear it, and everybody else is its own.
for number in [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP]:
    try:
        os.kill(1, number)
    except OSError:
        pass
signal.signal(signal.SIGTERM, signal.SIG_IGN)  # before there is a child that sends it to everybody
if os.fork() == 0:
    os.kill(-1, signal.SIGTERM)
    os._exit(0)
os.wait()
print(allowed)
sys.exit(1 if allowed else 0)
