"""One abuse: what is done to kafkacourse, and what is right. `run` carries it out and says what came of it."""

import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time
from typing import Callable

import processes
from course import Course

#: No trial may take more memory than this, whatever it expects: it is ended.
TOO_MANY_MEGABYTES = 4_000
#: Of each stream so much is kept.
MOST_KEPT = 4 << 20
#: So long may processes live on after kafkacourse has ended.
GRACE = 3.0
NOBODY = 65534

#: Words by which a next step is known.
NEXT_STEP = (
    r"kafkacourse [a-z]|--[a-z]+|did you mean|there (are|is)|it has|write it|all of them|free some|make (it|the)|remove"
    r"|move|update|install|possible values|for more information|usage|go to|name |set |start |try |use |choose|cd "
)


class Skipped(Exception):
    """This cannot be tried here."""


@dataclasses.dataclass
class Trial:
    """An abuse. Whatever is not said has the value that fits most: a user's error, told within five seconds."""

    name: str
    arguments: list
    #: Exit codes that are right; a signal counts as 128 and its number.
    codes: tuple = (2,)
    #: Patterns; each has to occur in what is printed, in any case of letters. One that is missing makes it unclear.
    says: tuple = ()
    #: Patterns that must not occur.
    never: tuple = ()
    #: Environment variables; `None` removes one.
    environment: dict = dataclasses.field(default_factory=dict)
    #: The current folder, below the course.
    folder: str = "."
    prepare: Callable = lambda course: None
    #: Called with a `Running` in a thread of its own, once the process runs.
    during: Callable | None = None
    #: Called with the course and the `Told`; yields what is wrong. What begins with `unclear:` is only unclear.
    after: Callable = lambda course, told: ()
    stdin: bytes = b""
    #: `pipe`, `full` (/dev/full), `closed`, `gone` (a pipe that nobody reads), or `24x80`: a terminal of that size, which
    #: is standard error and standard input, too.
    stdout: str = "pipe"
    stderr: str = "pipe"
    seconds: float = 5.0
    megabytes: int = 250
    megabytes_printed: float = 2.0
    #: Colour codes are welcome.
    colour: bool = False
    #: A line that says what goes on may be drawn and wiped.
    spinner: bool = False
    #: Another program writes to this terminal, too.
    raw_allowed: bool = False
    tags: frozenset = frozenset()
    #: Runs as `nobody` where we are root, since root may do everything.
    unprivileged: bool = False
    binary: str = "kafkacourse"
    #: What a shell does first, in the current folder, before it becomes kafkacourse.
    shell: str | None = None
    #: Progress need not be whole lines, since the trial has damaged it.
    damaged: bool = False


@dataclasses.dataclass
class Told:
    """How it ended and what it printed."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    megabytes: int

    @property
    def text(self):
        return self.out.decode(errors="replace") + "\n" + self.err.decode(errors="replace")


class Running:
    """A trial that is going on."""

    def __init__(self, course, process, binary, environment):
        self.course, self.process, self.binary, self.environment = course, process, binary, environment
        self.complaints = []

    @property
    def pid(self):
        return self.process.pid

    def ended(self):
        return self.process.poll() is not None

    def wait_for(self, fact, seconds=20.0):
        """Waits until `fact()` is true or the process has ended; true if the fact came true."""
        came = []
        processes.wait_until(lambda: fact() and not came.append(True) or self.ended(), seconds)
        return bool(came)

    def programs(self, word):
        """The processes below kafkacourse whose command line holds `word`."""
        return [pid for pid, line in processes.descendants(self.pid) if word in line]

    def signal(self, number):
        try:
            os.kill(self.pid, number)
        except OSError:
            pass

    def run(self, arguments, seconds=60):
        """Another kafkacourse beside this one, as a `CompletedProcess`."""
        return subprocess.run(
            [self.binary, *arguments], cwd=self.course.root, env=self.environment, capture_output=True, timeout=seconds,
            stdin=subprocess.DEVNULL,
        )


def run(trial, binary, original, attacks, patience):
    """Carries out `trial`. Returns a verdict (right, unclear, wrong, skipped), complaints, and seconds."""
    processes.adopt_orphans()
    # Whoever started us may have told us to ignore these, and kafkacourse would inherit that.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    os.environ["ABUSE_BINARY"], os.environ["ABUSE_PATIENCE"] = binary, str(patience)
    course = Course(original, attacks)
    try:
        try:
            trial.prepare(course)
            told, complaints = _play(trial, binary, course, patience)
        except Skipped as why:
            return "skipped", [str(why)], 0.0, ""
        try:
            complaints += _judge(trial, course, told)
        except subprocess.TimeoutExpired as stuck:
            complaints.append(f"{' '.join(map(str, stuck.cmd))[-60:]} had not ended after {stuck.timeout:g} s")
        verdict = "right"
        if complaints:
            verdict = "unclear" if all(complaint.startswith("unclear:") for complaint in complaints) else "wrong"
        printed = f"exit code {told.code}, {told.megabytes} MB\n{told.out[:3000]!r}\n{told.err[:3000]!r}"
        return verdict, complaints, told.seconds, printed
    finally:
        processes.end_all_below_us()
        course.remove()


def _environment(trial, course):
    environment = {name: os.environ[name] for name in ("PATH", "RUSTUP_HOME", "CARGO_HOME", "KAFKACOURSE_KAFKA_IMAGE") if name in os.environ}
    environment.update(
        HOME=str(course.outside / "home"), TMPDIR=str(course.temporary), COLUMNS="80", LANG="C.UTF-8", TERM="xterm",
        KAFKACOURSE_BROKER="embedded", ATTACKS=str(course.attacks), PYTHONDONTWRITEBYTECODE="1",
    )
    for name, value in trial.environment.items():
        value = value(course) if callable(value) else value
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    return environment


def _play(trial, binary, course, patience):
    environment = _environment(trial, course)
    binary = str(pathlib.Path(binary).with_name(trial.binary))
    user = {}
    if trial.unprivileged and os.geteuid() == 0:
        own = course.outside / "bin"
        own.mkdir()
        binary = shutil.copy(binary, own / trial.binary)
        modes = {path: path.lstat().st_mode for path in course.root.iterdir()}
        course.give_to(NOBODY)
        for path, mode in modes.items():
            if not path.is_symlink():
                path.chmod(mode & 0o7777)
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    arguments = [argument(course) if callable(argument) else argument for argument in trial.arguments]
    arguments = [str(argument) if isinstance(argument, pathlib.Path) else argument for argument in arguments]
    closed = [number for number, kind in ((1, trial.stdout), (2, trial.stderr)) if kind == "closed"]
    folder = course.root / trial.folder
    began = time.monotonic()
    streams = {"stdin": subprocess.PIPE}
    streams |= {name: _stream(kind) for name, kind in (("stdout", trial.stdout), ("stderr", trial.stderr))}
    terminal = None
    if "x" in trial.stdout:
        terminal, end = _terminal(trial.stdout)
        streams = {"stdin": end, "stdout": end, "stderr": end}
    command = [binary, *arguments]
    if trial.shell:
        command = [shutil.which("bash") or "/bin/sh", "-c", f'{trial.shell}\nexec "$0" "$@"', *command]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, start_new_session=True, **streams,
        preexec_fn=(lambda: [os.close(number) for number in closed]) if closed else None, **user,
    )
    kept = {"out": bytearray(), "err": bytearray()}
    sizes = {"out": 0, "err": 0}
    if terminal is not None:
        os.close(end)
        process.stdin = os.fdopen(os.dup(terminal), "wb", buffering=0)
        process.stdout = os.fdopen(terminal, "rb", buffering=0)
    readers = [
        threading.Thread(target=_read, args=(pipe, kept, sizes, name), daemon=True)
        for name, pipe, kind in (("out", process.stdout, trial.stdout), ("err", process.stderr, trial.stderr))
        if pipe and (kind == "pipe" or name == "out" and terminal is not None)
    ]
    for pipe, kind in ((process.stdout, trial.stdout), (process.stderr, trial.stderr)):
        if kind == "gone" and pipe:
            pipe.close()
    [reader.start() for reader in readers]
    threading.Thread(target=_feed, args=(process.stdin, trial.stdin), daemon=True).start()
    course.binary, course.environment = binary, environment
    running = Running(course, process, binary, environment)
    acting = None
    if trial.during:
        acting = threading.Thread(target=_act, args=(trial.during, running), daemon=True)
        acting.start()
    complaints, limit, peak = running.complaints, began + trial.seconds * patience, 0
    while process.poll() is None:
        peak = max(peak, processes.peak_megabytes(process.pid))
        if time.monotonic() > limit or peak > TOO_MANY_MEGABYTES:
            how = f"it had not ended after {trial.seconds:g} s" if peak <= TOO_MANY_MEGABYTES else f"it took {peak} MB"
            complaints.append(how)
            process.kill()
            process.wait()
        time.sleep(0.01)
    seconds = time.monotonic() - began
    if acting:
        acting.join(30)
        if acting.is_alive():
            complaints.append("what was to happen meanwhile did not come to its end")
    overtime = bool(complaints)
    processes.end(helper.pid for helper in course.helpers)
    if not processes.wait_until(lambda: not processes.any_below_us(), GRACE * patience) and not overtime:
        complaints += [f"left behind: process {line!r}" for _, line in processes.descendants(os.getpid())]
    processes.end_all_below_us()
    [reader.join(2) for reader in readers]
    complaints += [f"printed {sizes[name] / (1 << 20):.1f} MB on {name}" for name in sizes
                   if sizes[name] > trial.megabytes_printed * (1 << 20)]
    code = process.returncode if process.returncode >= 0 else 128 - process.returncode
    return Told(code, bytes(kept["out"]), bytes(kept["err"]), seconds, peak), complaints


def _stream(kind):
    if kind == "full":
        return open("/dev/full", "wb")
    return subprocess.PIPE if kind in ("pipe", "gone") else None


def _terminal(size):
    """A terminal of `ROWSxCOLUMNS`: our end and the other."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    rows, columns = (int(part) for part in size.split("x"))
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    settings = termios.tcgetattr(theirs)
    settings[1] &= ~termios.OPOST  # lines end as they were written
    settings[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    return ours, theirs


def _read(pipe, kept, sizes, name):
    while chunk := _chunk(pipe):
        sizes[name] += len(chunk)
        kept[name] += chunk[: max(0, MOST_KEPT - len(kept[name]))]


def _chunk(pipe):
    try:
        return os.read(pipe.fileno(), 1 << 16)
    except OSError:  # a terminal whose other end is closed
        return b""


def _feed(pipe, data):
    try:
        pipe.write(data)
        pipe.close()
    except OSError:
        pass


def _act(during, running):
    try:
        during(running)
    except Exception as error:
        running.complaints.append(f"what was to happen meanwhile failed: {error!r}")


def _judge(trial, course, told):
    complaints = []
    if told.code not in trial.codes:
        complaints.append(f"exit code {told.code}, not {' or '.join(map(str, trial.codes))}")
    if told.megabytes > trial.megabytes:
        complaints.append(f"{told.megabytes} MB of memory, more than {trial.megabytes}")
    if not trial.raw_allowed:
        out = SPINNER.sub(b"", told.out) if trial.spinner else told.out
        complaints += unclean(out, trial.colour) + unclean(told.err, trial.colour)
    text = told.text
    # Lines are wrapped, and a pattern is about the words.
    words = re.sub(r"\s+", " ", text)
    complaints += [f"it says {pattern!r}" for pattern in trial.never if re.search(pattern, words, re.IGNORECASE)]
    complaints += [
        f"unclear: it does not say {pattern!r}" for pattern in trial.says if not re.search(pattern, words, re.IGNORECASE)
    ]
    folders = [course.temporary] if course.temporary.is_dir() else []
    for folder in folders:
        complaints += [f"left behind: {path.name!r} in TMPDIR" for path in folder.iterdir()
                       if path.name.startswith(("kafkacourse", ".tmp"))]
    if not trial.damaged and course.progress.is_file() and not course.progress.is_symlink():
        raw = course.progress.read_bytes()
        if raw and not raw.endswith(b"\n") or None in course.entries():
            complaints.append("left behind: half a line of progress")
    return complaints + list(trial.after(course, told))


#: A panic of ours, by the place that it names: that of a learner's program is below its own folder.
PANIC = re.compile(r"panicked at (?:[^\n]*(?:grader/|\.cargo/|/rustc/|library/|rust/))|stack backtrace:|RUST_BACKTRACE")
#: What must not reach a terminal: control characters of both kinds, and what turns the direction of writing.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SPINNER = re.compile(rb"\r|\x1b\[[0-9]*[ABCDKG]|\x1b\[\?25[hl]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def unclean(data, colour=False):
    """What may not stand in anything that is printed."""
    complaints = []
    try:
        text = data.decode()
    except UnicodeDecodeError:
        # The end may have been cut off by us.
        text = data.decode(errors="replace")
        if "\ufffd" in text and len(data) < MOST_KEPT:
            complaints.append("prints what is not UTF-8")
    if found := PANIC.search(text):
        complaints.append(f"panic: {text[max(0, found.start() - 40):found.end() + 120]!r}")
    if colour:
        text = COLOUR.sub("", text)
    if found := RAW.search(text):
        complaints.append(f"prints a raw control character: {text[max(0, found.start() - 30):found.end() + 30]!r}")
    return complaints
