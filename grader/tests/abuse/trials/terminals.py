"""Terminals: narrow ones, dumb ones, with and without colour, with pagers that fail."""

import re

from trial import COLOUR, Trial
from .common import READING, check, with_evidence

WIDTHS = ["1", "2", "5", "8", "13", "20", "30", "39", "40", "101", "65535", "65536", "0", "-1", "", "abc", "99999999999999999999", "\x1b[31m"]
NARROW = ("list", "read", "hint", "trace", "replay")


def trials():
    for width in WIDTHS:
        label = width.replace("\x1b", "ESC") or "empty"
        for name in NARROW:
            yield Trial(f"columns/{label}/{name}", READING[name][0], (0,), environment={"COLUMNS": width}, prepare=with_evidence,
                        after=_fits(width) if name != "trace" else lambda course, told: ())
        if width in ("1", "8", "20", "39", "65535"):
            yield check(f"columns/{label}/check", "true", environment={"COLUMNS": width})
            yield Trial(f"columns/{label}/doctor", ["doctor"], (0, 1), environment={"COLUMNS": width}, seconds=20)
            yield Trial(f"columns/{label}/lanes", ["trace", "lanes.jsonl", "--lanes"], (0,), environment={"COLUMNS": width}, prepare=_lanes)
            yield Trial(f"columns/{label}/quiz", ["quiz", "producers"], (0,), environment={"COLUMNS": width}, stdin=b"a\nb\n")
            yield Trial(f"columns/{label}/read-list", ["read", "--list"], (0,), environment={"COLUMNS": width})
            yield Trial(f"columns/{label}/contract", ["read", "contract"], (0,), environment={"COLUMNS": width})
    sizes = ["24x80", "1x1", "0x0", "5x20", "65535x65535"]
    for size in sizes:
        for name in NARROW:
            yield Trial(f"terminal/{size}/{name}", READING[name][0], (0,), stdout=size, colour=True, prepare=with_evidence,
                        environment={"PAGER": "cat", "COLUMNS": None})
        if size in ("24x80", "5x20", "0x0"):
            yield check(f"terminal/{size}/check", "true", stdout=size, colour=True, environment={"COLUMNS": None}, spinner=True)
    colours = {
        # Environment, terminal or not, colour or not (None: either).
        "plain-pipe": ({}, False, False),
        "plain-terminal": ({}, True, True),
        "no-color-terminal": ({"NO_COLOR": "1"}, True, False),
        "no-color-empty": ({"NO_COLOR": ""}, True, True),
        "no-color-zero": ({"NO_COLOR": "0"}, True, False),
        "force-pipe": ({"CLICOLOR_FORCE": "1"}, False, True),
        "force-zero": ({"CLICOLOR_FORCE": "0"}, False, False),
        "force-empty": ({"CLICOLOR_FORCE": ""}, False, None),
        "both": ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, True, False),
        "both-pipe": ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, False, False),
        "clicolor-0": ({"CLICOLOR": "0"}, True, False),
        "dumb": ({"TERM": "dumb"}, True, False),
        "dumb-force": ({"TERM": "dumb", "CLICOLOR_FORCE": "1"}, False, True),
        "no-term": ({"TERM": None}, True, None),
        "unknown-term": ({"TERM": "no-such-terminal-x"}, True, None),
    }
    for name, (environment, terminal, wanted) in colours.items():
        for command in ("list", "read", "replay"):
            yield Trial(f"colour/{name}/{command}", READING[command][0], (0,), stdout="24x80" if terminal else "pipe", colour=wanted is not False,
                        environment={"PAGER": "cat", **environment}, prepare=with_evidence, after=_coloured(wanted))
        # JSON is never coloured, and neither is a script.
        for command in (["trace", "plain.jsonl", "--json"], ["replay", "plain.jsonl", "--json"], ["completions", "bash"]) if "force" in name else ():
            title = "-".join(word.strip("-") for word in command if "." not in word)
            yield Trial(f"colour/{name}/{title}", command, (0,), environment={"PAGER": "cat", **environment}, prepare=with_evidence)
        yield Trial(f"colour/{name}/error", ["hint", "zzz"], (2,), stdout="24x80" if terminal else "pipe", colour=wanted is not False,
                    environment=environment, after=_coloured(False if wanted is False else None))
    pagers = {
        "nowhere": "/nowhere/pager", "false": "false", "true": "true", "exit-126": "exit 126", "empty": "", "blank": "  ", "head": "head -n 1",
        "quotes": "cat '", "killed": "kill -9 $$", "sleepless": "cat >/dev/null", "no-utf8": b"cat \xff",
    }
    for name, pager in pagers.items():
        for command in ("read", "trace"):
            yield Trial(f"pager/{name}/{command}", READING[command][0], (0,), stdout="10x80", colour=True, prepare=with_evidence,
                        environment={"PAGER": pager}, raw_allowed=True)
    # Nobody is asked where nobody can answer, and the end of the input is an end.
    for name, data in {"end": b"", "newline": b"\n", "blank-lines": b"\n" * 50, "nul": b"\0\0\n", "not-utf8": b"\xff\xfe\n", "long": b"a" * 1_000_000 + b"\n",
                       "endless": b"a" * 5_000_000, "escape": b"\x1b[31m\n", "other": b"zz\n", "negative": b"-1\n", "huge": b"99999999999999999999\n",
                       "wide": "消\n".encode(), "many": b"a\n" * 10_000}.items():
        yield Trial(f"quiz/input-{name}", ["quiz", "producers"], (0, 2), stdin=data, megabytes_printed=0.5)
        yield Trial(f"quiz/input-{name}-json", ["quiz", "producers", "--json"], (0, 2), stdin=data, megabytes_printed=0.5)
    yield Trial("quiz/no-such", ["quiz", "zzz"], (2,), says=("kafkacourse list|did you mean",))


def _lanes(course):
    import evidence_files

    course.write("lanes.jsonl", evidence_files.plain(name="ex3-solution-planned"))


def _fits(width):
    def after(course, told):
        if not width.strip().isdigit() or not 20 <= int(width) <= 200:
            return
        lines = told.out.decode(errors="replace").splitlines()
        # What cannot be broken, as a command or a path, may be longer; a text of such lines does not fit.
        long = [line for line in lines if len(COLOUR.sub("", line)) > int(width) and " " in line.strip()]
        if len(long) * 4 > len(lines):
            yield f"unclear: {len(long)} of {len(lines)} lines are wider than {width} columns"
    return after


def _coloured(wanted):
    def after(course, told):
        found = bool(re.search(rb"\x1b\[[0-9;]+m", told.out + told.err))
        if wanted is not None and found != wanted:
            yield f"{'has colour' if found else 'has no colour'} where people expect the other"
    return after
