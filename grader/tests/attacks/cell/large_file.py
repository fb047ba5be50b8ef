"""Makes a file of a terabyte, with nothing in it. Outcome: file-size."""
import os
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # which Python ignores
os.truncate(os.open("large", os.O_CREAT | os.O_WRONLY), 1 << 40)
