"""Hostile programs (`../attacks`), graded with `check --cmd`. Their own verdict matters little; what they may cost us, and leave behind, is bounded."""

import json
import os
import subprocess
import sys

from trial import Skipped, Trial
from .common import attack, check

#: Verdicts of a program that has done nothing good: failed, not started, timed out, crashed.
BAD = (1, 3, 5, 6)
SLOW = frozenset(["slow"])


def _program(name, script, *arguments, exercise="ex1", scenario="steady", codes=BAD, more=(), **what):
    which = ["--scenario", scenario] if scenario else []
    return Trial(f"programs/{name}", ["check", exercise, *which, *more, "--cmd", lambda course: attack(course, script, *arguments)], codes,
                 **{"seconds": 35.0, "after": _evidence_is_small, **what})


def trials():
    # What it prints.
    for more in ([], ["-v"], ["--json"]):
        title = "".join(more)
        yield _program(f"raw-stdout{title}", "raw_stdout.py", more=more)
        yield _program(f"raw-panic{title}", "raw_panic.py", more=more, after=_and_read_again)
        yield _program(f"raw-calls{title}", "raw_calls.py", more=more, after=_and_read_again)
        yield _program(f"raw-kafka{title}", "raw_kafka.py", more=more, after=_and_read_again, codes=BAD)
    yield _program("raw-calls-ex2", "raw_calls.py", exercise="ex2", more=["-v"], tags=SLOW, after=_and_read_again)
    yield _program("fake-todo", "fake_todo.py", codes=(1, 3, 6))
    yield _program("endless-stdout", "endless_stdout.py", 4, more=["-v"], megabytes=300)
    yield _program("endless-stdout-all", "endless_stdout.py", 4, scenario=None, megabytes=300, seconds=60, tags=SLOW)
    yield _program("endless-line", "endless_line.py", more=["-v"])
    yield _program("endless-stdout-ex2", "endless_stdout.py", 300, exercise="ex2", tags=SLOW)
    # What it leaves behind, and how it dies.
    for mode in ("setsid", "twice", "env", "pipes", "many"):
        yield _program(f"daemon-{mode}", "daemon.py", mode, seconds=20)
        for how, number, code in (("interrupted", 2, 130), ("killed", 9, 137)):
            word = f"60.07{code}"
            yield Trial(f"programs/daemon-{mode}-{how}", ["check", "ex2", "--scenario", "steady", "--cmd", lambda course, mode=mode, word=word: attack(course, "daemon.py", mode, word) + "; sleep 60.0781"],
                        (code,), seconds=20, during=_interrupt_when(f"sleep {word}", number))
    yield _program("respawn", "respawn.py", seconds=25)
    yield _program("forks", "forks.py", seconds=25)
    yield _program("threads", "threads.py", seconds=25)
    yield _program("ignore-term", "ignore_term.py", 300, exercise="ex2", seconds=40, tags=SLOW, codes=(5, 1))
    yield _program("ignore-term-interrupted", "ignore_term.py", 300, codes=(130,), during=_interrupt_when("ignore_term.py"))
    yield _program("stops-itself", "stops_itself.py", exercise="ex2", codes=(5, 1, 6), tags=SLOW, seconds=40)
    yield _program("kills-group", "kills_group.py", codes=(1, 5, 6))
    yield _program("touches-grader", "touches_grader.py")
    yield _program("writes-state", "writes_state.py", codes=(*BAD, 7), damaged=True)
    yield _program("removes-evidence", "removes_evidence.py", codes=(*BAD, 7), says=("ex1",))
    # Connections, frames and calls that are none.
    for which in ("tap", "down"):
        yield _program(f"connections-{which}", "connections.py", which, 300, 1)
        yield _program(f"connections-{which}-many", "connections.py", which, 5000, 1, tags=SLOW, megabytes=500)
        # With few descriptors for us, a listener has to survive that it cannot accept.
        yield _program(f"connections-{which}-few-descriptors", "connections.py", which, 900, 1, codes=(*BAD, 7), shell="ulimit -n 512",
                       says=("ex1|descriptors|ulimit",))
    yield _program("connects-and-leaves", "connects_and_leaves.py", 4)
    yield _program("slowloris", "slowloris.py", 60, exercise="ex2", codes=(5, 1), seconds=40, tags=SLOW)
    yield _program("huge-frames", "huge_frames.py", seconds=40)
    yield _program("garbage-tap", "garbage_tap.py", 4)
    yield _program("lying-requests", "lying_requests.py", seconds=60)
    yield _program("zip-bomb", "zip_bomb.py", seconds=30)
    yield _program("never-reads", "never_reads.py", 5, megabytes=300)
    yield _program("never-reads-world", "never_reads_world.py", 5, megabytes=300)
    yield _program("endless-call", "endless_call.py", 5)
    yield _program("odd-calls", "odd_calls.py", more=["-v"], seconds=40)
    yield _program("odd-calls-ex2", "odd_calls.py", exercise="ex2", tags=SLOW, seconds=40)
    # For ever.
    yield _program("same-order", "same_order.py", exercise="ex2", codes=(1, 5), says=("limit|more than|at most|too many|so many|most",), tags=SLOW, seconds=32)
    yield _program("same-order-ex5", "same_order.py", exercise="ex5", scenario="mixed", codes=(1, 5), says=("limit|more than|at most|too many|so many|most",), tags=SLOW, seconds=32)
    yield _program("big-calls", "big_calls.py", exercise="ex2", codes=(1, 5), says=("limit|more than|at most|too many|too much|most",), tags=SLOW, seconds=32, megabytes=500)
    yield _program("produce-flood", "produce_flood.py", codes=(1, 5), says=("limit|more than|at most|too many|too much|most",), tags=SLOW, seconds=32, megabytes=500)
    yield _program("big-records", "big_records.py", codes=(1, 5), says=("limit|more than|at most|too many|too much|most",), tags=SLOW, seconds=32, megabytes=500)
    yield _program("asks-for-ever", "asks_for_ever.py", codes=(1, 5), says=("limit|more than|at most|too many|too much|most|nothing moved|gave up",), tags=SLOW, seconds=32, megabytes=500)
    for script in ("same_order.py", "big_calls.py"):
        for number, code in ((2, 130), (15, 143)):
            yield _program(f"{script[:-3]}-interrupted-{code}", script, exercise="ex2", codes=(code,), seconds=15, during=_interrupt_after(script, 4, number), after=lambda course, told: ())
    yield _program("endless-stdout-interrupted", "endless_stdout.py", 300, codes=(130, 1), seconds=15, during=_interrupt_after("endless_stdout.py", 3, 2), after=lambda course, told: ())
    # What it puts into its folder.
    secret = lambda course: str(course.write("../secret.json", '[{"secret":"do not read me"}]'))
    for kind in ("fifo", "loop", "device", "folder", "huge", "deep", "raw", "numbers", "many-files", "deep-folders", "dark"):
        yield _program(f"folder-json-{kind}", "folder.py", kind, "benchmark.json", exercise="ex6", more=["-v"], codes=(*BAD, 7) if kind == "dark" else BAD)
    yield Trial("programs/folder-json-link", ["check", "ex6", "--scenario", "steady", "-v", "--cmd", lambda course: attack(course, "folder.py", "link", "benchmark.json", secret(course))], BAD,
                seconds=20, after=_not_read)
    yield _program("folder-json-fills", "folder.py", "fills", "benchmark.json", exercise="ex6", says=("limit|more than|at most|longer|too|most|space",), seconds=30)
    for kind in ("fifo", "folder", "garbage", "view", "raw-table", "huge"):
        yield _program(f"folder-db-{kind}", "folder.py", kind, "payments.db", exercise="ex4", scenario="duplicates", seconds=45, tags=SLOW)
    # On Kafka.
    for name in ("delete_topics", "many_topics", "foreign_groups", "transactions"):
        yield _program(name.replace("_", "-"), f"{name}.py", seconds=40, codes=(*BAD,), megabytes=300)
    yield from _foreign()


def _evidence_is_small(course, told):
    size = sum(path.stat().st_size for path in course.state.glob("evidence/**/*") if path.is_file())
    if size > 200 << 20:
        yield f"{size >> 20} MB of evidence"


def _and_read_again(course, told):
    """What was recorded is printed as text later, too."""
    from trial import unclean

    yield from _evidence_is_small(course, told)
    for arguments in (["trace", "--all"], ["replay", "-v"], ["trace", "--json"], ["replay", "--json"], ["progress"]):
        printed = subprocess.run([course.binary, *arguments], cwd=course.root, env=course.environment, capture_output=True, timeout=30, stdin=subprocess.DEVNULL)
        yield from (f"{' '.join(arguments)}: {complaint}" for complaint in unclean(printed.stdout) + unclean(printed.stderr))


def _not_read(course, told):
    for path in course.evidence():
        import gzip

        if b"do not read me" in gzip.decompress(path.read_bytes()):
            yield "followed a link out of the folder"


def _interrupt_when(word, number=2):
    def during(running):
        if not running.wait_for(lambda: running.programs(word) or _anywhere(word)):
            running.complaints.append("the program never ran")
        running.signal(number)
        _ends_within(running, 2.5)
    return during


def _interrupt_after(word, seconds, number):
    def during(running):
        import time

        running.wait_for(lambda: running.programs(word))
        time.sleep(seconds)
        running.signal(number)
        _ends_within(running, 2.5)
    return during


def _ends_within(running, seconds):
    import processes

    patience = float(os.environ.get("ABUSE_PATIENCE", "1"))
    if not processes.wait_until(running.ended, seconds * patience):
        running.complaints.append(f"had not ended {seconds} s after the signal")


def _anywhere(word):
    """A daemon may already hang below us instead of kafkacourse."""
    import processes

    return [pid for pid, line in processes.descendants(os.getpid()) if word in line]


# ── somebody else on this machine ──

def _foreign():
    def during(running):
        import processes

        # Only the ports of this very check: others on this machine are left alone.
        family = lambda: [running.pid, *(pid for pid, _ in processes.descendants(running.pid))]
        running.wait_for(lambda: running.programs("sleep"))
        ports = {port for pid in family() for port in processes.listening_ports(pid)}
        if not ports:
            running.complaints.append("nobody listens")
        subprocess.run([sys.executable, "-B", str(running.course.attacks / "foreign.py"), *map(str, ports)], timeout=20, stdout=subprocess.DEVNULL)

    def after(course, told):
        for path in course.evidence():
            import gzip

            lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
            if any(line.get("event") == "call" and line.get("args", {}).get("delivered") == 0 for line in lines):
                yield "what a foreign process said on the downstream is evidence"
                return

    yield check("foreign/downstream", "sleep 6", (1,), during=during, after=after, seconds=30)
    yield check("foreign/downstream-ex2", "sleep 6", (1,), exercise="ex2", during=during, after=after, seconds=30)
