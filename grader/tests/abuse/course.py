"""A copy of the course for one trial, with a home and a folder for temporary files beside it."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

#: What a copy is made of; it is read, not built.
PARTS = ["modules", "exercises", "solutions", "Cargo.toml", "Cargo.lock"]


class Course:
    """`root` is the course, `outside` the folder around it, in which no course is to be found."""

    def __init__(self, original, attacks):
        # A path without dots, so that what is printed can be compared.
        self.outside = pathlib.Path(os.path.realpath(tempfile.mkdtemp(prefix="abuse-", dir=scratch())))
        self.root = self.outside / "course"
        self.temporary = self.outside / "tmp"
        self.attacks = pathlib.Path(attacks)
        self.root.mkdir()
        self.temporary.mkdir()
        (self.outside / "home").mkdir()
        self.mounted = []
        #: Processes of the trial's own, which end with it.
        self.helpers = []
        for part in PARTS:
            source = pathlib.Path(original) / part
            if source.is_dir():
                subprocess.run(["cp", "-r", "--", source, self.root / part], check=True)
            elif source.exists():
                shutil.copy(source, self.root / part)

    @property
    def state(self):
        return self.root / ".kafkacourse"

    @property
    def progress(self):
        return self.state / "progress.jsonl"

    def write(self, below, contents):
        path = self.root / below
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
        return path

    def edit(self, below, old, new):
        text = (self.root / below).read_text()
        assert old in text, f"{below} does not contain {old!r}"
        self.write(below, text.replace(old, new, 1))

    def script(self, below, text):
        """An executable file; returns its path."""
        path = self.write(below, text)
        path.chmod(0o755)
        return path

    def done(self, **entry):
        """Adds a line to the progress, as kafkacourse would."""
        self.state.mkdir(exist_ok=True)
        line = {"format": 2, "at": "2026-01-02T03:04:05Z", **entry}
        with open(self.progress, "a") as file:
            file.write(json.dumps(line) + "\n")

    def evidence(self):
        """Complete evidence files, oldest first."""
        return sorted(self.state.glob("evidence/*/*/*.gz"))

    def entries(self):
        """Lines of progress that are whole; `None` for one that is not."""
        def parsed(line):
            try:
                return json.loads(line)
            except ValueError:
                return None

        if not self.progress.is_file():
            return []
        return [parsed(line) for line in self.progress.read_bytes().split(b"\n") if line]

    def attempts(self):
        return [entry for entry in self.entries() if entry and entry.get("done") == "checked"]

    def mount(self, folder, kilobytes):
        """A small file system of its own; false where this process may not mount one."""
        folder.mkdir(parents=True, exist_ok=True)
        if os.system(f"mount -t tmpfs -o size={kilobytes}k abuse '{folder}' 2>/dev/null") != 0:
            return False
        self.mounted.append(folder)
        return True

    def fill(self, folder):
        """Fills the file system of `folder`."""
        with open(folder / "filler", "wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 64, 1):
                try:
                    while file.write(b"\0" * size):
                        pass
                except OSError:
                    pass

    def give_to(self, user):
        """Makes everything belong to `user`, and lets that user come here."""
        os.chmod(self.outside, 0o755)
        for folder, _, files in os.walk(self.outside):
            os.chown(folder, user, user, follow_symlinks=False)
            for name in files:
                os.chown(os.path.join(folder, name), user, user, follow_symlinks=False)

    def remove(self):
        for folder in self.mounted:
            os.system(f"umount -l '{folder}' 2>/dev/null")
        subprocess.run(["chmod", "-R", "u+rwX", "--", self.outside], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", "--", self.outside], stderr=subprocess.DEVNULL)


def scratch():
    """Where copies lie; `ABUSE_SCRATCH` chooses another place."""
    return os.environ.get("ABUSE_SCRATCH") or tempfile.gettempdir()
