"""Cargo, rustup, the disk and the machine in trouble, played by a script in cargo's place; and odd things in `src/`."""

import os
import signal

from trial import NEXT_STEP, Skipped, Trial

NAME = "ex01-producer-basics"

#: What cargo says, and how it ends, where the learner's code is not to blame.
TROUBLE = {
    "disk-full": ("error: failed to write `/x/target/debug/.fingerprint/x`: No space left on device (os error 28)", "exit 101"),
    "disk-full-linker": ("error: linking with `cc` failed: exit status: 1\n  = note: /usr/bin/ld: final link failed: No space left on device\nerror: could not compile `ex01-producer-basics`", "exit 101"),
    "disk-full-rustc": ("error: failed to build archive: No space left on device (os error 28)\nerror: could not compile `rdkafka-sys` (lib)", "exit 101"),
    "rustc-killed": ("error: could not compile `rdkafka` (lib)\n\nCaused by:\n  process didn't exit successfully: `rustc --crate-name rdkafka` (signal: 9, SIGKILL: kill)", "exit 101"),
    "rustc-crashed": ("error: could not compile `ex01-producer-basics`\n\nCaused by:\n  process didn't exit successfully: `rustc` (signal: 11, SIGSEGV: invalid memory reference)", "exit 101"),
    "compiler-bug": ("error: internal compiler error: unexpected panic\n\nnote: the compiler unexpectedly panicked. this is a bug.\nthread 'rustc' panicked at compiler/rustc_middle/src/ty.rs:1:1:", "exit 101"),
    "killed": ("", "kill -9 $$"),
    "segfault": ("", "kill -SEGV $$"),
    "terminated": ("", "kill -TERM $$"),
    "network": ("error: failed to get `rdkafka` as a dependency of package `kit v0.1.0`\n\nCaused by:\n  download of config.json failed\n\nCaused by:\n  failed to download from `https://index.crates.io/config.json`\n\nCaused by:\n  [6] Could not resolve hostname (Could not resolve host: index.crates.io)", "exit 101"),
    "network-spurious": ("warning: spurious network error (3 tries remaining): [28] Timeout was reached\nerror: failed to download from `https://static.crates.io/crates/rdkafka/0.39.0/download`", "exit 101"),
    "offline": ("error: no matching package named `rdkafka` found\nlocation searched: crates.io index\nAs a reminder, you're using offline mode (--offline)", "exit 101"),
    "checksum": ("error: failed to verify the checksum of `rdkafka v0.39.0`", "exit 101"),
    "no-toolchain": ("error: toolchain '1.90-x86_64-unknown-linux-gnu' is not installed\nhelp: run `rustup toolchain install 1.90`", "exit 1"),
    "no-default": ("error: rustup could not choose a version of cargo to run, because one wasn't specified explicitly, and no default is configured.\nhelp: run 'rustup default stable'", "exit 1"),
    "no-component": ("error: 'cargo' is not installed for the toolchain 'stable-x86_64-unknown-linux-gnu'.", "exit 1"),
    "old-rust": ("error: rustc 1.70.0 is not supported by the following packages:\n  grader@0.1.0 requires rustc 1.90", "exit 101"),
    "old-edition": ("error: failed to parse manifest at `/x/Cargo.toml`\n\nCaused by:\n  feature `edition2024` is required\n\n  The package requires the Cargo feature called `edition2024`, but that feature is not stabilized in this version of Cargo (1.70.0).", "exit 101"),
    "no-linker": ("error: linker `cc` not found\n  |\n  = note: No such file or directory (os error 2)\nerror: could not compile `proc-macro2` (build script)", "exit 101"),
    "no-c-compiler": ("error: failed to run custom build command for `rdkafka-sys v4.9.0`\n\nCaused by:\n  process didn't exit successfully: `build-script-build` (exit status: 101)\n  --- stderr\n  error occurred in cc-rs: failed to find tool \"cc\": No such file or directory", "exit 101"),
    "no-make": ("error: failed to run custom build command for `rdkafka-sys v4.9.0`\n  thread 'main' panicked at build.rs:35:9: Failed to execute `make`", "exit 101"),
    "denied": ("error: failed to open: /x/target/debug/.cargo-lock\n\nCaused by:\n  Permission denied (os error 13)", "exit 101"),
    "read-only": ("error: failed to create directory `/x/target`\n\nCaused by:\n  Read-only file system (os error 30)", "exit 101"),
    "no-memory": ("error: could not compile `grader`\nmemory allocation of 1073741824 bytes failed", "exit 101"),
    "no-processes": ("error: could not execute process `rustc` (never executed)\n\nCaused by:\n  Resource temporarily unavailable (os error 11)", "exit 101"),
    "lock-file": ("error: cannot update the lock file /x/Cargo.lock because --locked was passed to prevent this", "exit 101"),
    "silent": ("", "exit 101"),
    "silent-1": ("", "exit 1"),
    "unknown-package": ("error: package ID specification `ex01-producer-basics` did not match any packages", "exit 101"),
    "bad-config": ("error: could not load Cargo configuration\n\nCaused by:\n  could not parse TOML configuration in `/root/.cargo/config.toml`", "exit 101"),
}

#: What the compiler says of the learner's code.
BROKEN = {
    "syntax": "error: expected one of `.`, `;`, found `}`\n --> exercises/ex01-producer-basics/src/main.rs:12:5\n\nerror: could not compile `ex01-producer-basics` (bin \"ex01-producer-basics\") due to 1 previous error",
    "types": "error[E0308]: mismatched types\n --> exercises/ex01-producer-basics/src/main.rs:12:5\n\nerror: could not compile `ex01-producer-basics` (bin \"ex01-producer-basics\") due to 1 previous error",
    "raw": "error: unknown start of token: \\u{1b} \x1b[2J\x1b]0;owned\x07\u202e\n --> exercises/ex01-producer-basics/src/main.rs:1:1\n\nerror: could not compile `ex01-producer-basics` (bin \"ex01-producer-basics\") due to 1 previous error",
    "says-disk": "error: No space left on device is what my string says\n --> exercises/ex01-producer-basics/src/main.rs:3:5\n\nerror: could not compile `ex01-producer-basics` (bin \"ex01-producer-basics\") due to 1 previous error",
}


def trials():
    for name, (text, ending) in TROUBLE.items():
        for more in ([], ["--json"]):
            yield Trial(f"build/{name}{'-json' if more else ''}", ["check", "ex1", *more], (7,), says=("not your doing|error|grader_fault", NEXT_STEP if not more else "grader_fault"),
                        never=("does not build; the compiler says why", "did_not_build"), prepare=_cargo(text, ending), after=_no_attempt,
                        environment=CARGO)
    yield Trial("build/network-author", ["author", "check", "ex1"], (7, 2), says=("cargo|build",), never=("ex01-producer-basics does not build",), prepare=_cargo(*TROUBLE["network"]), environment=CARGO)
    for name, text in BROKEN.items():
        for more in ([], ["--json"]):
            yield Trial(f"build/broken-{name}{'-json' if more else ''}", ["check", "ex1", *more], (4,), says=("does not build|did_not_build",), prepare=_cargo(text, "exit 101"),
                        after=_one_attempt, environment=CARGO)
    # The reference does not build: nobody's attempt, and not the learner's fault.
    solution = BROKEN["types"].replace("exercises/", "solutions/").replace("basics`", "basics-solution`")
    yield Trial("build/solution-broken", ["check", "ex1", "--solution"], (4, 7), prepare=_cargo(solution, "exit 101"), after=_no_attempt, environment=CARGO)
    yield Trial("build/kit-broken", ["check", "ex1"], (4, 7), prepare=_cargo(BROKEN["types"].replace("ex01-producer-basics/", "kit/").replace("`ex01-producer-basics`", "`kit`"), "exit 101"), environment=CARGO)
    messages = {
        "nothing-said": ("", 7), "not-json": ("echo once upon a time", 7), "no-executable": ("""echo '{"reason":"compiler-artifact","target":{"name":"%s"},"executable":null}'""" % NAME, 7),
        "other-name": ("""echo '{"reason":"compiler-artifact","target":{"name":"other"},"executable":"/bin/true"}'""", 7),
        "missing-program": (_artifact("/no/such/program"), 7), "no-program": (_artifact("/etc/passwd"), 7), "folder": (_artifact("/tmp"), 7),
        "raw-json": ("printf '\\033[2J\\377\\376{\\n'", 7), "one-line-endless": ("head -c 100000000 /dev/zero | tr '\\0' x", 7),
        "many-lines": ("yes '{\"reason\":\"x\"}' | head -c 200000000", 7),
    }
    for name, (text, code) in messages.items():
        yield Trial(f"build/message-{name}", ["check", "ex1"], (code,), prepare=_cargo_script(text + "\nexit 0"), environment=CARGO, seconds=20, says=("not your doing|error",), after=_no_attempt,
                    megabytes=500)
    yield Trial("build/message-right", ["check", "ex1"], (1,), prepare=_cargo_script(_artifact("/bin/true")), environment=CARGO, seconds=20, after=_one_attempt)
    yield Trial("build/endless-diagnostics", ["check", "ex1"], (4, 7), prepare=_cargo_script("head -c 300000000 /dev/zero | tr '\\0' 'e' >&2\nexit 101"), environment=CARGO, seconds=20,
                megabytes=600, megabytes_printed=20)
    yield Trial("build/lock", ["check", "ex1"], (1,), environment=CARGO, seconds=20, says=("waiting for another cargo",),
                prepare=_cargo_script("echo '    Blocking waiting for file lock on build directory' >&2\nsleep 0.3\n" + _artifact("/bin/true")))
    for name, number, code in (("int", signal.SIGINT, 130), ("term", signal.SIGTERM, 143)):
        yield Trial(f"build/hangs-{name}", ["check", "ex1"], (code,), prepare=_cargo_script("sleep 60.0771"), environment=CARGO, during=_signal_at("sleep 60.0771", number), seconds=10,
                    after=_no_attempt)
    yield Trial("build/hangs-kill", ["check", "ex1"], (137,), prepare=_cargo_script("sleep 60.0772"), environment=CARGO, during=_signal_at("sleep 60.0772", signal.SIGKILL), seconds=10,
                after=_no_attempt)
    places = {"no-cargo": {"CARGO": None, "PATH": "/nowhere"}, "cargo-nowhere": {"CARGO": "/nowhere/cargo"}, "cargo-folder": {"CARGO": "/tmp"}, "cargo-text": {"CARGO": "/etc/passwd"},
              "cargo-empty": {"CARGO": ""}}
    for name, environment in places.items():
        for more in ([], ["--json"]):
            yield Trial(f"build/{name}{'-json' if more else ''}", ["check", "ex1", *more], (7,), environment=environment, says=("cargo", "rustup.rs|CARGO|permission"), after=_no_attempt)
        yield Trial(f"build/{name}-doctor", ["doctor"], (1,) if name == "no-cargo" else (0, 1), environment=environment, seconds=20, says=("cargo",))
    yield from _sources()
    yield from _resets()


CARGO = {"CARGO": lambda course: str(course.root / "bin/cargo")}


def _artifact(program):
    return """echo '{"reason":"compiler-artifact","target":{"name":"%s"},"executable":"%s"}'""" % (NAME, program)


def _cargo(text, ending):
    """A cargo that says this on standard error and ends so."""
    def prepare(course):
        course.write("bin/said", text + "\n" if text else "")
        course.script("bin/cargo", f'#!/bin/sh\ncat "$(dirname "$0")/said" >&2\n{ending}\n')
    return prepare


def _cargo_script(script):
    return lambda course: course.script("bin/cargo", f"#!/bin/sh\n{script}\n")


def _signal_at(word, number):
    def during(running):
        if not running.wait_for(lambda: running.programs(word)):
            running.complaints.append("what was to hang never ran")
        running.signal(number)
    return during


def _no_attempt(course, told):
    if course.attempts():
        yield "counts as an attempt, though no code was judged"


def _one_attempt(course, told):
    if len(course.attempts()) != 1:
        yield f"{len(course.attempts())} attempts are kept, not 1"


# ── what editors and systems leave in src/ ──

LEFT = {
    "swap": lambda src: (src / ".main.rs.swp").write_bytes(b"b0VIM\x00" * 100),
    "emacs-lock": lambda src: (src / ".#main.rs").symlink_to("me@host.1234:5678"),
    "emacs-backup": lambda src: (src / "main.rs~").write_text("old"),
    "emacs-save": lambda src: (src / "#main.rs#").write_text("old"),
    "vim-probe": lambda src: (src / "4913").touch(),
    "ds-store": lambda src: (src / ".DS_Store").write_bytes(b"\0\0\0\1Bud1"),
    "fifo": lambda src: os.mkfifo(src / "pipe"),
    "loop": lambda src: (src / "loop").symlink_to("loop"),
    "loop-folder": lambda src: (src / "again").symlink_to("."),
    "up": lambda src: (src / "up").symlink_to("/"),
    "device": lambda src: (src / "zero").symlink_to("/dev/zero"),
    "socket": lambda src: __import__("socket").socket(1).bind(str(src / "s")),
    "not-utf8": lambda src: open(os.fsencode(src) + b"/\xff\xfe", "w").close(),
    "huge": lambda src: ((src / "huge").touch(), os.truncate(src / "huge", 8 << 30)),
    "many": lambda src: [(src / f"file{number}").touch() for number in range(3000)],
    "deep": lambda src: os.makedirs(src / "/".join(["d"] * 500)),
    "kate": lambda src: (src / ".main.rs.kate-swp").write_text("x"),
    "temporary": lambda src: (src / "main.rs.tmp.12345").write_text("x"),
    "orig": lambda src: (src / "main.rs.orig").write_text("x"),
}


def _sources():
    for name, make in LEFT.items():
        src = lambda course: course.root / "exercises" / NAME / "src"
        for command in ("next",):
            def prepare(course, make=make, src=src):
                make(src(course))
                course.done(done="checked", exercise="ex1", verdict="passed", broker="", seed=1, diagnosis=None, sources="00000000")
            yield Trial(f"sources/{name}/{command}", [command], (0,), prepare=prepare, seconds=3)
        yield Trial(f"sources/{name}/check", ["check", "ex1"], (1,), prepare=lambda course, make=make, src=src: (make(src(course)), _cargo_script(_artifact("/bin/true"))(course)),
                    environment=CARGO, seconds=20, after=_one_attempt)
        # What has passed stays passed, whatever an editor leaves there afterwards.
        yield Trial(f"sources/{name}/stale", ["check", "ex1", "--scenario", "steady"], (0,), environment=CARGO, seconds=30, prepare=_with_solution,
                    after=_not_stale(make, src))
    for name, shell in {"dark-file": f"touch exercises/{NAME}/src/x; chmod 000 exercises/{NAME}/src/x", "dark-folder": f"chmod 000 exercises/{NAME}/src", "no-src": f"rm -r exercises/{NAME}/src",
                        "src-file": f"rm -r exercises/{NAME}/src; touch exercises/{NAME}/src"}.items():
        for command in ("next", "list", "progress"):
            yield Trial(f"sources/{name}/{command}", [command], (0, 2), shell=shell, unprivileged=True, seconds=3)


def _with_solution(course):
    """Cargo's place is taken by a script that names the solution, which has to be built beside the binary."""
    program = os.path.join(os.path.dirname(os.environ["ABUSE_BINARY"]), f"{NAME}-solution")
    if not os.path.exists(program):
        raise Skipped("the solution is not built")
    _cargo_script(_artifact(program))(course)


def _not_stale(make, src):
    def after(course, told):
        import subprocess

        again = lambda *arguments: subprocess.run([course.binary, *arguments], cwd=course.root, env=course.environment, capture_output=True, timeout=20,
                                                  stdin=subprocess.DEVNULL)
        whole = again("check", "ex1")
        if whole.returncode != 0:
            yield f"the solution does not pass: {whole.stdout[-200:]!r}"
            return
        look = lambda: [again(command).stdout for command in ("list", "next", "progress")]
        before = look()
        make(src(course))
        now = look()
        if before != now:
            yield "is stale, though no source has changed"
    return after


# ── reset ──

def _resets():
    stub = f"exercises/{NAME}/src/main.rs"
    git = ("git init -q . && git -c user.name=a -c user.email=a@b add modules exercises Cargo.toml && git -c user.name=a -c user.email=a@b commit -qm x")
    cases = {
        "right": (f"{git}; echo '// mine' >> {stub}", (0,), "backup|kept"),
        "no-git": ("true", (2,), "git"),
        "fifo": (f"{git}; rm {stub}; mkfifo {stub}", (0, 2), "main.rs"),
        "folder": (f"{git}; rm {stub}; mkdir {stub}", (0, 2), "main.rs"),
        "link": (f"{git}; rm {stub}; echo precious > ../precious; ln -s ../../../../precious {stub}", (0, 2), "main.rs"),
        "missing": (f"{git}; rm {stub}", (0,), "main.rs"),
        "dark": (f"{git}; echo '// mine' >> {stub}; chmod 555 exercises/{NAME}/src", (2,), "permission"),
        "backup-file": (f"{git}; echo '// mine' >> {stub}; mkdir .kafkacourse; touch .kafkacourse/backup", (2,), "backup"),
        "state-file": (f"{git}; echo '// mine' >> {stub}; touch .kafkacourse", (2,), "kafkacourse"),
        "git-nowhere": (f"{git}; export PATH=/nowhere", (2,), "git"),
        "git-hostile": (f"{git}; echo '// mine' >> {stub}; mkdir -p evil; printf '#!/bin/sh\\nprintf \"\\\\033[2Jowned\" >&2; exit 1\\n' > evil/git; chmod +x evil/git; export PATH=$PWD/evil:$PATH", (2,), "not known|owned"),
    }
    for name, (shell, codes, says) in cases.items():
        yield Trial(f"reset/{name}", ["reset", "ex1"], codes, shell=shell, says=(says,), unprivileged=name == "dark", seconds=10,
                    after=lambda course, told: _nothing_lost(course, told))


def _nothing_lost(course, told):
    """What the learner had is still somewhere."""
    stub = course.root / f"exercises/{NAME}/src/main.rs"
    backups = list((course.state / "backup").glob("*")) if (course.state / "backup").is_dir() else []
    if told.code == 0 and stub.is_file() and b"// mine" not in stub.read_bytes() and not backups and b"nothing to do" not in told.out and b"as it was" not in told.out:
        yield "the learner's work is gone"
    precious = course.outside / "precious"
    if precious.exists() and precious.read_text() != "precious\n":
        yield "followed a link and overwrote what lies outside"
