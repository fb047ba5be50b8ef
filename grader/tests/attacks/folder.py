"""Fills its folder with what is no ordinary file, as `payments.db` or `benchmark.json`: fifo, link, folder, huge, deep, garbage, json, view, wal. Verdict: failed; nothing outside is read, nothing hangs."""
import os
import sqlite3
import sys
kind, name = sys.argv[1], sys.argv[2]
os.chdir(os.environ["KAFKACOURSE_FOLDER"])
if os.path.lexists(name):
    sys.exit()
if kind == "fifo":
    os.mkfifo(name)
elif kind == "link":
    os.symlink(sys.argv[3], name)
elif kind == "loop":
    os.symlink(name, name)
elif kind == "device":
    os.symlink("/dev/zero", name)
elif kind == "folder":
    os.mkdir(name)
elif kind == "huge":
    os.truncate(os.open(name, os.O_CREAT | os.O_RDWR), 50 << 30)
elif kind == "deep":
    open(name, "w").write("[" * 100_000 + "]" * 100_000)
elif kind == "garbage":
    open(name, "wb").write(b"SQLite format 3\0" + os.urandom(100_000))
elif kind == "raw":
    open(name, "w").write('[{"run":"\\u001b[2J\\u202e","\\u001b[31m":1}]')
elif kind == "numbers":
    open(name, "w").write('[{"delivered":1e400}]')
elif kind == "many-files":
    for number in range(20_000):
        open(f"file{number}", "w").close()
elif kind == "fills":
    with open(name, "wb") as file:
        for _ in range(600):
            file.write(b"\0" * (1 << 20))
elif kind == "deep-folders":
    for _ in range(2_000):
        os.mkdir("d")
        os.chdir("d")
elif kind == "dark":
    os.mkdir("d")
    open("d/x", "w").close()
    os.chmod("d", 0)
    os.chmod(".", 0)
elif kind == "view":
    base = sqlite3.connect(name)
    base.execute("CREATE VIEW balances AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n")
    base.commit()
elif kind == "locked":
    base = sqlite3.connect(name, isolation_level=None)
    base.execute("CREATE TABLE balances (account, cents)")
    base.execute("BEGIN EXCLUSIVE")
    __import__("time").sleep(30)
elif kind == "raw-table":
    base = sqlite3.connect(name)
    base.execute('CREATE TABLE balances (account, "\x1b[2J\u202e")')
    base.execute("INSERT INTO balances VALUES (?, ?)", ("\x1b[31m\u202e", "\x9b"))
    base.commit()
