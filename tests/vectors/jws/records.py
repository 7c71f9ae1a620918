"""Expected records of cases.

What must come out is stated by hand, as "accept" or a code. The rest of a record is what the command says, so that
other hosts can be held to every byte of it; a command that says otherwise than stated writes nothing. Keys and
signatures are the same in every run.
"""

import json
import subprocess


def write(folder, credmint, command, topics):
    """Writes a file for each topic, a module with `cases()`: names, requests, and what must come out."""
    for topic, module in topics.items():
        cases = module.cases()
        names = [name for name, _, _ in cases]
        assert len(set(names)) == len(names), f"{topic}: a name occurs twice"
        answers = ask(credmint, command, cases)
        vectors = [vector(command, case, record) for case, record in zip(cases, answers, strict=True)]
        lines = ",\n".join(json.dumps(vector, ensure_ascii=False, sort_keys=True) for vector in vectors)
        (folder / f"{topic}.json").write_text(f"[\n{lines}\n]\n")
        print(f"{topic}: {len(vectors)}")


def ask(credmint, command, cases):
    """The answers of the command to all requests, in order."""
    lines = "".join(json.dumps({"id": name, **request}) + "\n" for name, request, _ in cases)
    run = subprocess.run([credmint, command, "verify", "--batch"], input=lines, capture_output=True, text=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def vector(command, case, record):
    name, request, expect = case
    said = record.get("code", record["verdict"])
    assert said == expect, f"{name}: must be {expect}, is {record}"
    return {"name": name, "command": command, "request": {"id": name, **request}, "expect": record}
