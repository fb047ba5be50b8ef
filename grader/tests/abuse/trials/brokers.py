"""Brokers that are not there, speak nonsense, hang, or die; Docker that is not what it seems."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import processes
from trial import Skipped, Trial
from .common import check

#: Servers that are no Kafka, each played by a few lines of Python.
SERVERS = {
    "closes": "c.close()",
    "silent": "hold.append(c)",
    "http": "c.sendall(b'HTTP/1.1 400 Bad Request\\r\\n\\r\\n'); hold.append(c)",
    "garbage": "c.sendall(os.urandom(5000)); hold.append(c)",
    "huge-frame": "c.sendall(b'\\x7f\\xff\\xff\\xff' + b'x' * 100000); hold.append(c)",
    "negative-frame": "c.sendall(b'\\xff\\xff\\xff\\xff'); hold.append(c)",
    "slow": "hold.append(c); threading.Thread(target=lambda: [(time.sleep(1), c.sendall(b'\\0')) for _ in range(60)], daemon=True).start()",
    "endless": "hold.append(c); threading.Thread(target=lambda: [c.sendall(b'x' * 65536) for _ in range(10**6)], daemon=True).start()",
    "resets": "c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); c.close()",
    "raw": "c.sendall(b'\\0\\0\\0\\x40\\0\\0\\0\\1' + b'\\x1b[2J' * 15); hold.append(c)",
}


def trials():
    for name, what in SERVERS.items():
        yield check(f"broker/server-{name}", "true", (7,), more=["--broker", _server(what)], seconds=25, says=("not your doing", "127.0.0.1", "broker|kafka"), after=_no_attempt)
    yield check("broker/refused", "true", (7,), more=["--broker", "127.0.0.1:1"], seconds=25, says=("not your doing", "127.0.0.1:1", "broker|kafka"), after=_no_attempt)
    yield check("broker/refused-json", "true", (7,), more=["--broker", "127.0.0.1:1", "--json"], seconds=25, says=("127.0.0.1:1",), after=_no_attempt)
    yield check("broker/unresolvable", "true", (7,), more=["--broker", "no-such-host.invalid:9092"], seconds=25, says=("not your doing", "no-such-host.invalid"), after=_no_attempt)
    yield check("broker/unroutable", "true", (7,), more=["--broker", "192.0.2.1:9092"], seconds=25, says=("not your doing", "192.0.2.1"), after=_no_attempt)
    yield check("broker/multicast", "true", (7,), more=["--broker", "255.255.255.255:9"], seconds=25, says=("not your doing", "255.255.255.255"), after=_no_attempt)
    yield check("broker/ipv6", "true", (7,), more=["--broker", "[::1]:1"], seconds=25, says=("not your doing", "::1"), after=_no_attempt)
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        yield check(f"broker/silent-interrupted-{code}", "true", (code,), more=["--broker", _server(SERVERS["silent"])], seconds=10, during=_signal_after(1.0, number), after=_no_attempt)
    # The embedded broker is killed: once is repeated, again and again is said as what it is.
    yield check("broker/embedded-killed-once", "sleep 2", (1, 7), during=_kill_brokers(1), seconds=40, says=("ex1",), never=("this looks like.*idempotence",))
    yield check("broker/embedded-killed-always", "sleep 30.0461", (7,), during=_kill_brokers(50), seconds=25, says=("not your doing", "broker", "died|ended|killed|gone"), after=_no_attempt)
    yield check("broker/embedded-killed-always-ex2", "sleep 30.0462", (7,), exercise="ex2", during=_kill_brokers(50), seconds=25, says=("not your doing", "broker", "died|ended|killed|gone"),
                after=_no_attempt)
    yield check("broker/embedded-killed-json", "sleep 30.0463", (7,), more=["--json"], during=_kill_brokers(50), seconds=25, says=("grader_fault",), after=_no_attempt)
    yield check("broker/embedded-stopped", "sleep 30.0464", (7, 5, 1), exercise="ex2", during=_stop_brokers, seconds=45, says=("broker|nothing moved",), tags=frozenset(["slow"]))
    # Docker that is none.
    dockers = {"nowhere": "tcp://127.0.0.1:1", "garbage": "garbage://", "empty": "", "socket-nowhere": "unix:///nowhere/docker.sock", "socket-file": "unix:///etc/passwd", "raw": "\x1b[2J",
               "unroutable": "tcp://192.0.2.1:2375"}
    for name, host in dockers.items():
        environment = {"DOCKER_HOST": host, "KAFKACOURSE_BROKER": None}
        tags = frozenset(["slow"]) if name in ("unroutable", "empty") else frozenset()
        seconds = 40 if name == "unroutable" else 15
        codes_up = (7,) if name != "empty" else (0, 7)
        yield Trial(f"docker/{name}/up", ["broker", "up"], codes_up, environment=environment, seconds=seconds, says=("docker",), tags=tags)
        yield Trial(f"docker/{name}/status", ["broker", "status"], (0, 7), environment=environment, seconds=seconds, says=("docker|kafka|container",), tags=tags)
        if name != "empty":
            yield Trial(f"docker/{name}/down", ["broker", "down"], (0, 7), environment=environment, seconds=seconds, says=("docker|nothing|removed",), tags=tags)
            yield check(f"docker/{name}/check-docker", "true", (7,), more=["--broker", "docker"], environment=environment, seconds=seconds, says=("not your doing", "docker", r"--broker embedded|embedded"),
                        after=_no_attempt, tags=tags)
        yield check(f"docker/{name}/check-auto", "true", (1,), more=["--broker", "auto"], environment=environment, seconds=seconds + 10, tags=tags)
        yield Trial(f"docker/{name}/doctor", ["doctor"], (0, 1), environment=environment, seconds=seconds, tags=tags)
    for name, what in {k: SERVERS[k] for k in ("closes", "silent", "http", "garbage", "endless")}.items():
        environment = {"KAFKACOURSE_BROKER": None, "DOCKER_HOST": lambda course, what=what: "tcp://" + _start(course, what)}
        yield Trial(f"docker/server-{name}/status", ["broker", "status"], (0, 7), environment=environment, seconds=15, says=("docker|kafka",))
        yield check(f"docker/server-{name}/check-auto", "true", (1,), more=["--broker", "auto"], environment=environment, seconds=20)
        yield Trial(f"docker/server-{name}/doctor", ["doctor"], (0, 1), environment=environment, seconds=20)
    images = {"empty": "", "raw": "\x1b[2J", "nonsense": "no such image!", "upper": "UPPER/Case", "long": "x" * 5000, "not-utf8": b"\xff", "unknown": "kafkacourse/no-such-image:1"}
    for name, image in images.items():
        yield check(f"docker/image-{name}", "true", (7, 2) if name != "empty" else (0, 1, 7), more=["--broker", "docker"], environment={"KAFKACOURSE_KAFKA_IMAGE": image}, seconds=40,
                    says=("docker|image|utf",), after=_no_attempt if name != "empty" else lambda course, told: (), tags=frozenset(["slow"]))
    yield from _leftovers()


def _no_attempt(course, told):
    if course.attempts():
        yield "counts as an attempt"


def _start(course, what):
    """Starts a server that does this to each connection `c`; its address."""
    text = ("import os,socket,struct,sys,threading,time\nhold=[]\ns=socket.socket(); s.bind(('127.0.0.1',0)); s.listen(100)\nprint(s.getsockname()[1],flush=True)\n"
            f"while True:\n    c,_=s.accept()\n    try:\n        {what}\n    except OSError: pass\n")
    process = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    course.helpers.append(process)
    return f"127.0.0.1:{int(process.stdout.readline())}"


def _server(what):
    return lambda course: _start(course, what)


def _signal_after(seconds, number):
    def during(running):
        time.sleep(seconds)
        running.signal(number)
        if not processes.wait_until(running.ended, 2.0 * float(os.environ.get("ABUSE_PATIENCE", "1"))):
            running.complaints.append("had not ended 2 s after the signal")
    return during


def _brokers(running):
    """Children of kafkacourse that are kafkacourse themselves and listen: embedded brokers."""
    name = os.path.basename(running.binary)
    return [pid for pid, line in processes.descendants(running.pid) if name in line and processes.listening_ports(pid)]


def _kill_brokers(most):
    def during(running):
        killed = 0
        while killed < most and not running.ended():
            for pid in _brokers(running):
                # Once its program runs, so that it dies in the middle.
                if running.programs("sleep") or killed:
                    time.sleep(0.1)
                    processes.end([pid])
                    killed += 1
            time.sleep(0.02)
        if not killed:
            running.complaints.append("no embedded broker was found")
    return during


def _stop_brokers(running):
    running.wait_for(lambda: running.programs("sleep"))
    for pid in _brokers(running):
        os.kill(pid, signal.SIGSTOP)


# ── what is left on a Kafka in Docker ──

def _leftovers():
    slow = frozenset(["slow", "docker"])
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        yield check(f"leftovers/docker-{code}", "sleep 60.0931", (code,), scenario=None, more=["--broker", "docker"], seconds=60, tags=slow, prepare=_warm, during=_interrupted(number),
                    after=_no_topics)
    yield check("leftovers/docker-killed", "sleep 60.0932", (137,), scenario=None, more=["--broker", "docker"], seconds=60, tags=slow, prepare=_warm, during=_interrupted(9),
                after=_no_topics_after_next)


DOCKER = {name: os.environ[name] for name in ("KAFKACOURSE_KAFKA_IMAGE", "DOCKER_HOST") if name in os.environ}


def _topics(address):
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../attacks"))
    import hostile
    import struct

    host, _, port = address.rpartition(":")
    data = hostile.ask(socket.create_connection((host, int(port)), timeout=10), hostile.METADATA, 1, struct.pack(">i", -1))
    at = 0

    def number(form):
        nonlocal at
        size = struct.calcsize(form)
        value, = struct.unpack(form, data[at:at + size])
        at += size
        return value

    def text():
        nonlocal at
        size = number(">h")
        if size < 0:
            return None
        at += size
        return data[at - size:at].decode()

    for _ in range(number(">i")):
        number(">i"), text(), number(">i"), text()
    number(">i")
    names = []
    for _ in range(number(">i")):
        number(">h")
        names.append(text())
        number(">b")
        for _ in range(number(">i")):
            number(">h"), number(">i"), number(">i")
            at += 4 * number(">i")
            at += 4 * number(">i")
    return {name for name in names if not name.startswith("__")}


def _warm(course):
    import re

    if "ABUSE_DOCKER" not in os.environ:
        raise Skipped("set ABUSE_DOCKER to use the Kafka that runs in Docker; a kafkacourse with another image might replace it")

    status = subprocess.run([os.environ["ABUSE_BINARY"], "broker", "up"], capture_output=True, text=True, timeout=120, env={**os.environ}, stdin=subprocess.DEVNULL)
    found = re.search(r"(\d+\.\d+\.\d+\.\d+|localhost|\[[0-9a-f:]+\]):(\d+)", status.stdout)
    if status.returncode or not found:
        raise Skipped("no Kafka in Docker: " + (status.stdout + status.stderr).strip()[:100])
    course.address = found.group(0)
    course.topics = _topics(course.address)


def _interrupted(number):
    def during(running):
        running.wait_for(lambda: len(running.programs("sleep 60.093")) >= 3, 40)
        running.signal(number)
    return during


def _no_topics(course, told):
    left = set()
    processes.wait_until(lambda: not left_topics(course), 5)
    left = left_topics(course)
    if left:
        yield f"left behind: {len(left)} topics on Kafka"


def left_topics(course):
    return _topics(course.address) - course.topics


def _no_topics_after_next(course, told):
    subprocess.run([course.binary, "check", "ex1", "--scenario", "steady", "--cmd", "true", "--broker", "docker"], cwd=course.root, env=course.environment, capture_output=True, timeout=60,
                   stdin=subprocess.DEVNULL)
    yield from _no_topics(course, told)
