#!/usr/bin/env python3
"""Writes the vectors of this folder: tokens good and bad, each named by the attack of which it is one twin.

What must come out is stated here, by hand, as "accept" or a code. The rest of the expected record is what the
command says, so that other hosts can be held to every octet of it; a command that says otherwise than stated
here writes nothing. Keys and signatures are the same in every run. To add a case, build the command and run this
in its folder, with Python's `cryptography`: python3 generate.py ../../../target/debug/credmint
"""

import json
import pathlib
import subprocess
import sys

import claims
import form
import keys_of_sets
import signatures

TOPICS = {"claims": claims, "form": form, "keys": keys_of_sets, "signatures": signatures}


def main(command):
    folder = pathlib.Path(__file__).parent
    for topic, module in TOPICS.items():
        cases = module.cases()
        names = [name for name, _, _ in cases]
        assert len(set(names)) == len(names), f"{topic}: a name occurs twice"
        vectors = [vector(case, record) for case, record in zip(cases, records(command, cases))]
        lines = ",\n".join(json.dumps(vector, ensure_ascii=False, sort_keys=True) for vector in vectors)
        (folder / f"{topic}.json").write_text(f"[\n{lines}\n]\n")
        print(f"{topic}: {len(vectors)}")


def records(command, cases):
    """The answers of the command to all requests, in order."""
    lines = "".join(json.dumps({"id": name, **request}) + "\n" for name, request, _ in cases)
    run = subprocess.run([command, "jws", "verify", "--batch"], input=lines, capture_output=True, text=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def vector(case, record):
    name, request, expect = case
    said = record.get("code", record["verdict"])
    assert said == expect, f"{name}: must be {expect}, is {record}"
    return {"name": name, "command": "jws", "request": {"id": name, **request}, "expect": record}


if __name__ == "__main__":
    main(sys.argv[1])
