"""What several tables need."""

import pathlib
import shlex
import sys

from trial import Trial

PYTHON = sys.executable

#: The commands that only read; each with what it says.
READING = {
    "next": (["next"], "kafkacourse"),
    "list": (["list"], "ex1"),
    "read": (["read", "acks"], "acks"),
    "read-list": (["read", "--list"], "producers"),
    "hint": (["hint", "ex1"], "hint 1"),
    "progress": (["progress"], "points"),
    "trace": (["trace", "plain.jsonl"], "steady"),
    "replay": (["replay", "plain.jsonl"], "producer basics"),
    "help": (["--help"], "usage"),
    "check-help": (["check", "--help"], "exit codes"),
    "completions": (["completions", "bash"], "kafkacourse"),
    "version": (["--version"], "kafkacourse"),
}


def with_evidence(course):
    """Puts a stored run into the course as `plain.jsonl`."""
    import evidence_files

    course.write("plain.jsonl", evidence_files.plain())


def check(name, command, codes=(1,), exercise="ex1", scenario="steady", more=(), **what):
    """A check of a command line, of one scenario unless `scenario` is None."""
    which = ["--scenario", scenario] if scenario else []
    return Trial(name, ["check", exercise, *which, *more, "--cmd", command], codes, **{"seconds": 20.0, **what})


def attack(course, script, *arguments):
    """The command line that runs a hostile program of `../attacks`."""
    words = [PYTHON, "-B", str(course.attacks / script), *map(str, arguments)]
    return shlex.join(words)


def built(binary, name):
    """A program of the course that lies beside `binary`, or None."""
    path = pathlib.Path(binary).with_name(name)
    return path if path.is_file() else None


def together(*prepared):
    """One preparation after the other."""
    def prepare(course):
        for one in prepared:
            one(course)
    return prepare
