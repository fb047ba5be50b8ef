#!/usr/bin/env python3
"""Writes src/schema/messages.txt, the facts of Kafka's own message definitions: names, types, versions, defaults.

    ./messages.py kafka-clients-4.4.0.jar > src/schema/messages.txt

The argument is Kafka's jar, or a folder of its definitions. Only the requests that a broker takes from clients and other
brokers, and their answers, are kept. What the lines mean is said in src/schema/table.rs.
"""

import json
import pathlib
import re
import sys
import zipfile

FOLDER = "common/message/"


def definitions(source):
    """The texts of all definitions in a jar or a folder."""
    if source.is_dir():
        yield from (path.read_text() for path in source.glob("*.json"))
        return
    with zipfile.ZipFile(source) as jar:
        for name in jar.namelist():
            if name.startswith(FOLDER) and name.endswith(".json"):
                yield jar.read(name).decode()


def parse(text):
    """A definition is JSON with comments on lines of their own."""
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.M))


def structures(fields, found):
    """All structures that these fields define, by name: a later field may use one that an earlier one has defined."""
    for field in fields:
        if "fields" in field:
            found[field["type"].removeprefix("[]")] = field["fields"]
            structures(field["fields"], found)


def default(field):
    value = field.get("default")
    return "" if value in (None, "") else f" = {int(value, 16) if str(value).startswith('0x') else str(value).lower()}"


def lines(fields, known, depth):
    for field in fields:
        kind = field["type"]
        inner = known.get(kind.removeprefix("[]"))
        shown = kind.replace(kind.removeprefix("[]"), "struct") if inner else kind
        name = field["name"][0].upper() + field["name"][1:]  # a few begin with a small letter
        line = f"{' ' * depth}{name} {shown} {field['versions']}"
        if "nullableVersions" in field:
            line += f" null {field['nullableVersions']}"
        if "tag" in field:
            line += f" tag {field['tag']} {field['taggedVersions']}"
        yield line + default(field)
        if inner:
            yield from lines(inner, known, depth + 1)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    messages = [parse(text) for text in definitions(pathlib.Path(sys.argv[1]))]
    served = {
        message["apiKey"]
        for message in messages
        if message["type"] == "request" and "broker" in message.get("listeners", []) and message["validVersions"] != "none"
    }
    kept = [message for message in messages if message.get("apiKey") in served]
    for message in sorted(kept, key=lambda message: (message["apiKey"], message["type"])):
        known = {struct["name"]: struct["fields"] for struct in message.get("commonStructs", [])}
        for fields in list(known.values()):
            structures(fields, known)
        structures(message["fields"], known)
        name = message["name"].removesuffix("Request").removesuffix("Response")
        print(f"{message['apiKey']} {name} {message['type']} {message['validVersions']} flexible {message['flexibleVersions']}")
        for line in lines(message["fields"], known, 1):
            print(line)


main()
