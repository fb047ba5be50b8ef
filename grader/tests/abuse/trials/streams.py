"""Standard output and standard error that are full, closed, or not read."""

from trial import Trial
from .common import READING, check, with_evidence

KINDS = ("full", "closed", "gone")


def trials():
    for name, (arguments, _) in READING.items():
        for kind in KINDS:
            yield Trial(f"streams/{name}/out-{kind}", arguments, (0, 1, 2, 7, 8, 141), stdout=kind, prepare=with_evidence,
                        after=_says_so if kind == "full" else lambda course, told: ())
            yield Trial(f"streams/{name}/err-{kind}", arguments, (0,), stderr=kind, prepare=with_evidence)
        yield Trial(f"streams/{name}/both-full", arguments, (0, 1, 2, 7, 8), stdout="full", stderr="full",
                    prepare=with_evidence)
    for kind in KINDS:
        # Errors that cannot be told are errors all the same.
        for name, arguments in {"unknown": ["hint", "zzz"], "option": ["check", "--zzz"], "no-file": ["replay", "zzz"]}.items():
            yield Trial(f"streams/error-{name}/err-{kind}", arguments, stderr=kind)
            yield Trial(f"streams/error-{name}/both-{kind}", arguments, stderr=kind, stdout=kind)
        for more in ([], ["--json"]):
            title = "check" + "".join(more)
            yield check(f"streams/{title}/out-{kind}", "true", scenario=None, more=more, stdout=kind, after=_attempt)
            yield check(f"streams/{title}/err-{kind}", "true", scenario=None, more=more, stderr=kind, after=_attempt)
            yield check(f"streams/{title}/both-{kind}", "true", scenario=None, more=more, stdout=kind, stderr=kind,
                        after=_attempt)
        yield Trial(f"streams/replay-json/out-{kind}", ["replay", "failed.jsonl", "--json"], (1,), stdout=kind,
                    prepare=_failed)
        yield Trial(f"streams/replay-failed/out-{kind}", ["replay", "failed.jsonl"], (1,), stdout=kind, prepare=_failed)
        yield Trial(f"streams/doctor/out-{kind}", ["doctor"], (0, 1, 8), stdout=kind, seconds=20)
        yield Trial(f"streams/doctor/err-{kind}", ["doctor"], (0, 1), stderr=kind, seconds=20)
        yield Trial(f"streams/quiz/out-{kind}", ["quiz", "producers"], (0, 1, 2, 7, 8, 141), stdout=kind, stdin=b"a\nb\nq\n")
        yield Trial(f"streams/damaged-progress/err-{kind}", ["next"], (0,), stderr=kind, damaged=True,
                    prepare=lambda course: course.write(".kafkacourse/progress.jsonl", "{damaged\n" * 50))
        yield Trial(f"streams/text/out-{kind}", ["author", "check", "--text"], (0, 1, 2, 7, 8, 141), stdout=kind, seconds=20)


def _failed(course):
    import evidence_files

    course.write("failed.jsonl", evidence_files.plain(name="ex1-acks_0"))


def _attempt(course, told):
    if len(course.attempts()) != 1:
        yield f"{len(course.attempts())} attempts are kept, not 1"


def _says_so(course, told):
    if not told.err:
        yield "unclear: nobody is told that it could not be written"
    if told.code == 0 and not told.err:
        yield "unclear: and the exit code is 0"
