"""Courses that are damaged, hostile, or lie in an odd place. Whoever writes a course is told the file and the line."""

import os

from trial import Skipped, Trial
from .common import READING, check, with_evidence

EX1 = "exercises/ex01-producer-basics/exercise.toml"
MANIFEST = "modules/course.toml"
SECTION = "modules/02-producers/03-acks.md"
QUIZ = "modules/02-producers/quiz.toml"
RAW = "\\u001b[2J\\u001b]0;owned\\u0007\\u202e"


def trials():
    whole = {
        "empty": b"", "blank": b"\n\n", "text": b"once upon a time", "not-utf8": b"id = \"\xff\xfe\"\n", "nul": b"\0" * 100,
        "escape": b"\x1b[2J = 1\n", "key-escape": b"\"\\u001b[31m\" = 1\n", "json": b"{\"id\": \"ex1\"}", "bom": b"\xef\xbb\xbfid = 1\n",
        "deep": b"x = " + b"[" * 50_000 + b"]" * 50_000, "deep-tables": b"[" + b".".join([b"a"] * 20_000) + b"]\n", "unclosed": b"id = \"ex1",
        "huge-number": b"minutes = 99999999999999999999999\n", "long-line": b"id = \"" + b"x" * 1_000_000 + b"\"\n",
        "long-key": b"x" * 1_000_000 + b" = 1\n", "duplicate": b"id = \"a\"\nid = \"b\"\n", "crlf": b"id = \"ex1\"\r\n\r\x1b[31m",
    }
    for place, path, ending in (("exercise", EX1, "exercise.toml"), ("manifest", MANIFEST, "course.toml"), ("quiz", QUIZ, "quiz.toml")):
        command = ["quiz", "producers"] if place == "quiz" else ["list"]
        for name, contents in whole.items():
            yield Trial(f"course/{place}-{name}", command, says=(ending,), megabytes_printed=0.3,
                        prepare=lambda course, path=path, contents=contents: course.write(path, contents))
        for name, make in ODD_FILES.items():
            yield Trial(f"course/{place}-{name}", command, (2,), says=(f"{ending}|no course|modules|exercises|quiz",), prepare=_odd(path, make))
    for name, contents in {k: whole[k] for k in ("empty", "not-utf8", "nul", "escape", "long-line")}.items():
        codes = (0,) if name in ("empty", "escape", "long-line", "nul") else (2,)
        yield Trial(f"course/section-{name}", ["read", "acks"], codes, prepare=lambda course, c=contents: course.write(SECTION, c))
    for name, make in ODD_FILES.items():
        if name == "null":
            continue  # an empty page
        codes = (2,)
        yield Trial(f"course/section-{name}", ["read", "acks"], codes, says=("03-acks.md",), prepare=_odd(SECTION, make))
        yield Trial(f"course/page-{name}", ["read", "contract"], codes, says=("contract",), prepare=_odd("modules/reference/contract.md", make))
        yield Trial(f"course/task-{name}", ["read", "ex1"], codes, says=("README.md",),
                    prepare=_odd("exercises/ex01-producer-basics/README.md", make))
        yield Trial(f"course/solution-{name}", ["solution", "ex1", "--give-up"], codes, says=("main.rs|solution",),
                    prepare=_odd("solutions/ex01-producer-basics/src/main.rs", make))
    # What a page or a spec says reaches the terminal as text.
    for place, path, old, command in (
        ("page", SECTION, "acks", ["read", "acks"]),
    ):
        for name, raw in {"escape": "\x1b[2J\x1b[31m", "title": "\x1b]0;owned\x07", "c1": "\x9b31m", "bidi": "\u202e\u2066", "return": "\r", "bell": "\x07"}.items():
            yield Trial(f"course/{place}-raw-{name}", command, (0,), prepare=lambda course, p=path, o=old, r=raw: course.edit(p, o, r + o))
    specs = {
        "title": ("title = \"Producer basics\"", f"title = \"{RAW}Producer basics\"", ["list"], (0, 2)),
        "title-next": ("title = \"Producer basics\"", f"title = \"{RAW}Producer basics\"", ["next"], (0, 2)),
        "hint": ("\"Four settings", f"\"{RAW}Four settings", ["hint", "ex1"], (0, 2)),
        "topic": ("name = \"orders\"", f"name = \"orders{RAW}\"", ["list"], (2,)),
        "scenario-title": ("title = \"a calm broker", f"title = \"{RAW}a calm broker", ["replay", "plain.jsonl"], (0, 2)),
        "check-title": ("title = \"every order arrives", f"title = \"{RAW}every order arrives", ["replay", "plain.jsonl", "-v"], (0, 2)),
        "scenario-id": ("id = \"steady\"", f"id = \"steady{RAW}\"", ["check", "ex1", "--scenario", "x", "--cmd", "true"], (2,)),
        "scenario-up": ("id = \"steady\"", "id = \"../../steady\"", ["list"], (2,)),
        "scenario-slash": ("id = \"steady\"", "id = \"a/b\"", ["list"], (2,)),
        "exercise-up": ("id = \"ex1\"", "id = \"../ex1\"", ["list"], (2,)),
        "partitions-0": ("partitions = 4", "partitions = 0", ["list"], (2,)),
        "partitions-many": ("partitions = 4", "partitions = 2000000000", ["list"], (2,)),
        "partitions-minus": ("partitions = 4", "partitions = -4", ["list"], (2,)),
        "count-many": ("count = [100, 130]", "count = [1000000000, 2000000000]", ["list"], (2,)),
        "count-minus": ("count = [100, 130]", "count = [-5, 5]", ["list"], (2,)),
        "topic-empty": ("name = \"orders\"", "name = \"\"", ["list"], (2,)),
        "topic-long": ("name = \"orders\"", f"name = \"{'o' * 300}\"", ["list"], (2,)),
        "topic-slash": ("name = \"orders\"", "name = \"or/ders\"", ["list"], (2,)),
        "step-unknown": ("{ start = \"producer\" }", "{ dance = \"producer\" }", ["list"], (2,)),
        "event-raw": ("{ start = \"producer\" }", "{ start = \"producer\" }, { wait = { for = { event = \"" + RAW + "\" } } }", ["list"], (2,)),
        "pattern-never": ("{ start = \"producer\" }", "{ start = \"producer\" }, { wait = { for = { event = \"join_group.response\", topic = \"orders\" } } }", ["list"], (2,)),
        "pattern-never-2": ("{ start = \"producer\" }", "{ start = \"producer\" }, { wait = { for = { event = \"exited\", error = 3 } } }", ["list"], (2,)),
        "pattern-never-3": ("{ start = \"producer\" }", "{ start = \"producer\" }, { wait = { for = { event = \"heartbeat.request\", partition = 1 } } }", ["list"], (2,)),
        "pattern-never-4": ("{ start = \"producer\" }", "{ start = \"producer\" }, { wait = { for = { event = \"init_producer_id.request\", group = \"g\" } } }", ["list"], (2,)),
        "collect-up": ("{ ended = \"producer\" }]", "{ ended = \"producer\" }, { collect = { file = \"../../secret\" } }]", ["list"], (2,)),
        "collect-absolute": ("{ ended = \"producer\" }]", "{ ended = \"producer\" }, { collect = { file = \"/etc/passwd\" } }]", ["list"], (2,)),
        "hold-long": ("{ start = \"producer\" }", "{ start = \"producer\" }, { wait = { for = { event = \"call\" }, count = 18446744073709551615 } }", ["list"], (0, 2)),
    }
    for name, (old, new, command, codes) in specs.items():
        yield Trial(f"course/spec-{name}", command, codes, says=("exercise.toml" if codes == (2,) and "check" not in command else "",),
                    prepare=lambda course, old=old, new=new: (with_evidence(course), course.edit(EX1, old, new)))
    manifests = {
        "title": ("title = \"", f"title = \"{RAW}", (0, 2)),
        "folder-up": ("folder = \"02-producers\"", "folder = \"../modules/02-producers\"", (2,)),
        "folder-absolute": ("folder = \"02-producers\"", "folder = \"/etc\"", (2,)),
        "section-up": ("file = \"03-acks.md\"", "file = \"../../../../../../../../etc/passwd\"", (2,)),
        "section-absolute": ("file = \"03-acks.md\"", "file = \"/etc/passwd\"", (2,)),
        "section-empty": ("file = \"03-acks.md\"", "file = \"\"", (2,)),
        "minutes-minus": ("minutes = 6", "minutes = -6", (2,)),
        "minutes-most": ("minutes = 6", "minutes = 4294967295", (0, 2)),
        "id-empty": ("id = \"producers\"", "id = \"\"", (2,)),
        "id-raw": ("id = \"producers\"", f"id = \"producers{RAW}\"", (2,)),
    }
    for name, (old, new, codes) in manifests.items():
        for command in (["list"], ["read", "acks"], ["next"]):
            yield Trial(f"course/manifest-spec-{name}/{command[0]}", command, codes, says=("toml|.md",) if codes == (2,) else (),
                        prepare=lambda course, old=old, new=new: course.edit(MANIFEST, old, new), never=("root:x:0",))
    for part in ("modules", "exercises", "solutions", "modules/reference", "modules/02-producers", "exercises/ex01-producer-basics",
                 "exercises/ex01-producer-basics/src", "exercises/kit"):
        for command in ("next", "read"):
            codes = (2,) if part in ("modules", "exercises", "exercises/ex01-producer-basics") else (0, 2)
            yield Trial(f"course/without-{part.replace('/', '-')}/{command}", READING[command][0], codes, says=("modules|exercises|no such|course|ex1|points|acks|hint",),
                        prepare=lambda course, part=part: __import__("shutil").rmtree(course.root / part))
        yield Trial(f"course/dark-{part.replace('/', '-')}", ["list"], (2,) if part in ("modules", "exercises", "exercises/ex01-producer-basics") else (0, 2),
                    unprivileged=True, shell=f"chmod 000 '{part}'", says=("permission|ex1",))
    yield Trial("course/dark-section", ["read", "acks"], unprivileged=True, shell=f"chmod 000 {SECTION}", says=("permission", "chmod|chown|yours|readable"))
    yield Trial("course/dark-manifest", ["next"], unprivileged=True, shell=f"chmod 000 {MANIFEST}", says=("permission", "chmod|chown|yours|readable"))
    yield Trial("course/dark-spec", ["next"], unprivileged=True, shell=f"chmod 000 {EX1}", says=("permission", "chmod|chown|yours|readable"))
    for name, folder in {"space": "a b", "newline": "a\nb", "escape": "\x1b[31mred", "unicode": "消費者", "not-utf8": b"\xff\xfe", "long": "/".join(["y" * 200] * 10),
                         "quote": "it's \"so\"", "dash": "-rf", "colon": "a:b", "hash": "#1", "glob": "*?[a]"}.items():
        for command in (["next"], ["read", "acks"], ["doctor"], ["trace", "ex1"], ["reset", "ex1"]):
            codes = {"trace": (2,), "doctor": (0, 1), "reset": (2,)}.get(command[0], (0,))
            yield Trial(f"course/at-{name}/{command[0]}", [*command, "--course", _moved(folder)], codes, folder="..", seconds=20)
        yield Trial(f"course/at-{name}/check", ["--course", _moved(folder), "check", "ex1", "--scenario", "steady", "--cmd", "true"], (1,), folder="..", seconds=20)


ODD_FILES = {
    "missing": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "fifo": lambda path: os.mkfifo(path),
    "loop": lambda path: path.symlink_to(path.name),
    "dangling": lambda path: path.symlink_to("/nowhere/at/all"),
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "null": lambda path: path.symlink_to("/dev/null"),
    "terminal": lambda path: path.symlink_to("/dev/tty"),
    "sparse": lambda path: os.truncate(_created(path), 3 << 30),
}


def _created(path):
    path.touch()
    return path


def _odd(below, make):
    def prepare(course):
        path = course.root / below
        path.unlink()
        make(path)
    return prepare


def _moved(folder):
    """The course, in another folder; done when the command line is made."""
    def argument(course):
        outside = os.fsencode(course.outside)
        to = os.path.join(outside, folder if isinstance(folder, bytes) else folder.encode())
        os.makedirs(os.path.dirname(to), exist_ok=True)
        os.makedirs(to, exist_ok=True)
        for part in os.listdir(os.fsencode(course.root)):
            os.rename(os.path.join(os.fsencode(course.root), part), os.path.join(to, part))
        return to
    return argument
