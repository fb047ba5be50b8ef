"""Looks for what others have: files, environments, memory, descriptors. Outcome: held."""
import glob
import os
import sys

secret, marks = sys.argv[1], [b"PLANTED", b"root:x:0:0:root"]
found = []


def look(path):
    try:
        with open(path, "rb", buffering=0) as file:
            text = file.read(1 << 20)
    except OSError:
        return
    if any(mark in text for mark in marks):
        found.append(path)


for path in [secret, "/etc/passwd", "/etc/shadow", "/etc/group", "/root/.bash_history", "/proc/1/environ", "/proc/1/maps"]:
    look(path)
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    look(path)
for path in glob.glob("/proc/[0-9]*/fd/*") + glob.glob("/proc/[0-9]*/root/etc/passwd"):
    if not path.startswith(f"/proc/{os.getpid()}/"):
        look(path)
attempts = [(os.listdir, "/proc/1/root"), (os.listdir, "/proc/1/cwd"), (lambda path: open(path, "r+b"), "/proc/1/mem")]
attempts += [(os.readlink, f"/proc/1/fd/{number}") for number in range(20)]
for attempt, path in attempts:
    try:
        attempt(path)
        found.append(path)
    except OSError:
        pass
for folder in os.listdir("/"):
    # The system's own files may be read.
    if folder not in ("proc", "usr", "dev", "etc") and not os.path.islink(f"/{folder}"):
        for path, _, files in os.walk(f"/{folder}"):
            found += [f"{path}/{file}" for file in files if f"{path}/{file}" != sys.argv[0]]
if os.path.exists(os.path.dirname(secret)):
    found.append(os.path.dirname(secret))
processes = [name for name in os.listdir("/proc") if name.isdigit()]
if len(processes) > 3:
    found.append(f"{len(processes)} processes")
known = {"PATH", "HOME", "TMPDIR", "LANG", "LC_CTYPE"}
found += [name for name in os.environ if name not in known]
descriptors = [name for name in os.listdir("/proc/self/fd") if int(name) > 3]
if len(descriptors) > 1:  # one is that of the listing
    found.append(f"descriptors {descriptors}")
print(found[:20])
sys.exit(1 if found else 0)
