"""Writes into the course: progress, evidence of its own run. Verdict: failed; what it wrote gives nobody a pass without a word."""
import glob
import os
for path in glob.glob(".kafkacourse/evidence/*/*/*"):
    with open(path, "ab") as file:
        file.write(b"\0garbage\x1b[2J\n" * 100)
