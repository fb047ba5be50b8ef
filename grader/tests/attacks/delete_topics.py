"""Deletes the topics of its run, through the tap. Verdict: failed, or a refusal; other runs are not hit."""
import struct
from hostile import *
names = [value for name, value in os.environ.items() if name.startswith("KAFKA_TOPIC_")] + ["other-topic"]
for version in (0, 1):
    try:
        print(ask(tap(), DELETE_TOPICS, version, metadata(*names) + struct.pack(">i", 5000)))
    except OSError as error:
        print(error)
