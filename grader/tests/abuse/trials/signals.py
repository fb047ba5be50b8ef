"""Signals at any moment: Ctrl-C, SIGTERM, SIGHUP, `kill -9`, Ctrl-Z, and the end of the terminal."""

import os
import random
import signal
import time

import processes
from trial import Skipped, Trial
from .common import check, with_evidence

#: What a shell would do; 0: the end by itself may come first.
ENDS = {"int": (signal.SIGINT, 130), "term": (signal.SIGTERM, 143), "hup": (signal.SIGHUP, 129), "kill": (signal.SIGKILL, 137)}
MOMENTS = [0.0, 0.03, 0.1, 0.25, 0.6, 1.2]


def trials():
    for name, (number, code) in ENDS.items():
        for moment in MOMENTS:
            program = "setsid sleep 60.0501 & sleep 60.0501"
            yield check(f"signals/{name}/check-{moment}", program, (code, 1) if moment > 1 else (code,), scenario=None, seconds=15, during=_after(moment, number), after=_no_attempt)
            # Programs that end at once: the signal strikes while it judges, writes, or reports.
            yield check(f"signals/{name}/ending-{moment}", "true", (code, 1), scenario=None, seconds=20, during=_after(moment, number))
        yield check(f"signals/{name}/when-running", "sleep 60.0502", (code,), scenario=None, seconds=15, during=_when("sleep 60.0502", number), after=_no_attempt)
        yield check(f"signals/{name}/twice", "sleep 60.0503", (code, 130, 143), scenario=None, seconds=15, during=_twice("sleep 60.0503", number), after=_no_attempt)
        yield check(f"signals/{name}/json", "sleep 60.0504", (code,), scenario=None, more=["--json"], seconds=15, during=_when("sleep 60.0504", number), after=_no_attempt)
        yield check(f"signals/{name}/group", "sleep 60.0505", (code,), scenario=None, seconds=15, during=_to_group("sleep 60.0505", number), after=_no_attempt)
        for command, arguments in {"replay": ["replay", "large.jsonl"], "trace": ["trace", "large.jsonl"], "author": ["author", "check", "ex1"], "doctor": ["doctor"],
                                   "next": ["next"], "hint": ["hint", "ex1"], "transcripts": ["author", "transcripts"]}.items():
            environment = {"CARGO": "/bin/sleep"} if command in ("author", "transcripts") else {}
            for moment in (0.02, 0.3):
                yield Trial(f"signals/{name}/{command}-{moment}", arguments, (code, 0, 1, 2, 7), during=_after(moment, number), seconds=10, prepare=_large, environment=environment,
                            megabytes=500, megabytes_printed=40)
        yield Trial(f"signals/{name}/quiz", ["quiz", "producers"], (code, 0), stdout="24x80", colour=True, during=_after(0.4, number), seconds=6, environment={"PAGER": "cat"}, raw_allowed=True)
    # Ctrl-C while evidence is judged that takes long.
    yield Trial("signals/int/judging", ["replay", "heavy.jsonl"], (130, 0, 1, 2), prepare=_heavy, during=_after(1.5, signal.SIGINT), seconds=6, megabytes=700)
    # Ctrl-Z and fg: whatever stood still is nobody's fault.
    for name, program, code in (("ex1", "ex01-producer-basics-solution", 0), ("ex2", "ex02-manual-commits-solution", 0)):
        for seconds in (0.5, 8, 15):
            slow = frozenset(["slow"])
            yield Trial(f"suspended/{name}-{seconds}", ["check", name, "--cmd", lambda course, p=program: _solution(p)], (code,), during=_suspend(0.4, seconds), seconds=90, tags=slow,
                        prepare=lambda course, p=program: _solution(p), never=("nothing moved on", "timed out"))
            yield Trial(f"suspended/{name}-{seconds}-all", ["check", name, "--cmd", lambda course, p=program: _solution(p)], (code,), during=_suspend(0.4, seconds, everybody=True), seconds=90,
                        tags=slow, prepare=lambda course, p=program: _solution(p), never=("nothing moved on", "timed out"))
    yield check("suspended/while-starting", "true", (1,), during=_suspend(0.05, 1), scenario=None, seconds=30)


def _after(seconds, number):
    def during(running):
        time.sleep(seconds)
        running.signal(number)
        if number != signal.SIGKILL:
            _ends(running)
    return during


def _when(word, number):
    def during(running):
        if not running.wait_for(lambda: len(running.programs(word)) >= 3):
            running.complaints.append("the programs never ran")
        running.signal(number)
        _ends(running)
    return during


def _twice(word, number):
    def during(running):
        running.wait_for(lambda: running.programs(word))
        running.signal(number)
        time.sleep(0.05)
        running.signal(number)
        _ends(running)
    return during


def _to_group(word, number):
    """As a terminal does it: to kafkacourse and its children that are in its group."""
    def during(running):
        running.wait_for(lambda: running.programs(word))
        try:
            os.killpg(running.pid, number)
        except OSError:
            pass
        _ends(running)
    return during


def _ends(running):
    """Everything ends within two seconds."""
    patience = float(os.environ.get("ABUSE_PATIENCE", "1"))
    if not processes.wait_until(running.ended, 2.0 * patience):
        running.complaints.append("had not ended 2 s after the signal")


def _suspend(moment, seconds, everybody=False):
    def during(running):
        time.sleep(moment)
        who = [running.pid] + ([pid for pid, _ in processes.descendants(running.pid)] if everybody else [])
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for pid in who:
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
            if number == signal.SIGSTOP:
                time.sleep(seconds)
    return during


def _no_attempt(course, told):
    if course.attempts():
        yield "a stopped check counts as an attempt"


def _large(course):
    import evidence_files

    with_evidence(course)
    course.write("large.jsonl", evidence_files.many_events(30))


def _heavy(course):
    """Evidence that costs more than it weighs, where judging looks from every event at every other."""
    import json
    import evidence_files

    lines = evidence_files.lines("ex2-commit_first")
    events = lines[1:]
    course.write("heavy.jsonl", evidence_files.made(lines[0], events * max(1, 60_000 // len(events))))


def _solution(name):
    path = os.path.join(os.path.dirname(os.environ["ABUSE_BINARY"]), name)
    if not os.path.exists(path):
        raise Skipped("the solution is not built")
    return path
