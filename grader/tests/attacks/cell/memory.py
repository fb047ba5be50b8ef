"""Takes up memory without end. Outcome: memory."""
taken = []
while True:
    taken.append(b"x" * (4 << 20))
