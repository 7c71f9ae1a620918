#!/usr/bin/env python3
"""Writes the vectors of a protected resource: what a request with an access token gets, and what becomes of the keys.

Two files, for runners of a few lines on every host. `requests.json`: one request with the keys at hand, and the answer
that it must get, to the byte. `timelines.json`: questions and answers of a key server in their order. A step `ask` says
what the token gets then (`accept` with its subject, `refuse` with a code, or `wait`), and in `fetch` what is fetched from
then on, be it waited for or not; a step `answer` is what the key server says to the one fetch under way, and in `decides`
is what those get who waited, in their order.

All is stated here by hand; the challenges by a table that knows nothing of the code. Keys and signatures are the same in
every run. Run it in its folder, with Python's `cryptography`: python3 generate.py
"""

import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "jws"))

import requests
import timelines

if __name__ == "__main__":
    for topic, module in {"requests": requests, "timelines": timelines}.items():
        vectors = list(module.vectors())
        names = [vector["name"] for vector in vectors]
        assert len(set(names)) == len(names), f"{topic}: a name occurs twice"
        lines = ",\n".join(json.dumps(vector, ensure_ascii=False, sort_keys=True) for vector in vectors)
        (FOLDER / f"{topic}.json").write_text(f"[\n{lines}\n]\n")
        print(f"{topic}: {len(vectors)}")
