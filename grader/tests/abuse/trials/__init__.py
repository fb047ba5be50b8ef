"""All tables of trials. A table is a module with a function `trials()` that yields them."""

from . import (
    brokers, builds, courses, environments, evidence, commands, programs, progress, signals, streams, terminals, words,
)

TABLES = [
    words, commands, streams, environments, terminals, courses, progress, evidence, builds, programs, signals, brokers,
]


def every():
    """Every trial of every table; names are unique."""
    found = [trial for table in TABLES for trial in table.trials()]
    names = [trial.name for trial in found]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"two trials are called {twice}"
    return found
