"""Bad words, in every place where a word is expected."""

from trial import NEXT_STEP, Trial

#: What is typed in place of a name.
NAMES = {
    "unknown": "xyzzy",
    "empty": "",
    "blank": "   ",
    "newline": "ex1\nex2",
    "tab": "ex1\tex2",
    "return": "ex\r1",
    "escape": "\x1b[2J\x1b[31mex1",
    "title": "\x1b]0;owned\x07",
    "c1": "\x9b31mex1",
    "bidi": "\u202eex1\u2066",
    "not-utf8": b"ex\xff\xfe1",
    "up": "../ex01-producer-basics",
    "far-up": "../../../../../../etc/passwd",
    "absolute": "/etc/passwd",
    "inner-up": "ex01-producer-basics/../ex02-manual-commits",
    "long": "x" * 5_000,
    "very-long": "x" * 120_000,
    "wide": "消費者" * 30,
    "combining": "e\u0301\u0301\u0301x1\u200b",
    "emoji": "👩‍👩‍👧‍👦",
    "huge": "99999999999999999999999999",
    "zero": "0",
    "fullwidth": "ｅｘ１",
    "fraction": "1.5",
    "shell": "$(touch pwned); touch pwned; `touch pwned`",
    "percent": "%s%n%x{}{0}",
    "glob": "*",
    "quote": "'\"\\",
    "json": '{"id":"ex1"}',
    "dash": "-",
    "dot": ".",
    "option": "--nonsense",
    "minus": "-1",
    "many-colons": "::::/#?&=",
}

#: The kinds that are tried everywhere; the others in a few places, since names are read in one way.
EVERYWHERE = {"unknown", "empty", "newline", "escape", "bidi", "not-utf8", "far-up", "very-long", "huge", "shell", "option"}

#: Where a name is expected: the command line before it and after it, and what helps on.
PLACES = {
    "check": (["check"], [], r"kafkacourse list|did you mean|--help"),
    "check-second": (["check", "ex1"], ["--cmd", "true"], r"kafkacourse list|did you mean|--help"),
    "scenario": (["check", "ex1", "--cmd", "true", "--scenario"], [], r"it has|steady"),
    "mistake": (["check", "ex1", "--mistake"], [], r"it has|acks_0"),
    "broker": (["check", "ex1", "--cmd", "true", "--broker"], [], r"HOST:PORT"),
    "broker-port": (["check", "ex1", "--cmd", "true"], [], r"HOST:PORT"),
    "hint": (["hint"], [], r"kafkacourse list|did you mean|--help"),
    "reset": (["reset"], [], r"kafkacourse list|did you mean|--help"),
    "solution": (["solution"], [], r"kafkacourse list|did you mean|--help"),
    "solution-give-up": (["solution", "--give-up"], [], r"kafkacourse list|did you mean|--help"),
    "read": (["read"], [], r"read --list|kafkacourse list|did you mean|--help"),
    "read-anchor": (["read"], [], r"it has|read |did you mean|--help"),
    "quiz": (["quiz"], [], r"kafkacourse list|did you mean|--help"),
    "trace": (["trace"], [], NEXT_STEP + "|no such file|cannot read|not evidence"),
    "trace-role": (["trace", "plain.jsonl", "--role"], [], NEXT_STEP),
    "trace-scenario": (["trace", "plain.jsonl", "--scenario"], [], NEXT_STEP),
    "replay": (["replay"], [], NEXT_STEP + "|no such file|cannot read|not evidence"),
    "replay-second": (["replay", "plain.jsonl"], [], NEXT_STEP + "|no such file|cannot read|not evidence"),
    "course": (["--course"], ["next"], r"--course|no course"),
    "author-check": (["author", "check"], [], r"kafkacourse list|did you mean|--help"),
    "transcripts": (["author", "transcripts"], [], NEXT_STEP),
    "author-new": (["author", "new"], ["A title"], r"write it like|ex03|--help|there already"),
    "author-new-tail": (["author", "new"], ["A title"], r"write it like|ex03|--help|[a-z0-9-]"),
    "completions": (["completions"], [], r"possible values|bash"),
    "subcommand": ([], [], r"--help|did you mean|similar"),
    "broker-action": (["broker"], [], r"--help|possible|status"),
}

#: Where a number is expected.
NUMBERS = {
    "seed": ["check", "ex1", "--cmd", "true", "--scenario", "steady", "--seed"],
    "quiz-seed": ["quiz", "producers", "--seed"],
    "stage": ["hint", "ex1", "--stage"],
    "around": ["trace", "plain.jsonl", "--around"],
    "partition": ["trace", "plain.jsonl", "--partition"],
    "lanes-partition": ["trace", "plain.jsonl", "--lanes", "--partition"],
    "times": ["author", "transcripts", "acks", "--times"],
    "jobs": ["author", "transcripts", "acks", "--jobs"],
}
NO_NUMBERS = {
    "word": "many",
    "empty": "",
    "newline": "1\n",
    "minus": "-1",
    "fraction": "1.5",
    "exponent": "1e3",
    "huge": "18446744073709551616",
    "hexadecimal": "0x10",
    "nan": "NaN",
    "arabic": "٣",
    "escape": "\x1b[31m1",
    "not-utf8": b"\xff1",
}

#: Words that name something in this place, and so are no abuse there.
MEANINGFUL = {
    ("trace-role", "*"), ("course", "dot"), ("course", "up"), ("course", "inner-up"), ("subcommand", "empty"),
    ("replay", "dash"), ("solution", "dash"), ("read", "zero"),
}


def trials():
    for place, (before, behind, helps) in PLACES.items():
        for kind, word in NAMES.items():
            if kind not in EVERYWHERE and place not in ("check", "trace", "read", "author-new"):
                continue
            if (place, kind) in MEANINGFUL or (place, "*") in MEANINGFUL:
                continue
            if place in ("broker-port", "read-anchor", "author-new-tail"):
                prefix = {"broker-port": "--broker=localhost:", "read-anchor": "glossary#", "author-new-tail": "ex99-"}
                if place == "author-new-tail" and kind in ("unknown", "long", "zero", "huge"):
                    continue  # a fine name; a long one is tried below
                if place == "read-anchor" and kind in ("empty", "blank"):
                    continue  # the page itself
                word = prefix[place].encode() + (word if isinstance(word, bytes) else word.encode())
            yield Trial(
                f"words/{place}/{kind}", [*before, word, *behind],
                says=("error|not|no ", helps if kind not in ("option", "minus", "not-utf8") else "--help|" + helps),
                prepare=_with_evidence, after=_nothing_made, megabytes_printed=0.5,
            )
    for place, before in NUMBERS.items():
        for kind, word in NO_NUMBERS.items():
            yield Trial(
                f"numbers/{place}/{kind}", [*before, word], says=("error", "--help"), prepare=_with_evidence,
                after=_nothing_made,
            )
    # Numbers that are numbers, and mean nothing here.
    beyond = {
        "stage/0": ["hint", "ex1", "--stage", "0"],
        "stage/99": ["hint", "ex1", "--stage", "99"],
        "stage/most": ["hint", "ex1", "--stage", "18446744073709551615"],
        "around/beyond": ["trace", "plain.jsonl", "--around", "99999999"],
        "around/most": ["trace", "plain.jsonl", "--around", "18446744073709551615"],
        "partition/beyond": ["trace", "plain.jsonl", "--partition", "4711"],
        "partition/negative": ["trace", "plain.jsonl", "--partition=-1"],
        "lanes/beyond": ["trace", "plain.jsonl", "--lanes", "--partition", "4711"],
        "role/unknown": ["trace", "plain.jsonl", "--role", "nobody-of-this-name"],
        "role/empty": ["trace", "plain.jsonl", "--role", ""],
        "role/escape": ["trace", "plain.jsonl", "--role", "\x1b[31mx"],
        "times/0": ["author", "transcripts", "acks", "--times", "0"],
        "times/check-0": ["author", "check", "ex1", "--times", "0"],
        "jobs/0": ["author", "check", "ex1", "--jobs", "0"],
    }
    for name, arguments in beyond.items():
        # A view of nothing may be no error, but it has to say what there is instead.
        codes, says = ((2,), "is not in|least|from 1") if name.startswith(("times", "jobs")) else ((0, 2), "there (is|are) |only|has \\w|between|nothing|no event|no process|is not in")
        yield Trial(f"numbers/{name}", arguments, codes, says=(says,), prepare=_with_evidence, after=_nothing_made)
    yield Trial("words/author-new/very-long-name", ["author", "new", "ex99-" + "y" * 300, "A title"],
                says=("name|long",), after=_nothing_made)
    yield Trial("words/author-new/title-newline", ["author", "new", "ex99-fine", "A\nti\x1b[2Jtle\"\"\""], codes=(0, 2),
                after=lambda course, told: _loads(course, told))
    yield Trial("words/author-new/title-empty", ["author", "new", "ex99-fine", ""], codes=(0, 2),
                after=lambda course, told: _loads(course, told))
    yield Trial("words/author-new/twice", ["author", "new", "ex1-again", "A title"], says=("there already",),
                after=_nothing_made)
    yield Trial("words/author-new/upper", ["author", "new", "EX99-Upper", "A title"], says=("like ex03",),
                after=_nothing_made)
    yield Trial("words/author-new/space", ["author", "new", "ex99-a b", "A title"], says=("like ex03",),
                after=_nothing_made)
    yield Trial("words/author-new/umlaut", ["author", "new", "ex99-größe", "A title"], says=("like ex03",),
                after=_nothing_made)


def _with_evidence(course):
    import evidence_files

    course.write("plain.jsonl", evidence_files.plain(course))
    course.before = tree(course)


def tree(course):
    """Everything that may not change: names, and the manifest."""
    names = {str(path.relative_to(course.outside)) for part in ("modules", "exercises", "solutions")
             for path in (course.root / part).rglob("*")}
    return names, (course.root / "modules/course.toml").read_bytes(), {path.name for path in course.outside.iterdir()}


def _nothing_made(course, told):
    if any(course.outside.rglob("pwned")):
        yield "a word was carried out by a shell"
    before = getattr(course, "before", None)
    if before:
        names, manifest, beside = tree(course)
        yield from (f"made {name}" for name in sorted(names - before[0])[:3])
        yield from (f"removed {name}" for name in sorted(before[0] - names)[:3])
        yield from (f"made {name} beside the course" for name in beside - before[2])
        if manifest != before[1]:
            yield "changed modules/course.toml"


def _loads(course, told):
    """Whatever was made, the course can still be read."""
    import subprocess, os

    yield from ()
    if told.code == 0 and not (course.root / "exercises/ex99-fine/exercise.toml").is_file():
        yield "said that it had made an exercise, and had not"
