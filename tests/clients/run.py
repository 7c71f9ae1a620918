"""Runs a client of examples/clients/python, unmodified, once for each case.

    run.py NAME CASES

CASES is a JSON list of objects: the environment variables of each case. Prints one line of JSON a case:
{"ok": true, "token" or "answer"} or {"ok": false, "type": …} with the fields of the client's own error.
"""

import importlib
import json
import os
import sys
from pathlib import Path

CLIENTS = Path(__file__).parents[2] / "examples" / "clients" / "python"


def main(name, cases):
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(CLIENTS))
    for case in json.loads(cases):
        os.environ.update(case)
        print(json.dumps(outcome(name)), flush=True)


def outcome(name):
    client = importlib.import_module(name)
    try:
        if hasattr(client, "call"):
            return {"ok": True, "answer": client.call()}
        found = client.token()
    except Exception as error:  # whatever a library lets through is what its user would see
        return describe(first(error))
    if isinstance(found, str):
        return {"ok": True, "token": found}
    return {"ok": False, "type": None} | found


def first(error):
    """What happened, where a group of tasks wraps it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def describe(error):
    """Its type, its text, and what it tells by name."""
    names = [name for name in dir(error) if not name.startswith("_")]
    fields = {name: value for name in names if isinstance(value := getattr(error, name), (str, int, dict))}
    return {**fields, "ok": False, "type": type(error).__name__, "text": str(error)}


if __name__ == "__main__":
    main(*sys.argv[1:])
