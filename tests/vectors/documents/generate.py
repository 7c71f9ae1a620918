#!/usr/bin/env python3
"""Writes misspellings.json: members that are written wrongly in a document that is good otherwise, and what is said about
them wherever they stand.

`in` names the documents in which the member is known: a policy, the configuration of the filter, the options of
verifyAccessToken and of createKeySet. The runners write it in this way in a good one. To add a case, run this in its
folder.
"""

import json
import pathlib

ALL = ["policy", "filter", "verification", "key_set"]
GUARDS = ["filter", "verification"]

# The member that is meant, how it is written, the pointer, the hint, and where.
CASES = [
    ("issuer", "isuer", "/isuer", "issuer", ALL),
    ("issuer", "issuerr", "/issuerr", "issuer", ALL),
    ("issuer", "isseur", "/isseur", "issuer", ALL),
    ("issuer", "Issuer", "/Issuer", "issuer", ALL),
    ("issuer", "iss", "/iss", None, ALL),
    ("issuer", "is/suer", "/is~1suer", "issuer", ALL),
    ("issuer", "~issuer", "/~0issuer", "issuer", ALL),
    ("issuer", "__proto__", "/__proto__", None, ALL),
    ("issuer", "", "/", None, ALL),
    ("audience", "audeince", "/audeince", "audience", GUARDS),
    ("audience", "audiences", "/audiences", "audience", GUARDS),
    ("audience", "aud", "/aud", None, GUARDS),
    ("keys", "kyes", "/kyes", "keys", GUARDS),
    ("keys", "key", "/key", "keys", GUARDS),
    ("scope", "scopes", "/scopes", "scope", GUARDS),
    ("scope", "scpoe", "/scpoe", "scope", GUARDS),
]


def vector(member, written, pointer, hint, documents):
    name = f"{written} for {member}"
    return {"name": name, "member": member, "written": written, "pointer": pointer, "hint": hint, "in": documents}


if __name__ == "__main__":
    lines = [json.dumps(vector(*case), sort_keys=True) for case in CASES]
    path = pathlib.Path(__file__).parent / "misspellings.json"
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{path.name}: {len(lines)}")
