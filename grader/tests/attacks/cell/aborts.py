"""Ends by a signal of its own. Outcome: signal 6."""
import os

os.abort()
