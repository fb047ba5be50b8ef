#!/usr/bin/env python3
"""Tries to break kafkacourse in several hundred ways, and says how often it took that well.

    abuse.py --binary target/debug/kafkacourse --course . [--only PATTERN] [--tags quick|fast|slow] [--jobs N]

Each trial runs in a copy of the course of its own. It is right when the exit code, the time, the memory and what is
left behind are right, nothing raw and no panic is printed, and the words name what is wrong and a next step; unclear
when only the words are missing; else wrong. The tables are in `trials/`, the programs that trials run in `../attacks/`.
Standard library only. Linux; elsewhere what looks into /proc is not seen.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import select
import sys
import time
import traceback
import zlib

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import trial as trials_module  # noqa: E402
import trials  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="kafkacourse; grader is looked for beside it")
    parser.add_argument("--course", required=True, help="the course that is copied; it stays as it is")
    parser.add_argument("--only", default="", metavar="PATTERN", help="trials whose name matches")
    parser.add_argument("--skip", metavar="PATTERN", help="not those whose name matches")
    parser.add_argument("--tags", choices=["quick", "fast", "slow", "all"], default="all",
                        help="fast: without those that take long, or want Docker; quick: some of these, for `cargo test`")
    parser.add_argument("--jobs", type=int, default=2, help="trials at the same time")
    parser.add_argument("--patience", type=float, default=1.0, help="factor for limits of time, on a busy machine")
    parser.add_argument("--times", type=int, default=1, help="each so many times")
    parser.add_argument("--open", metavar="FILE", help="names of trials that are known not to be right yet, one a line: they do not count")
    parser.add_argument("--list", action="store_true", help="names only")
    parser.add_argument("--quiet", action="store_true", help="only what is not right")
    parser.add_argument("--show", action="store_true", help="also what was printed, where it is not right")
    parser.add_argument("--json", metavar="FILE", help="results, one JSON object a line")
    arguments = parser.parse_args()

    chosen = [one for one in trials.every() if re.search(arguments.only, one.name)]
    if arguments.skip:
        chosen = [one for one in chosen if not re.search(arguments.skip, one.name)]
    if arguments.tags == "quick":
        chosen = quick(chosen)
    elif arguments.tags != "all":
        chosen = [one for one in chosen if ("slow" in one.tags) == (arguments.tags == "slow")]
    if arguments.list:
        print("\n".join(one.name for one in chosen))
        return 0
    # A name that is not there must not look like success.
    if not chosen:
        sys.exit(f"no trial matches {arguments.only!r}")
    count, kinds = collections.Counter(), collections.defaultdict(collections.Counter)
    still_open = set()
    if arguments.open:
        still_open = {line.split("#")[0].strip() for line in open(arguments.open)} - {""}
    log = open(arguments.json, "w") if arguments.json else None
    began = time.monotonic()
    for one, (verdict, complaints, seconds, printed) in play(chosen * arguments.times, arguments):
        if one.name in still_open:
            if verdict == "right":
                print(f"{one.name} is right now: take it out of {arguments.open}, so that it stays right")
            else:
                verdict = "open"
        count[verdict] += 1
        kinds[one.name.split("/")[0]][verdict] += 1
        if log:
            log.write(json.dumps({"name": one.name, "verdict": verdict, "complaints": complaints,
                                  "seconds": round(seconds, 3), "printed": printed}) + "\n")
            log.flush()
        if not arguments.quiet or verdict not in ("right", "skipped", "open"):
            print(f"{verdict:8} {seconds:6.2f} s  {one.name}" + "".join(f"\n    {text}" for text in complaints))
            if arguments.show and verdict not in ("right", "skipped"):
                print("    " + printed.replace("\n", "\n    "))
            sys.stdout.flush()
    print()
    for kind, of in sorted(kinds.items()):
        print(f"  {kind:14} " + ", ".join(f"{of[verdict]} {verdict}" for verdict in VERDICTS if of[verdict]))
    skipped = "".join(f", {count[verdict]} {verdict}" for verdict in ("skipped", "open") if count[verdict])
    print(f"{count['right']} right, {count['unclear']} unclear, {count['wrong']} wrong{skipped}"
          f" ({time.monotonic() - began:.0f} s)")
    return 1 if count["unclear"] or count["wrong"] else 0


VERDICTS = ("right", "unclear", "wrong", "skipped", "open")
#: One kind of abuse in so many is tried in a quick run.
QUICK = 4


def quick(chosen):
    """A fraction of the trials that take a moment: the first of some kinds, chosen by their names, so that a new trial
    does not change which others are chosen."""
    kinds = {}
    for one in chosen:
        if "slow" not in one.tags and one.seconds <= 5:
            kinds.setdefault("/".join(one.name.split("/")[:2]), one)
    return [one for kind, one in kinds.items() if zlib.crc32(kind.encode()) % QUICK == 0]


def play(chosen, arguments):
    """Plays the trials, some at the same time, each in a process of its own: whatever is left below it was its doing."""
    waiting, going = list(reversed(chosen)), {}
    while waiting or going:
        while waiting and len(going) < max(1, arguments.jobs):
            one = waiting.pop()
            read, write = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(read)
                try:
                    result = trials_module.run(one, os.path.abspath(arguments.binary), os.path.abspath(arguments.course),
                                               HERE.parent / "attacks", arguments.patience)
                except BaseException:
                    result = ("wrong", ["the trial itself failed: " + traceback.format_exc()], 0.0, "")
                with os.fdopen(write, "w") as file:
                    json.dump(result, file)
                os._exit(0)
            os.close(write)
            going[read] = (one, pid, bytearray())
        # A result is read while it is written: it may be longer than a pipe holds.
        ready, _, _ = select.select(list(going), [], [])
        for read in ready:
            one, pid, text = going[read]
            if chunk := os.read(read, 1 << 16):
                text += chunk
                continue
            del going[read]
            os.close(read)
            os.waitpid(pid, 0)
            yield one, tuple(json.loads(text)) if text else ("wrong", ["the trial's process died"], 0.0, "")


if __name__ == "__main__":
    sys.exit(main())
