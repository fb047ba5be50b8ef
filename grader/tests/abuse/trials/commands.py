"""Options that contradict each other, and everything that a `--cmd` can be."""

from trial import Trial, Skipped
from .common import READING, check, with_evidence

CONTRADICTIONS = {
    "all-and-one": ["check", "ex1", "--all"],
    "solution-and-mistake": ["check", "ex1", "--solution", "--mistake", "acks_0"],
    "cmd-and-solution": ["check", "ex1", "--cmd", "true", "--solution"],
    "cmd-and-mistake": ["check", "ex1", "--cmd", "true", "--mistake", "acks_0"],
    "seed-twice": ["check", "ex1", "--seed", "1", "--seed", "2"],
    "cmd-twice": ["check", "ex1", "--cmd", "true", "--cmd", "false"],
    "cmd-without": ["check", "ex1", "--cmd"],
    "list-and-page": ["read", "acks", "--list"],
    "list-and-answers": ["read", "--list", "--answers"],
    "json-and-lanes": ["trace", "plain.jsonl", "--json", "--lanes"],
    "json-and-around": ["trace", "plain.jsonl", "--json", "--around", "3"],
    "text-and-one": ["author", "check", "--text", "ex1"],
    "text-and-times": ["author", "check", "--text", "--times", "2"],
    "new-without-title": ["author", "new", "ex99-name"],
    "reset-nothing": ["reset"],
    "reset-two": ["reset", "ex1", "ex2"],
    "hint-two": ["hint", "ex1", "ex2"],
    "nothing": [],
    "broker-nothing": ["broker"],
    "author-nothing": ["author"],
    "course-without": ["next", "--course"],
    "unknown-short": ["check", "-Z"],
    "progress-word": ["progress", "ex1"],
    "doctor-word": ["doctor", "ex1"],
    "scenario-of-other": ["check", "ex1", "ex2", "--cmd", "true", "--scenario", "killed-at-37"],
}

#: Command lines that cannot be run.
NO_COMMANDS = {
    "empty": "",
    "blank": "   \t ",
    "newline": "\n",
    "comment": "# nothing",
    "missing": "no-such-program-anywhere --flag",
    "missing-path": "./no/such/program",
    "folder-path": "./exercises",
    "no-program": "./data.txt",
    "no-interpreter": "./no-interpreter",
    "wrong-format": "./garbage",
    "quote": "echo 'never closed",
    "syntax": "if then fi )",
    "missing-behind": "cd . && no-such-program-anywhere",
    "exec-missing": "exec no-such-program-anywhere",
    "escape": "\x1b[2J\x1b[31mno-such-program",
    "bidi": "\u202eno-such-program",
    "wide": "消費者",
    "long": "no-such-program-" + "x" * 50_000,
    "looks-like-option": "--cmd",
    "python-file": "python3 no-such-file.py",
}


def trials():
    for name, arguments in CONTRADICTIONS.items():
        yield Trial(f"options/{name}", arguments, says=("--help|there|it has|usage|ex1",), prepare=with_evidence)
        if arguments:
            yield Trial(f"options/{name}-grader", arguments, says=("--help|usage|unrecognized",), prepare=with_evidence,
                        binary="grader", codes=(2,))
    for name, line in NO_COMMANDS.items():
        for more in ([], ["--json"]):
            if name == "python-file":
                continue  # the program is python3, and it is there
            yield check(
                f"cmd/{name}{'-json' if more else ''}", line, (2,), scenario=None, more=more, prepare=_files,
                says=("cannot be run|command|--cmd",), never=("this looks like", "✗"), after=_no_attempt,
                megabytes_printed=0.2,
            )
    yield check("cmd/not-utf8", b"./no-such-\xff\xfe", (2,), says=("cannot be run|utf-8",), after=_no_attempt)
    # These do run; how they end is their own doing.
    fine = {
        "true": ("true", (1,)),
        "false": ("false", (1, 3)),
        "exit-126": ("sh -c 'echo ran; exit 126'", (1, 2)),
        "background": ("true &", (1,)),
        "pipe": ("true | cat", (1,)),
        "two-lines": ("true\ntrue", (1,)),
        "own-kill": ("kill -9 $$", (6,)),
        "own-segv": ("kill -SEGV $$", (6,)),
        "own-term": ("sh -c 'kill -TERM $$'", (1, 6)),
        "missing-in-pipe": ("no-such-program-anywhere | cat", (1, 2)),
        "space": ("'./a program'", (1,)),
        "exit-255": ("exit 255", (1,)),
        "closes-all": ("exec >&- 2>&-; true", (1,)),
        "reads-stdin": ("cat", (1,)),
        "umask": ("umask 777; true", (1,)),
        "ulimit": ("ulimit -n 3; true", (1,)),
        "removes-folder": ('rm -rf "$KAFKACOURSE_FOLDER"; true', (1,)),
        "removes-input": ('rm -f "$KAFKACOURSE_INPUT"; true', (1,)),
        "removes-tmp": ('rm -rf "$(dirname "$KAFKACOURSE_FOLDER")"; true', (1,)),
        "unwritable-folder": ('chmod 000 "$KAFKACOURSE_FOLDER"; true', (1,)),
        "kills-parent": ("kill -TERM $PPID; sleep 60.0913", (143, 1, 6, 7)),
    }
    for name, (line, codes) in fine.items():
        yield check(f"cmd/runs-{name}", line, codes, prepare=_files, says=("producer basics|terminated|stopped|",))
    # The same named twice is one.
    yield Trial("options/same-scenario-twice", ["check", "ex1", "--scenario", "steady", "--scenario", "steady", "--cmd", "true", "--json"],
                (1,), seconds=20, after=lambda course, told: _scenarios(told, 1))
    yield Trial("options/same-exercise-twice", ["check", "ex1", "ex1", "--scenario", "steady", "--cmd", "true", "--json"],
                (1, 2), seconds=30, after=lambda course, told: () if told.code == 2 or told.out.count(b"\n") == 2 else _objects(told, 1))
    yield Trial("options/json-is-one-line", ["check", "ex1", "--scenario", "steady", "--cmd", "true", "--json"],
                (1,), seconds=20, after=lambda course, told: _objects(told, 1))
    yield Trial("options/json-of-nothing", ["check", "no-such", "--json"], (2,), after=lambda course, told: _objects(told, 0))
    yield Trial("options/help-everywhere", ["help", "check"], (0,), says=("usage",))
    # What works from every folder below the course works there.
    for folder in ("exercises/ex02-manual-commits/src", "modules/02-producers", "solutions"):
        for name in ("next", "list", "progress"):
            arguments, says = READING[name]
            yield Trial(f"folders/{folder.replace('/', '-')}/{name}", arguments, (0,), says=(says,), folder=folder)
    yield Trial("folders/outside/next", ["next"], folder="..", says=("there is no course here", "--course"))
    yield Trial("folders/outside/check", ["check", "ex1", "--cmd", "true"], folder="..", says=("there is no course here",))
    yield Trial("folders/outside/doctor", ["doctor"], (1,), folder="..", says=("there is no course here", "--course"), seconds=20)
    yield Trial("folders/outside/completions", ["completions", "zsh"], (0,), folder="..", says=("compdef",))


def _files(course):
    with_evidence(course)
    course.write("data.txt", "no program")
    course.script("no-interpreter", "#!/no/such/interpreter\n")
    course.script("garbage", b"\x7fELF garbage \x00\x01\x02\xff" * 50)
    course.script("a program", "#!/bin/sh\nexit 0\n")


def _no_attempt(course, told):
    if course.attempts():
        yield "counts as an attempt"


def _objects(told, count):
    import json

    lines = told.out.decode(errors="replace").splitlines()
    if len(lines) != count:
        yield f"{len(lines)} lines on standard output, not {count}"
    for line in lines:
        try:
            json.loads(line)
        except ValueError:
            yield f"no JSON: {line[:80]!r}"


def _scenarios(told, count):
    import json

    yield from _objects(told, 1)
    found = json.loads(told.out).get("scenarios", [])
    if len(found) != count:
        yield f"{len(found)} scenarios, not {count}"
