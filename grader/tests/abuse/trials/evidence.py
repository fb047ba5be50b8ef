"""Evidence files that are damaged, foreign, newer, enormous, or no files at all, for `trace` and `replay`."""

import gzip
import json
import os

import evidence_files as files
from trial import NEXT_STEP, Skipped, Trial
from .common import check, with_evidence

RAW = "\x1b[2J\x1b[31mPWN\x1b]0;title\x07\x9b31m\u202eevil\x00\x08\r\u2066"

COMMANDS = {
    "trace": (["trace"], "kafkacourse"),
    "replay": (["replay"], "kafkacourse"),
    "trace-json": (["trace", "--json"], "kafkacourse"),
    "replay-json": (["replay", "--json"], "kafkacourse"),
    "lanes": (["trace", "--lanes"], "kafkacourse"),
    "grader-replay": (["replay"], "grader"),
}


def trials():
    yield from _bad()
    yield from _odd()
    yield from _large()
    yield from _raw()
    yield from _strange()
    yield from _several()
    yield from _latest()


def _each(name, contents, codes, says=(), commands=("trace", "replay"), file="e.jsonl", **what):
    for command in commands:
        arguments, binary = COMMANDS[command]
        def prepare(course):
            made = contents(course) if callable(contents) else contents
            course.write(file, made)
        yield Trial(f"evidence/{name}/{command}", [*arguments, file], codes, says=says, prepare=prepare, binary=binary,
                    **{"megabytes": 500, **what})


def _bad():
    plain = files.plain()
    zipped = gzip.compress(plain)
    header, rest = plain.split(b"\n", 1)
    bad = {
        "empty": b"", "newline": b"\n", "blank": b"   \n\n", "text": b"once upon a time", "binary": bytes(range(256)) * 20, "nul": b"\0" * 10_000,
        "not-utf8": b"\xff\xfe\n", "utf16": plain.decode().encode("utf-16"), "bom": b"\xef\xbb\xbf" + plain, "number": b"7\n", "null": b"null\n",
        "list": b"[]\n", "object": b"{}\n", "other": b'{"format":1,"name":"something else"}\n', "no-format": header.replace(b'"format":1,', b"") + b"\n",
        "format-text": header.replace(b'"format":1', b'"format":"1"') + b"\n", "format-minus": header.replace(b'"format":1', b'"format":-1') + b"\n",
        "format-float": header.replace(b'"format":1', b'"format":1.5') + b"\n", 
        "seed-minus": header.replace(b'"seed":251490623', b'"seed":-1') + b"\n", "no-header": rest,
        "deep": b'{"format":1,"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n", "deep-event": header + b"\n" + b'{"at":1,"event":"given","value":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n" + rest,
        "event-text": header + b"\nonce upon a time\n" + rest, "event-unknown": header + b'\n{"at":1,"event":"danced"}\n' + rest,
        "event-raw": header + b'\n{"at":1,"event":"\\u001b[2J\\u202e"}\n' + rest, "event-not-utf8": header + b'\n{"at":1,"event":"\xff"}\n' + rest,
        "event-nul": header + b"\n\0\0\0\n" + rest, "event-minus": header + b'\n{"at":-1,"event":"given","value":1}\n' + rest,
        "event-huge": header + b'\n{"at":99999999999999999999999,"event":"given","value":1}\n' + rest, "event-no-at": header + b'\n{"event":"given","value":1}\n' + rest,
        "raw-key": b'{"\\u001b[2J":1}\n', "raw-text": b"\x1b[2J\x1b]0;owned\x07\n", "html": b"<!doctype html><p>404 Not Found\n", "tar": b"PK\x03\x04" + b"\0" * 500,
        "zip-in-zip": gzip.compress(zipped), "zip-header-only": b"\x1f\x8b\x08\x00", "zip-cut-10": zipped[:10], "zip-cut-half": zipped[: len(zipped) // 2],
        "zip-cut-end": zipped[:-8], "zip-cut-1": zipped[:-1], "zip-flip": zipped[: len(zipped) // 2] + bytes([zipped[len(zipped) // 2] ^ 255]) + zipped[len(zipped) // 2 + 1 :],
        "zip-crc": zipped[:-8] + b"\0\0\0\0" + zipped[-4:], "zip-garbage-behind": zipped + b"garbage", "zip-text": gzip.compress(b"once upon a time"),
        "zip-empty": gzip.compress(b""), "zip-nul": gzip.compress(b"\0" * 100_000), "long-line": b"x" * 20_000_000, "long-event": header + b"\n" + b"x" * 20_000_000 + b"\n" + rest,
        "carriage-only": plain.replace(b"\n", b"\r"),
    }
    for name, contents in bad.items():
        where = r"e\.jsonl"
        codes = (0, 2) if name in ("zip-garbage-behind", "zip-cut-end", "zip-cut-1", "zip-crc", "bom", "format-zero") else (2,)
        yield from _each(f"bad-{name}", contents, codes, says=(where,) if codes == (2,) else (), commands=("trace", "replay"),
                         megabytes_printed=0.2, after=_only_an_error if codes == (2,) else lambda course, told: ())
    for name, number in {"3000": "3000", "most": "18446744073709551615", "beyond": "99999999999999999999999"}.items():
        yield from _each(f"newer-{name}", plain.replace(b'"format":1', f'"format":{number}'.encode(), 1), (2,), says=("format|version", "update"),
                         commands=tuple(COMMANDS))
    yield from _each("newer-raw", b'{"format":3000,"recorded_by":"\\u001b[2J\\u202e"}\n', (2,), says=("format", "update"))
    # What kill -9 leaves can be read.
    lines = plain.split(b"\n")
    yield from _each("cut-plain", b"\n".join(lines[:50]) + b"\n" + lines[50][:20], (0, 1, 5, 7), says=("ex1",))
    yield from _each("header-only", header + b"\n", (0, 1, 2, 3, 5, 6, 7), says=("ex1|event|evidence",), never=("producer basics passed",))
    yield from _each("unknown-field", plain.replace(b'"at":', b'"new":1,"at":'), (0,), says=("ex1",))
    yield from _each("crlf", plain.replace(b"\n", b"\r\n"), (0, 2), says=(r"ex1|e\.jsonl",))
    yield from _each("exercise-gone", plain.replace(b'"ex1"', b'"ex77"', 1), (2,), says=("ex77",), commands=("replay", "replay-json", "grader-replay"))
    yield from _each("exercise-up", plain.replace(b'"ex1"', b'"../ex1"', 1), (2,), says=("exercise",), commands=("replay", "replay-json"))
    yield from _each("scenario-gone", plain.replace(b'"steady"', b'"hectic"', 1), (2,), says=("hectic",), commands=("replay", "replay-json", "grader-replay"))
    yield from _each("of-other-exercise", files.plain(name="ex2-solution-steady").replace(b'"ex2"', b'"ex1"', 1), (1, 2), commands=("replay",), says=("ex1",))


def _only_an_error(course, told):
    if told.out.strip():
        yield f"prints something before it finds out: {told.out[:100]!r}"


def _odd():
    odd = {
        "missing": (lambda path: None, (2,)),
        "folder": (lambda path: path.mkdir(), (2,)),
        "fifo": (lambda path: os.mkfifo(path), (2,)),
        "loop": (lambda path: path.symlink_to(path.name), (2,)),
        "dangling": (lambda path: path.symlink_to("/nowhere"), (2,)),
        "zero": (lambda path: path.symlink_to("/dev/zero"), (2,)),
        "random": (lambda path: path.symlink_to("/dev/urandom"), (2,)),
        "null": (lambda path: path.symlink_to("/dev/null"), (2,)),
        "full": (lambda path: path.symlink_to("/dev/full"), (2,)),
        "terminal": (lambda path: path.symlink_to("/dev/tty"), (2,)),
        "sparse": (lambda path: (path.touch(), os.truncate(path, 8 << 30)), (2,)),
        "socket": (lambda path: __import__("socket").socket(1).bind(str(path)), (2,)),
        "memory": (lambda path: path.symlink_to("/proc/self/mem"), (2,)),
    }
    for name, (make, codes) in odd.items():
        for command in ("trace", "replay"):
            arguments, binary = COMMANDS[command]
            yield Trial(f"evidence/odd-{name}/{command}", [*arguments, "e.jsonl"], codes, says=(r"e\.jsonl",), binary=binary, megabytes=500,
                        prepare=lambda course, make=make: make(course.root / "e.jsonl"))
    for command in ("trace", "replay"):
        yield Trial(f"evidence/odd-dark/{command}", [command, "plain.jsonl"], says=("permission", "plain.jsonl", "chmod|chown|yours|readable"),
                    unprivileged=True, shell="chmod 000 plain.jsonl", prepare=with_evidence)
        yield Trial(f"evidence/odd-stdin/{command}", [command, "/dev/stdin"], (0, 2), says=("stdin|ex1",), stdin=files.plain())
        for name, shell in {"folder": "mkdir -p .kafkacourse/evidence/ex1/20260101-000000.000-1/steady.jsonl.gz",
                            "fifo": "mkdir -p .kafkacourse/evidence/ex1/20260101-000000.000-1; mkfifo .kafkacourse/evidence/ex1/20260101-000000.000-1/steady.jsonl.gz",
                            "loop": "mkdir -p .kafkacourse/evidence/ex1; ln -s 1 .kafkacourse/evidence/ex1/1",
                            "file": "mkdir -p .kafkacourse/evidence/ex1; echo x > .kafkacourse/evidence/ex1/20260101-000000.000-1",
                            "root": "mkdir -p .kafkacourse; echo x > .kafkacourse/evidence",
                            "empty-run": "mkdir -p .kafkacourse/evidence/ex1/20260101-000000.000-1",
                            "ds-store": "mkdir -p .kafkacourse/evidence/ex1; touch .kafkacourse/evidence/.DS_Store .kafkacourse/evidence/ex1/.DS_Store"}.items():
            yield Trial(f"evidence/store-{name}/{command}", [command], says=("evidence|steady", NEXT_STEP), shell=shell)
        yield Trial(f"evidence/store-dark/{command}", [command], says=("permission", "chmod|chown|yours|readable"), unprivileged=True,
                    shell="mkdir -p .kafkacourse/evidence/ex1; chmod 000 .kafkacourse/evidence")


def _large():
    # As many commands as there are ways to read: each has to stay within bounds.
    for name, make in {"bomb": files.bomb, "bomb-events": files.bomb_of_events}.items():
        for command in ("trace", "replay", "trace-json", "lanes", "grader-replay"):
            yield from _each(name, lambda course, make=make: make(), (2,), says=(r"e\.jsonl", "large|long|limit|more than|bound|most|at most|MB|MiB"), commands=(command,), seconds=6,
                             file="e.jsonl.gz", megabytes_printed=0.2)
    for megabytes in (10, 200):
        for command in ("trace", "replay", "trace-json", "lanes"):
            yield from _each(f"events-{megabytes}", lambda course, m=megabytes: files.many_events(m), (2,) if megabytes == 200 else (0, 1, 2, 6, 7, 3), commands=(command,),
                             seconds=10, megabytes_printed=60, says=(r"e\.jsonl", "large|long|limit|more than|bound|most|MB|MiB") if megabytes == 200 else ())
    header = files.plain().split(b"\n", 1)[0] + b"\n"
    wide = {
        "wide-value": b'{"at":1,"event":"given","value":"' + b"x" * 30_000_000 + b'"}\n',
        "wide-keys": b'{"at":1,"event":"given","value":{' + b",".join(b'"k%d":1' % number for number in range(500_000)) + b"}}\n",
        "wide-list": b'{"at":1,"event":"given","value":[' + b"1," * 5_000_000 + b"1]}\n",
    }
    for name, line in wide.items():
        yield from _each(f"large-{name}", header + line, (0, 1, 2, 3, 5, 6, 7), commands=("trace", "replay"), seconds=6, megabytes_printed=0.5)


#: One event of each kind, with the raw text in every string.
def _raw_events():
    events = [
        {"event": "given", "value": {RAW: RAW}},
        {"event": "input", "topic": RAW, "partition": 0, "offset": 0, "key": RAW, "value": RAW, "poison": False, "mark": RAW, "headers": [[RAW, RAW]]},
        {"event": "started", "run": 1, "pid": 1},
        {"event": "output", "stream": "stdout", "line": RAW},
        {"event": "output", "stream": "stderr", "line": RAW},
        {"event": "panicked", "file": RAW, "line": 1, "message": RAW},
        {"event": "call", "op": RAW, "args": {RAW: RAW}, "mark": RAW},
        {"event": "answer", "to": 0, "op": RAW, "ok": False, "error": RAW, "mark": RAW},
        {"event": "fault", "on": 0, "action": RAW},
        {"event": "expired", "group": RAW, "member": RAW},
        {"event": "reset", "group": RAW},
        {"event": "collected", "file": RAW, "table": RAW, "value": [{RAW: RAW}], "error": RAW},
        {"event": "collected", "file": RAW, "value": RAW},
        {"event": "crash", "number": 1, "of": 2, "moment": RAW, "nth": 1},
        {"event": "gave-up", "waited_for": RAW, "because": RAW},
        {"event": "grader-fault", "what": RAW},
        {"event": "undecoded", "conn": 0, "bytes": 5, "reason": RAW},
        {"event": "stopping"}, {"event": "killed"},
        {"event": "exited", "run": 1, "code": 1},
    ]
    events = [{"role": "producer", **event} for event in events] + [{"event": "call", "role": RAW, "op": "report", "args": {}}]
    return [{"at": at, **event} for at, event in enumerate(events)]


def _raw():
    fields = ["exercise", "scenario", "program", "broker_kind", "broker_version", "began", "recorded_by"]
    for field in fields:
        text = files.made(files.header(**{field: RAW}), files.lines()[1:])
        codes = (2,) if field in ("exercise", "scenario") else (0,)
        yield from _each(f"raw-header-{field}", text, (0,), commands=("trace", "lanes"))
        yield from _each(f"raw-header-{field}", text, codes, commands=("replay", "replay-json"))
        yield from _each(f"raw-header-{field}", text, (0, 2), commands=("trace-json",))
    call = {"at": 0, "role": "producer", "event": "call", "op": "report", "args": {}}  # what answers and faults are about
    for event in _raw_events():
        text = files.made(files.header(), [call, event, {"at": 99, "event": "exited", "run": 1, "code": 1, "role": "producer"}])
        name = event["event"] + ("-err" if event.get("stream") == "stderr" else "") + ("-table" if "table" in event else "")
        name = "role" if event["role"] == RAW else name
        # A reason that nobody gives is refused.
        yield Trial(f"evidence/raw-{name}/trace-all", ["trace", "--all", "e.jsonl"], (0, 2) if name == "gave-up" else (0,), prepare=lambda course, t=text: course.write("e.jsonl", t))
        yield Trial(f"evidence/raw-{name}/replay-v", ["replay", "-v", "e.jsonl"], (0, 1, 2, 3, 5, 6, 7), prepare=lambda course, t=text: course.write("e.jsonl", t))
    # Of real runs of every exercise, with raw text in all places where programs choose the words.
    for name in ("ex1-acks_0", "ex2-commit_first", "ex3-eager", "ex4-no_dedupe", "ex5-lost_key", "ex6-mixed_up"):
        try:
            text = _tainted(files.lines(name))
        except FileNotFoundError:
            continue
        for command in (["trace", "--all"], ["trace", "--lanes"], ["replay", "-v"], ["trace", "--json"], ["replay", "--json"]):
            title = "-".join(word.strip("-") for word in command)
            codes = (0,) if command[0] == "trace" else (0, 1, 2, 3, 5, 6, 7)
            yield Trial(f"evidence/tainted-{name}/{title}", [*command, "e.jsonl"], codes, prepare=lambda course, t=text: course.write("e.jsonl", t), seconds=10)


def _tainted(lines):
    """The same events; keys, values, headers, errors, members, clients, ops and lines end in raw text."""
    chosen = {"key", "value", "error", "line", "member", "member_id", "client", "client_id", "action", "moment", "because", "waited_for", "message", "instance"}

    def taint(value, name=""):
        if isinstance(value, dict):
            return {key: taint(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [taint(inner, name) for inner in value]
        return value + RAW if isinstance(value, str) and name in chosen else value

    return files.made(lines[0], [taint(line) for line in lines[1:]])


def _strange():
    lines = files.lines("ex2-solution-steady")
    header, events = lines[0], lines[1:]

    def changed(change):
        return files.made(header, [change(dict(event)) for event in json.loads(json.dumps(events))])

    def points(to):
        def change(event):
            if "to" in event:
                event["to"] = to
            return event
        return change

    def set_all(field, value):
        def change(event):
            if field in event:
                event[field] = value
            return event
        return change

    strange = {
        "points-beyond": changed(points(10**9)), "points-most": changed(points(2**64 - 1)), "points-zero": changed(points(0)),
        "backwards": files.made(header, events[::-1]), "twice": files.made(header, events + events), "times-most": changed(set_all("at", 2**64 - 1)),
        "times-zero": changed(set_all("at", 0)), "run-most": changed(set_all("run", 2**32 - 1)), "pid-most": changed(set_all("pid", 2**32 - 1)),
        "partition-minus": changed(set_all("partition", -2**31)), "offset-most": changed(set_all("offset", 2**63 - 1)),
        "offset-minus": changed(set_all("offset", -2**63)), "conn-most": changed(set_all("conn", 2**32 - 1)), "role-empty": changed(set_all("role", "")),
        "role-long": changed(set_all("role", "x" * 10_000)), "topic-long": changed(set_all("topic", "x" * 100_000)), "topic-wide": changed(set_all("topic", "消費者👩‍👩‍👧" * 50)),
        "only-answers": files.made(header, [event for event in events if event["event"] in ("answer", "response")]),
        "only-inputs": files.made(header, [event for event in events if event["event"] == "input"]),
        "no-inputs": files.made(header, [event for event in events if event["event"] != "input"]),
    }
    for name, text in strange.items():
        for command in (["trace", "--lanes"], ["trace", "--all"], ["replay", "-v"], ["trace", "--around", "50"]):
            title = "-".join(word.strip("-") for word in command)
            codes = (0, 2) if command[0] == "trace" else (0, 1, 2, 3, 5, 6, 7)
            yield Trial(f"evidence/strange-{name}/{title}", [*command, "e.jsonl"], codes, prepare=lambda course, t=text: course.write("e.jsonl", t), seconds=10,
                        megabytes_printed=60, megabytes=500)
    nested = files.lines("ex3-solution-planned")
    for name, (field, value) in {"partition-most": ("partition", 2**31 - 1), "generation-minus": ("generation", -2**31), "member-empty": ("member", "")}.items():
        def deep(inner):
            if isinstance(inner, dict):
                return {key: (value if key == field and type(item) is type(value) else deep(item)) for key, item in inner.items()}
            return [deep(item) for item in inner] if isinstance(inner, list) else inner
        text = files.made(nested[0], [deep(event) for event in nested[1:]])
        for command in (["trace", "--lanes"], ["trace", "--all"], ["replay", "-v"]):
            title = "-".join(word.strip("-") for word in command)
            yield Trial(f"evidence/strange-{name}/{title}", [*command, "e.jsonl"], (0, 1, 2, 3, 5, 6, 7), prepare=lambda course, t=text: course.write("e.jsonl", t), seconds=10)


def _several():
    def put(*names):
        def prepare(course):
            for name in names:
                course.write(f"{name}.jsonl", files.plain(name=name))
        return prepare

    steady, refused = "ex1-solution-steady", "ex1-solution-refused"
    yield Trial("replay/one-of-five", ["replay", f"{steady}.jsonl"], (0,), prepare=put(steady), says=("1 of 5 scenarios",), never=("producer basics passed",))
    yield Trial("replay/one-of-five-json", ["replay", f"{steady}.jsonl", "--json"], (0,), prepare=put(steady), after=_not_passed)
    yield Trial("replay/one-of-five-grader", ["replay", f"{steady}.jsonl"], (0,), prepare=put(steady), binary="grader", says=("1 of 5 scenarios",), never=("producer basics passed",))
    yield Trial("replay/same-twice", ["replay", f"{steady}.jsonl", f"{steady}.jsonl"], (0, 2), prepare=put(steady), says=("1 of 5 scenarios|twice",), never=("2 of 5", "producer basics passed"))
    yield Trial("replay/same-twice-by-link", ["replay", f"{steady}.jsonl", "link.jsonl"], (0, 2), says=("1 of 5 scenarios|twice|same",), never=("2 of 5", "producer basics passed"),
                prepare=lambda course: (put(steady)(course), (course.root / "link.jsonl").symlink_to(f"{steady}.jsonl")))
    yield Trial("replay/same-scenario-copied", ["replay", f"{steady}.jsonl", "copy.jsonl"], (0, 2), says=("1 of 5 scenarios|twice|same",), never=("2 of 5", "producer basics passed"),
                prepare=lambda course: (put(steady)(course), course.write("copy.jsonl", files.plain())))
    yield Trial("replay/same-five-times", ["replay", *[f"{steady}.jsonl"] * 5], (0, 2), prepare=put(steady), says=("1 of 5 scenarios|twice|same",), never=("5 of 5", "producer basics passed"))
    yield Trial("replay/two-of-five", ["replay", f"{steady}.jsonl", f"{refused}.jsonl"], (0,), prepare=put(steady, refused), says=("2 of 5 scenarios",), never=("producer basics passed",))
    yield Trial("replay/two-runs", ["replay", f"{steady}.jsonl", "ex1-acks_0.jsonl"], (2,), prepare=put(steady, "ex1-acks_0"), says=("another run",))
    yield Trial("replay/two-exercises", ["replay", f"{steady}.jsonl", "ex2-solution-steady.jsonl"], (2,), prepare=put(steady, "ex2-solution-steady"), says=("another run|one exercise|name the files",))
    yield Trial("replay/one-good-one-bad", ["replay", f"{steady}.jsonl", "bad.jsonl"], (2,), says=("bad.jsonl",),
                prepare=lambda course: (put(steady)(course), course.write("bad.jsonl", "x")))
    yield Trial("replay/many", ["replay", *[f"{steady}.jsonl"] * 300], (0, 2), prepare=put(steady), seconds=15)
    yield Trial("replay/failed", ["replay", "ex1-acks_0.jsonl"], (1,), prepare=put("ex1-acks_0"), says=("acks",))
    yield Trial("replay/failed-json", ["replay", "ex1-acks_0.jsonl", "--json"], (1,), prepare=put("ex1-acks_0"))


def _not_passed(course, told):
    found = json.loads(told.out)
    if found.get("verdict") == "passed" and found.get("scenarios_of", found.get("of", 5)) == 5 and "complete" not in found and "of" not in found:
        yield "unclear: JSON says “passed” of one scenario of five, and nothing else"


def _latest():
    # The latest run is the one that came last, whatever the clock of the wall said.
    def second(running):
        from trial import processes  # noqa: F401

    yield check("latest/time-zones", "echo first", scenario=None, environment={"TZ": "Pacific/Kiritimati"}, seconds=60,
                after=_second_is_latest({"TZ": "Pacific/Pago_Pago"}))
    yield check("latest/one-scenario-after-five", "echo first", scenario=None, seconds=60, after=_second_is_latest({}, ["--scenario", "steady"]))
    yield check("latest/interrupted", "echo first", scenario=None, seconds=60, after=_interrupted_is_told)
    yield Trial("latest/none", ["trace"], says=("there is no evidence yet", "kafkacourse check"))
    yield Trial("latest/none-of-ex2", ["trace", "ex2"], says=("there is no evidence of ex2", "kafkacourse check"))
    yield Trial("latest/none-replay", ["replay"], says=("there is no evidence yet", "kafkacourse check"))
    yield check("latest/kept", "true", scenario=None, seconds=120, tags=frozenset(["slow"]), after=_twelve_more)


def _again(course, arguments, environment, binary="kafkacourse", **what):
    import subprocess

    return subprocess.run([course.binary, *arguments], cwd=course.root, env={**course.environment, **environment}, capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL, **what)


def _second_is_latest(environment, more=()):
    def after(course, told):
        _again(course, ["check", "ex1", *more, "--cmd", "echo second"], environment)
        printed = _again(course, ["trace"], {}).stdout
        if b"echo second" not in printed:
            yield f"the run before the last one is shown as the latest: {printed[:200]!r}"
    return after


def _interrupted_is_told(course, told):
    import signal
    import subprocess
    import processes

    process = subprocess.Popen([course.binary, "check", "ex1", "--cmd", "echo second; sleep 60.0339"], cwd=course.root, env=course.environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    processes.wait_until(lambda: any("sleep 60.0339" in line for _, line in processes.descendants(process.pid)), 20)
    process.send_signal(signal.SIGINT)
    process.wait(20)
    replayed = _again(course, ["replay"], {})
    text = (replayed.stdout + replayed.stderr).decode()
    if "interrupt" not in text and "stopped" not in text and "did not come to its end" not in text:
        yield f"unclear: replay does not say that the last run was interrupted: {text[:160]!r}"


def _twelve_more(course, told):
    for _ in range(12):
        _again(course, ["check", "ex1", "--scenario", "steady", "--cmd", "true"], {})
    if (runs := len(list((course.state / "evidence/ex1").iterdir()))) > 12:
        yield f"{runs} runs are kept"
