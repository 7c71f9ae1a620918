#!/usr/bin/env python3
"""Writes the vectors of this folder: token requests, one at least for each reason to refuse them.

What must come out is stated here, by hand, as "accept" or a code. The rest of the expected record is what the
command says, so that other hosts can be held to every byte of it; a command that says otherwise than stated
here writes nothing. Keys and signatures are the same in every run. To add a case, build the command and run this
in its folder, with Python's `cryptography`: python3 generate.py ../../../target/debug/credmint
"""

import json
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent / "jws"))  # keys.py

import assertions
import discovered
import documents
import exchanges
import requests
import signed_by_clients
import tls
import tokens

TOPICS = {"requests": requests, "tokens": tokens, "assertions": assertions, "documents": documents,
          "signed_by_clients": signed_by_clients, "tls": tls, "discovered": discovered, "exchanges": exchanges}


def main(command):
    folder = pathlib.Path(__file__).parent
    wrong = []
    written = {}
    for topic, module in TOPICS.items():
        cases = module.cases()
        names = [name for name, _, _ in cases]
        assert len(set(names)) == len(names), f"{topic}: a name occurs twice"
        written[topic] = []
        for (name, request, expect), record in zip(cases, records(command, cases), strict=True):
            said = record.get("code", record["verdict"])
            if said != expect:
                wrong.append(f"{topic}: {name}: must be {expect}, is {record}")
            vector = {"name": name, "command": "proof", "request": {"id": name, **request}, "expect": record}
            written[topic].append(json.dumps(vector, ensure_ascii=False, sort_keys=True))
    if wrong:
        sys.exit("\n".join(wrong))
    for topic, lines in written.items():
        (folder / f"{topic}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
        print(f"{topic}: {len(lines)}")


def records(command, cases):
    """The answers of the command to all requests, in order."""
    lines = "".join(json.dumps({"id": name, **request}) + "\n" for name, request, _ in cases)
    run = subprocess.run([command, "proof", "verify", "--batch"], input=lines, capture_output=True, text=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


if __name__ == "__main__":
    main(sys.argv[1])
