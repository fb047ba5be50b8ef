"""An environment that is not as it should be: HOME, PATH, TMPDIR, limits, folders that are gone."""

import os

from trial import NEXT_STEP, Skipped, Trial
from .common import READING, check, with_evidence

#: Variables that must not matter to commands that read.
HARMLESS = {
    "no-home": {"HOME": None},
    "empty-home": {"HOME": ""},
    "home-nowhere": {"HOME": lambda course: str(course.outside / "nowhere/at/all")},
    "home-newline": {"HOME": "/tmp/a\nb"},
    "no-path": {"PATH": None},
    "empty-path": {"PATH": ""},
    "path-nowhere": {"PATH": "/nowhere"},
    "no-tmpdir": {"TMPDIR": None},
    "tmpdir-nowhere": {"TMPDIR": "/nowhere/at/all"},
    "tmpdir-empty": {"TMPDIR": ""},
    "tmpdir-file": {"TMPDIR": "/etc/passwd"},
    "no-lang": {"LANG": None},
    "lang-garbage": {"LANG": "xx_XX.garbage", "LC_ALL": "\x1b[31m"},
    "tz-garbage": {"TZ": "\x1b[31mNowhere/At_all"},
    "tz-far": {"TZ": "Pacific/Kiritimati"},
    "backtrace": {"RUST_BACKTRACE": "full", "RUST_LOG": "trace"},
    "no-term": {"TERM": None},
    "pager-nowhere": {"PAGER": "/nowhere/pager"},
    "cargo-nowhere": {"CARGO": "/nowhere/cargo"},
    "self-nowhere": {"KAFKACOURSE_SELF": "/nowhere/kafkacourse"},
    "docker-garbage": {"DOCKER_HOST": "\x1b[31mgarbage://"},
    "not-utf8": {"ABUSE": b"\xff\xfe", "HOME": b"/tmp/\xff"},
    "many": {f"ABUSE_{number}": "x" * 100 for number in range(1000)},
}


def trials():
    for name, environment in HARMLESS.items():
        for command in ("next", "hint", "replay"):
            arguments, says = READING[command]
            yield Trial(f"environment/{name}/{command}", arguments, (0,), says=(says,), environment=environment,
                        prepare=with_evidence)
        if name.startswith(("no-home", "empty-home", "home-", "no-lang", "lang", "tz", "no-term", "not-utf8", "many", "backtrace", "docker")):
            yield check(f"environment/{name}/check", "true", environment=environment)
        yield Trial(f"environment/{name}/doctor", ["doctor"], (0, 1), environment=environment, seconds=20)
    yield from _tmpdir()
    yield from _selections()
    yield from _limits()
    yield from _folders()
    # The parts that the binary plays in children of its own are not for people. (What they are told is not tried: it is
    # their job to kill and to remove.) Two of them have nothing to do where their standard input is an empty pipe.
    for argument in ("__supervise", "__reaper", "__broker", "__embedded", "__cluster", "__nonsense"):
        yield Trial(f"hidden/{argument}", [argument], (0,) if argument in ("__reaper", "__broker") else (2,))


# ── temporary folders ──

def _tmpdir():
    def at(name, made=True):
        """TMPDIR is a folder of this name beside the course."""
        def prepare(course):
            if made:
                os.makedirs(os.path.join(os.fsencode(course.outside), name.encode() if isinstance(name, str) else name))
        value = lambda course: os.path.join(os.fsencode(course.outside), name.encode() if isinstance(name, str) else name)
        return {"prepare": prepare, "environment": {"TMPDIR": value}}

    odd = {
        "space": "a b", "newline": "a\nb", "newline-end": "victim\n", "quote": "a'b\"c", "dollar": "$HOME", "escape": "\x1b[31mred",
        "not-utf8": b"\xff\xfe", "unicode": "消費者", "percent": "%s%n", "backslash": "a\\b", "long": "/".join(["x" * 200] * 4),
        "dash": "-rf", "star": "*", "hash": "#",
    }
    for name, folder in odd.items():
        yield check(f"tmpdir/{name}", 'test -d "$KAFKACOURSE_FOLDER" && test -s "$KAFKACOURSE_INPUT"', codes=(1, 7), **at(folder),
                    after=_tidy(folder))
        yield check(f"tmpdir/{name}-killed", "sleep 60.0417", (137,), **at(folder), during=_kill_when_running("sleep 60.0417"),
                    after=_tidy(folder))
    # A newline must not make another folder out of the first part of the name.
    for how, during, codes in (("ends", None, (1, 7)), ("killed", _kill_when_running("sleep 60.0613"), (137,))):
        def prepare(course):
            course.write("../victim/precious", "precious")
            (course.outside / "victim\n").mkdir()
        command = "sleep 60.0613" if during else "true"
        yield check(f"tmpdir/newline-victim-{how}", command, codes, prepare=prepare, during=during, after=_victim_lives,
                    environment={"TMPDIR": lambda course: str(course.outside / "victim\n")})
    unusable = {
        "missing": at("nowhere", made=False),
        "file": {"prepare": lambda course: course.write("../plain", "x"), "environment": {"TMPDIR": lambda course: str(course.outside / "plain")}},
        "loop": {"prepare": lambda course: os.symlink("loop", course.outside / "loop"), "environment": {"TMPDIR": lambda course: str(course.outside / "loop")}},
        "proc": {"environment": {"TMPDIR": "/proc"}},
        "very-long": {"environment": {"TMPDIR": "/tmp/" + "x" * 5000}},
    }
    for name, what in unusable.items():
        yield check(f"tmpdir/{name}", "true", (7,), says=("temporary folder|tmpdir", NEXT_STEP), **what)
        yield Trial(f"tmpdir/{name}-doctor", ["doctor"], (1,), says=("temporary|tmpdir", NEXT_STEP), seconds=20, **what)
        yield check(f"tmpdir/{name}-json", "true", (7,), more=["--json"], says=("temporary folder|tmpdir",), **what)
    yield check("tmpdir/unwritable", "true", (7,), says=("temporary folder|tmpdir", NEXT_STEP), unprivileged=True,
                prepare=lambda course: (course.outside / "locked").mkdir(), environment={"TMPDIR": "/proc/self"})
    yield check("tmpdir/full", "true", (7,), says=("space", NEXT_STEP), prepare=_full_tmp,
                environment={"TMPDIR": lambda course: str(course.outside / "tiny")})
    yield Trial("tmpdir/full-doctor", ["doctor"], (1,), says=("space|full|temporary", NEXT_STEP), prepare=_full_tmp, seconds=20,
                environment={"TMPDIR": lambda course: str(course.outside / "tiny")})
    yield check("tmpdir/relative", "true", (1, 7), environment={"TMPDIR": "."},
                after=lambda course, told: [f"left behind: {path.name}" for path in course.root.glob("kafkacourse-*")])


def _full_tmp(course):
    folder = course.outside / "tiny"
    if not course.mount(folder, 16):
        raise Skipped("no tmpfs can be mounted here")
    course.fill(folder)


def _tidy(name):
    def after(course, told):
        folder = os.path.join(os.fsencode(course.outside), name.encode() if isinstance(name, str) else name)
        yield from (f"left behind: {left!r}" for left in os.listdir(folder))
    return after


def _victim_lives(course, told):
    if not (course.outside / "victim" / "precious").is_file():
        yield "another folder was removed"


def _kill_when_running(word):
    def during(running):
        import signal

        if not running.wait_for(lambda: running.programs(word)):
            running.complaints.append("the program never ran")
        running.signal(signal.SIGKILL)
    return during


# ── what variables choose ──

def _selections():
    for name, value in {"nonsense": "nonsense", "empty": "", "escape": "\x1b[31mx", "port": "localhost:0", "not-utf8": b"\xff"}.items():
        yield check(f"variables/broker-{name}", "true", (2,), environment={"KAFKACOURSE_BROKER": value}, says=("HOST:PORT|broker|utf-8",))
        yield Trial(f"variables/broker-{name}-next", ["next"], (0,), environment={"KAFKACOURSE_BROKER": value}, says=("kafkacourse",))
    for name, value in {"nowhere": "/nowhere/at/all", "file": "/etc/passwd", "empty": "", "newline": "a\nb", "escape": "\x1b[31mx",
                        "long": "x" * 5000, "not-utf8": b"/tmp/\xff"}.items():
        codes = (0, 2) if name == "empty" else (2,)
        for command in ("next", "read", "progress"):
            yield Trial(f"variables/dir-{name}/{command}", READING[command][0], codes, environment={"KAFKACOURSE_DIR": value},
                        says=("no course|--course|utf-8|ex1|acks|points",))
    yield Trial("variables/dir-right", ["next"], (0,), folder="..", says=("kafkacourse",),
                environment={"KAFKACOURSE_DIR": lambda course: str(course.root)})
    yield check("variables/self-nowhere", "true", (1, 7), environment={"KAFKACOURSE_SELF": "/nowhere/kafkacourse"},
                never=("^error: no such file or directory",), says=("kafkacourse",))
    yield check("variables/self-no-program", "true", (1, 7), environment={"KAFKACOURSE_SELF": "/etc/passwd"}, says=("kafkacourse",))
    yield check("variables/self-other", "true", (1, 7), environment={"KAFKACOURSE_SELF": "/bin/true"}, says=("kafkacourse|broker|not your doing",))


# ── limits of the system ──

def _limits():
    for amount in (8, 16, 32, 64):
        codes, says = ((7,), ("descriptors|open files|ulimit -n", "ulimit|ask|raise")) if amount < 64 else ((1, 7), ("ulimit|descriptors|open files|this looks like",))
        yield _under(f"limits/descriptors-{amount}", f"-n {amount}", ["check", "ex1", "--cmd", "true"], codes, says=says, seconds=20)
        yield _under(f"limits/descriptors-{amount}-next", f"-n {amount}", ["next"], (0,), says=("kafkacourse",))
    yield _under("limits/descriptors-128", "-n 128", ["check", "ex1", "--cmd", "true"], (1, 7), seconds=30,
                 says=("ulimit|descriptors|open files|this looks like",))
    yield _under("limits/descriptors-256", "-n 256", ["check", "ex1", "--cmd", "true"], (1, 7), seconds=30,
                 says=("ulimit|descriptors|open files|this looks like",))
    yield _under("limits/descriptors-doctor", "-n 32", ["doctor"], (1,), says=("descriptors|open files|ulimit",), seconds=20)
    for amount in (1, 4, 8, 20, 40):
        yield _under(f"limits/processes-{amount}", f"-u {amount}", ["check", "ex1", "--cmd", "true"], (1, 7), seconds=30,
                     says=("process|thread|ulimit|resource|this looks like",), unprivileged=True)
        yield _under(f"limits/processes-{amount}-next", f"-u {amount}", ["next"], (0,), says=("kafkacourse",), unprivileged=True)
    for amount in (100_000, 300_000):
        yield _under(f"limits/memory-{amount}-next", f"-v {amount}", ["next"], (0,), says=("kafkacourse",))
    yield _under("limits/stack-256-next", "-s 256", ["next"], (0,), says=("kafkacourse",))
    yield _under("limits/stack-256-replay", "-s 256", ["replay", "plain.jsonl"], (0,), says=("producer basics",))
    yield _under("limits/cpu-1-next", "-t 1", ["next"], (0,), says=("kafkacourse",))


def _under(name, limit, arguments, codes, **what):
    """A trial in which a shell sets the limit first and then becomes kafkacourse."""
    return Trial(name, arguments, codes, prepare=with_evidence, shell=f"ulimit {limit} || exit 99", **what)


# ── folders ──

def _folders():
    gone = 'mkdir gone && cd gone && rmdir "$PWD"'
    for command in ("next", "hint", "trace", "replay"):
        yield Trial(f"folders/deleted/{command}", READING[command][0], (2,), shell=gone, says=("folder|directory", "cd |go to|--course|current"),
                    prepare=with_evidence)
        yield Trial(f"folders/deleted-course/{command}", [*READING[command][0], "--course", lambda course: str(course.root)], (0, 2), shell=gone,
                    says=("exercises passed|acks|points|steady|producer|hint|folder|evidence|directory",), prepare=with_evidence)
    yield check("folders/deleted/check", "true", (2, 7), shell=gone, says=("folder|directory", "cd |go to|--course|current"))
    yield Trial("folders/deleted/doctor", ["doctor"], (1, 2), shell=gone, says=("folder|directory", "cd |go to|--course|current"), seconds=20)
    yield Trial("folders/deleted/completions", ["completions", "bash"], (0,), shell=gone, says=("kafkacourse",))
    yield Trial("folders/deleted/version", ["--version"], (0,), shell=gone)
    yield Trial("folders/unreadable/next", ["next"], (0, 2), unprivileged=True, shell="mkdir dark && cd dark && chmod 000 .",
                says=("exercises passed|permission",))
    for umask in ("777", "077", "000"):
        yield Trial(f"folders/umask-{umask}/hint", ["hint", "ex1"], (0,), shell=f"umask {umask}", says=("hint 1",), unprivileged=True)
        yield check(f"folders/umask-{umask}/check", "true", (1, 7), shell=f"umask {umask}", says=("ex1",), unprivileged=True)
    for signal in ("PIPE", "INT", "HUP", "TERM", "CHLD"):
        yield Trial(f"signals-ignored/{signal}/next", ["next"], (0,), shell=f"trap '' {signal}", says=("kafkacourse",))
        yield check(f"signals-ignored/{signal}/check", "true", (1,), shell=f"trap '' {signal}", says=("ex1",))
    yield Trial("streams/no-input/quiz", ["quiz", "producers"], (0, 2), shell="exec <&-", says=("question|answer|quiz|input",))
    yield check("streams/no-input/check", "true", shell="exec <&-")
