#!/usr/bin/env python3
"""Writes the vectors of this folder: token requests with the policy, the keys and the time that they are judged by.

Run it as ../jws/generate.py, whose keys and records it shares.
"""

import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "jws"))

import oidc
import records

if __name__ == "__main__":
    records.write(FOLDER, sys.argv[1], "proof", {"oidc": oidc})
