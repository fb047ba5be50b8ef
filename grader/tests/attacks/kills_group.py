"""Signals its whole process group and its parent. Verdict: failed or crashed, and nobody else is hit."""
import os
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.killpg(os.getpgrp(), signal.SIGTERM)
