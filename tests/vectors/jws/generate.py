#!/usr/bin/env python3
"""Writes the vectors of this folder: tokens good and bad, each named by the attack of which it is one twin.

To add a case, build the command and run this in its folder, with Python's `cryptography`:
python3 generate.py ../../../target/debug/credmint. How the expected records come about says records.py.
"""

import pathlib
import sys

import claims
import form
import keys_of_sets
import records
import signatures

if __name__ == "__main__":
    topics = {"claims": claims, "form": form, "keys": keys_of_sets, "signatures": signatures}
    records.write(pathlib.Path(__file__).parent, sys.argv[1], "jws", topics)
