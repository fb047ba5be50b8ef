"""Opens connections to `tap` or `down`, some hundreds, and holds them. Verdict: failed; memory and descriptors stay bounded, and no listener dies."""
import sys
import time
from hostile import World, tap
which, count, hold = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
opened = []
for number in range(count):
    try:
        opened.append(tap() if which == "tap" else World().socket)
    except OSError as error:
        print(number, error)
        break
print("open", len(opened), flush=True)
time.sleep(hold)
