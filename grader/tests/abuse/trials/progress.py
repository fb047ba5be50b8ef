"""What the learner has done: a state folder that is no folder, lines that are damaged, several terminals at once."""

import fcntl
import json
import os
import subprocess
import time

from trial import NEXT_STEP, Skipped, Trial
from .common import READING, check

COMMANDS = ("next", "read", "hint")


def trials():
    yield from _states()
    yield from _files()
    yield from _lines()
    yield from _at_once()


# ── .kafkacourse ──

def _states():
    states = {
        "file": lambda course: course.state.write_text("a file"),
        "empty-file": lambda course: course.state.touch(),
        "fifo": lambda course: os.mkfifo(course.state),
        "dangling": lambda course: course.state.symlink_to("../nowhere/at/all"),
        "loop": lambda course: course.state.symlink_to(course.state.name),
        "device": lambda course: course.state.symlink_to("/dev/null"),
        "full": lambda course: course.state.symlink_to("/dev/full"),
        "proc": lambda course: course.state.symlink_to("/proc/self"),
    }
    for name, prepare in states.items():
        for command in COMMANDS:
            arguments, says = READING[command]
            yield Trial(f"state/{name}/{command}", arguments, (0, 2) if name == "loop" else (0,), says=(f"{says}|kafkacourse",), prepare=prepare)
        yield check(f"state/{name}/check", "true", (2, 7) if name == "loop" else (7,), scenario=None, prepare=prepare, says=("not your doing|error", r"\.kafkacourse", NEXT_STEP))
        yield check(f"state/{name}/check-json", "true", (2, 7) if name == "loop" else (7,), scenario=None, more=["--json"], prepare=prepare, says=(r"\.kafkacourse",))
        yield Trial(f"state/{name}/doctor", ["doctor"], (1,), prepare=prepare, says=(r"\.kafkacourse", NEXT_STEP), seconds=20)
        yield Trial(f"state/{name}/reset", ["reset", "ex1"], (2,), prepare=prepare)
        yield Trial(f"state/{name}/trace", ["trace"], (2,), prepare=prepare, says=("evidence",))
        yield Trial(f"state/{name}/give-up", ["solution", "ex1", "--give-up"], (0, 2), prepare=prepare, says=("main.rs|kafkacourse",))
        yield Trial(f"state/{name}/quiz", ["quiz", "producers"], (0, 2) if name == "loop" else (0,), prepare=prepare, stdin=b"a\nb\nq\n", says=("not kept|kafkacourse",))
    elsewhere = lambda course: ((course.outside / "elsewhere").mkdir(), course.state.symlink_to("../elsewhere"))
    for command in COMMANDS:
        yield Trial(f"state/link-to-folder/{command}", READING[command][0], (0,), prepare=elsewhere, says=(READING[command][1],))
    yield check("state/link-to-folder/check", "true", (1,), scenario=None, prepare=elsewhere)
    locked = {"dark": "mkdir .kafkacourse; chmod 000 .kafkacourse", "unwritable": "mkdir .kafkacourse; chmod 555 .kafkacourse",
              "course-unwritable": "chmod 555 ."}
    for name, shell in locked.items():
        for command in COMMANDS:
            codes = (0, 2) if name == "dark" else (0,)
            yield Trial(f"state/{name}/{command}", READING[command][0], codes, shell=shell, unprivileged=True,
                        says=(READING[command][1] if codes == (0,) else r"permission|" + READING[command][1],))
        yield check(f"state/{name}/check", "true", (7, 2), scenario=None, shell=shell, unprivileged=True,
                    says=("permission", r"\.kafkacourse", "chown|chmod|yours|write"))
        yield Trial(f"state/{name}/doctor", ["doctor"], (1,), shell=shell, unprivileged=True, seconds=20,
                    says=("permission", r"\.kafkacourse", "chown|chmod|yours|write"))
    yield check("state/evidence-unwritable/check", "true", (7,), scenario=None, unprivileged=True,
                shell="mkdir -p .kafkacourse/evidence/ex1; chmod 555 .kafkacourse/evidence/ex1", says=("permission", "evidence", "chown|chmod|yours|write"))
    yield check("state/evidence-file/check", "true", (7,), scenario=None, prepare=lambda course: course.write(".kafkacourse/evidence", "x"),
                says=("evidence", NEXT_STEP))
    yield check("state/evidence-exercise-file/check", "true", (7,), scenario=None, prepare=lambda course: course.write(".kafkacourse/evidence/ex1", "x"),
                says=("evidence", NEXT_STEP))
    # A full disk: nothing is half written, and it goes on once there is space.
    for kilobytes in (16, 64, 1024):
        for command in COMMANDS:
            yield Trial(f"state/full-{kilobytes}/{command}", READING[command][0], (0,), prepare=_full(kilobytes), says=(READING[command][1],))
        yield check(f"state/full-{kilobytes}/check", "true", (7, 1), prepare=_full(kilobytes), scenario=None, says=("space|disk", NEXT_STEP))
        yield check(f"state/full-{kilobytes}/check-json", "true", (7, 1), prepare=_full(kilobytes), scenario=None, more=["--json"], says=("space|disk",))
    yield Trial("state/full-64/doctor", ["doctor"], (1,), prepare=_full(64), seconds=20, says=("space|disk", NEXT_STEP))
    # So full that the beginning of a line fits, and not its end.
    for room in (1, 20, 60, 100):
        yield Trial(f"state/nearly-full-{room}/hint", ["hint", "ex1"], (0,), prepare=_nearly_full(room), says=("hint 1", "not kept|kafkacourse"))
        yield Trial(f"state/nearly-full-{room}/hints", ["hint", "ex1"], (0,), prepare=_nearly_full(room), during=_three_hints)


def _full(kilobytes):
    def prepare(course):
        if not course.mount(course.state, kilobytes):
            raise Skipped("no tmpfs can be mounted here")
        course.fill(course.state)
    return prepare


def _nearly_full(room):
    """The state is on a full disk, and the progress ends so many bytes before the end of its last block."""
    def prepare(course):
        if not course.mount(course.state, 64):
            raise Skipped("no tmpfs can be mounted here")
        line = json.dumps({"format": 2, "at": "2026-01-02T03:04:05Z", "done": "read", "section": "producers/03-acks"}) + "\n"
        text = line * (4096 // len(line))
        pad = 4096 - room - len(text)
        if pad > 0:
            text = "\n" * pad + text
        course.progress.write_text(text[: 4096 - room - 1].rsplit("\n", 1)[0].rjust(4096 - room - 1, "\n") + "\n")
        course.fill(course.state)
    return prepare


def _three_hints(running):
    for _ in range(3):
        running.run(["hint", "ex1"])


# ── progress.jsonl ──

def _files():
    files = {
        "folder": (lambda path: path.mkdir(), (0, 2)),
        "fifo": (lambda path: os.mkfifo(path), (0, 2)),
        "dangling": (lambda path: path.symlink_to("../../nowhere/at/all"), (0, 2)),
        "loop": (lambda path: path.symlink_to(path.name), (0, 2)),
        "zero": (lambda path: path.symlink_to("/dev/zero"), (0, 2)),
        "null": (lambda path: path.symlink_to("/dev/null"), (0, 2)),
        "full": (lambda path: path.symlink_to("/dev/full"), (0, 2)),
        "sparse": (lambda path: (path.touch(), os.truncate(path, 3 << 30)), (0, 2)),
    }
    for name, (make, codes) in files.items():
        for command in ("next", "progress", "hint"):
            def prepare(course, make=make):
                course.state.mkdir()
                make(course.progress)
            yield Trial(f"progress/{name}/{command}", READING[command][0], codes, prepare=prepare, damaged=True,
                        says=(f"progress.jsonl|{READING[command][1]}",))
        yield check(f"progress/{name}/check", "true", (1, 2, 7), prepare=prepare, damaged=True, scenario=None, says=("progress.jsonl|progress|ex1",))
    for name, shell in {"dark": "mkdir .kafkacourse; touch .kafkacourse/progress.jsonl; chmod 000 .kafkacourse/progress.jsonl",
                        "unwritable": "mkdir .kafkacourse; touch .kafkacourse/progress.jsonl; chmod 444 .kafkacourse/progress.jsonl"}.items():
        for command in ("next", "progress", "hint"):
            codes = (0, 2) if name == "dark" else (0,)
            yield Trial(f"progress/{name}/{command}", READING[command][0], codes, shell=shell, unprivileged=True,
                        says=(f"permission|{READING[command][1]}",))
    # Somebody else holds the lock and does not let go.
    for command in ("next", "progress", "hint"):
        yield Trial(f"progress/locked/{command}", READING[command][0], (0, 2), prepare=_locked, seconds=12, says=(f"lock|progress|{READING[command][1]}",))
    yield check("progress/locked/check", "true", (1, 2, 7), prepare=_locked, scenario=None, seconds=25)


def _locked(course):
    course.done(done="hinted", exercise="ex1", stage=1)
    holder = "import fcntl,sys,time; f=open(sys.argv[1],'a'); fcntl.flock(f,2); print('held',flush=True); time.sleep(60)"
    import sys

    process = subprocess.Popen([sys.executable, "-c", holder, str(course.progress)], stdout=subprocess.PIPE)
    process.stdout.readline()
    course.helpers.append(process)


# ── lines ──

RIGHT = '{"format":2,"at":"2026-01-02T03:04:05Z","done":"hinted","exercise":"ex1","stage":1}\n'

LINES = {
    "half": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"hin',
    "empty-lines": b"\n\n\n",
    "blank": b"   \n",
    "nul": b"\0" * 500 + b"\n",
    "not-utf8": b"\xff\xfe\xfd\n",
    "escape": b"\x1b[2J\x1b[31m\n",
    "escape-inside": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"\\u001b[2J\\u202e"}\n',
    "escape-exercise": b'{"format":2,"at":"\\u001b[2J","done":"hinted","exercise":"\\u001b[31m","stage":1}\n',
    "escape-key": b'{"format":2,"\\u001b[2J":1,"done":"hinted","exercise":7}\n',
    "text": b"once upon a time\n",
    "number": b"7\n",
    "null": b"null\n",
    "list": b"[1,2]\n",
    "empty-object": b"{}\n",
    "deep": b"[" * 100_000 + b"]" * 100_000 + b"\n",
    "deep-object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"\n",
    "long": b'{"format":2,"at":"' + b"x" * 2_000_000 + b'"}\n',
    "unknown-done": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"levitated"}\n',
    "no-format": b'{"at":"2026-01-02T03:04:05Z","done":"hinted","exercise":"ex1","stage":1}\n',
    "format-text": b'{"format":"2","at":"2026-01-02T03:04:05Z","done":"hinted","exercise":"ex1","stage":1}\n',
    "format-minus": b'{"format":-1,"at":"2026-01-02T03:04:05Z","done":"hinted","exercise":"ex1","stage":1}\n',
    "format-float": b'{"format":2.5,"at":"2026-01-02T03:04:05Z","done":"hinted","exercise":"ex1","stage":1}\n',
    "stage-minus": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"hinted","exercise":"ex1","stage":-1}\n',
    "stage-most": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"hinted","exercise":"ex1","stage":18446744073709551615}\n',
    "stage-beyond": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"hinted","exercise":"ex1","stage":99}\n',
    "exercise-unknown": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"hinted","exercise":"ex77","stage":1}\n',
    "seed-most": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"quizzed","module":"producers","seed":18446744073709551615,"right":9,"of":9}\n',
    "quiz-zero": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"quizzed","module":"producers","seed":1,"right":0,"of":0}\n',
    "quiz-most": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"quizzed","module":"producers","seed":1,"right":18446744073709551615,"of":18446744073709551615}\n'
                 * 2,
    "quiz-more-right": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"quizzed","module":"producers","seed":1,"right":99,"of":9}\n',
    "answered-unknown": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"answered","module":"producers","seed":1,"question":"no-such","right":true}\n',
    "time-garbage": b'{"format":2,"at":"yesterday","done":"hinted","exercise":"ex1","stage":1}\n',
    "verdict-unknown": b'{"format":2,"at":"2026-01-02T03:04:05Z","done":"checked","exercise":"ex1","verdict":"superb","broker":"","seed":1,"diagnosis":null}\n',
    "duplicate-keys": b'{"format":2,"format":2,"at":"x","done":"hinted","exercise":"ex1","stage":1,"stage":2}\n',
    "carriage": RIGHT.encode().replace(b"\n", b"\r\n"),
    "bom": b"\xef\xbb\xbf" + RIGHT.encode(),
    "many-damaged": b"{damaged\n" * 20_000,
    "conflict": b"<<<<<<< HEAD\n" + RIGHT.encode() + b"=======\n" + RIGHT.encode() + b">>>>>>> other\n",
}
NEWER = {
    "newer": b'{"format":3000,"at":"2030-01-01T00:00:00Z","done":"levitated"}\n',
    "newer-most": b'{"format":18446744073709551615,"at":"2030-01-01T00:00:00Z","done":"levitated"}\n',
    "newer-beyond": b'{"format":99999999999999999999999,"at":"2030-01-01T00:00:00Z","done":"levitated"}\n',
}


def _lines():
    for name, line in LINES.items():
        for position in ("first", "last"):
            contents = line + b"" if position == "first" else RIGHT.encode() + line
            if position == "first" and line.endswith(b"\n"):
                contents = line + RIGHT.encode()
            for command in ("progress", "hint") if position == "first" else ("hint",):
                yield Trial(f"progress/{name}-{position}/{command}", READING[command][0], (0,), damaged=True, megabytes_printed=0.2,
                            prepare=lambda course, c=contents: course.write(".kafkacourse/progress.jsonl", c),
                            after=_kept(contents) if command == "hint" else lambda course, told: ())
        yield Trial(f"progress/{name}/quiz", ["quiz", "producers"], (0,), damaged=True, stdin=b"a\nq\n",
                    prepare=lambda course, line=line: course.write(".kafkacourse/progress.jsonl", line))
    for name, line in NEWER.items():
        for command in ("next", "hint"):
            yield Trial(f"progress/{name}/{command}", READING[command][0], (2,), damaged=True, says=("newer", "update"),
                        prepare=lambda course, line=line: course.write(".kafkacourse/progress.jsonl", line),
                        after=lambda course, told, line=line: () if course.progress.read_bytes() == line else ["a newer file was changed"])
    for megabytes in (20, 200):
        def prepare(course, megabytes=megabytes):
            course.write(".kafkacourse/progress.jsonl", RIGHT.encode() * ((megabytes << 20) // len(RIGHT)))
        for command in ("next", "progress"):
            yield Trial(f"progress/large-{megabytes}/{command}", READING[command][0], (0, 2), prepare=prepare, megabytes=700,
                        seconds=15 if megabytes == 20 else 60, tags=frozenset(["slow"]) if megabytes > 20 else frozenset())


def _kept(contents):
    """What was there is there, and one whole line has come to it."""
    def after(course, told):
        now = course.progress.read_bytes()
        if not now.startswith(contents):
            yield "what was there has been changed"
        added = now[len(contents):].strip(b"\n").split(b"\n")
        try:
            [json.loads(line) for line in added if line]
        except ValueError:
            yield f"what was added is no line: {added[:2]!r}"
    return after


# ── several terminals ──

def _at_once():
    for name, arguments, count in (("hints", ["hint", "ex1"], 12), ("reads", ["read", "acks"], 12), ("nexts", ["next"], 12), ("progress", ["progress"], 12)):
        yield Trial(f"at-once/{name}", arguments, (0,), during=_beside(arguments, count, (0,)), seconds=20)
    yield check("at-once/three-checks", "true", scenario=None, seconds=60, during=_beside(["check", "ex1", "--cmd", "true"], 2, (1,)),
                after=_as_many(3))
    yield check("at-once/eight-checks", "true", scenario="steady", seconds=60, during=_beside(["check", "ex1", "--scenario", "steady", "--cmd", "true"], 7, (1,)))
    yield check("at-once/twenty-checks", "true", scenario=None, seconds=240, tags=frozenset(["slow"]),
                during=_beside(["check", "ex1", "--cmd", "true"], 19, (1,)), after=_as_many(20))
    yield check("at-once/twenty-checks-evidence", "sleep 3", scenario="steady", seconds=240, tags=frozenset(["slow"]),
                during=_beside(["check", "ex1", "--scenario", "steady", "--cmd", "sleep 3", "-v"], 19, (1,)))
    yield check("at-once/check-and-hints", "sleep 1", scenario=None, seconds=60, during=_beside(["hint", "ex1"], 6, (0,)))
    yield check("at-once/check-and-traces", "sleep 1", scenario=None, seconds=60, during=_beside(["trace"], 6, (0, 2)))
    yield check("at-once/check-and-replays", "sleep 1", scenario=None, seconds=60, during=_beside(["replay"], 6, (2, 1)))
    yield check("at-once/state-removed-meanwhile", "sleep 1", (1, 7), scenario=None, seconds=60, during=_removes_state, damaged=True,
                says=("ex1",))
    yield Trial("at-once/quizzes", ["quiz", "producers"], (0,), stdin=b"a\nb\na\nb\nq\n", during=_beside(["quiz", "producers"], 4, (0,)), seconds=20)


def _beside(arguments, count, codes):
    def during(running):
        processes = [subprocess.Popen([running.binary, *arguments], cwd=running.course.root, env=running.environment, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(count)]
        for process in processes:
            try:
                printed, _ = process.communicate(timeout=240)
            except subprocess.TimeoutExpired:
                process.kill()
                running.complaints.append("another one beside it did not end")
                continue
            if process.returncode not in codes:
                running.complaints.append(f"another one beside it ended with {process.returncode}: {printed[-300:]!r}")
            if b"panicked" in printed:
                running.complaints.append(f"another one beside it panicked: {printed[-300:]!r}")
    return during


def _as_many(count):
    def after(course, told):
        if (found := len(course.attempts())) != count:
            yield f"{found} attempts are kept, not {count}"
    return after


def _removes_state(running):
    import shutil

    running.wait_for(lambda: running.programs("sleep 1"))
    shutil.rmtree(running.course.state, ignore_errors=True)
