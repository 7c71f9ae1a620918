#!/usr/bin/env python3
"""Writes characters.json: which texts an access token of ours may carry, which ones a guard takes, and how a text stands
in the field of a request.

All of it is stated here by hand: what is minted, what a guard says, the field. The runners sign the tokens themselves.
A subject begins with `app_1:`, so that a policy can map what is behind it. To add a case, run this in its folder.
"""

import json
import pathlib
import urllib.parse

MALFORMED = "claims_malformed"

# The claim, the text, whether it is minted, and the field by which a service gets it; None where guards refuse it.
CASES = [
    ("sub", "app_1:run", True, "app_1:run"),
    ("sub", "app_1:Production East", True, "app_1:Production East"),
    ("sub", "app_1: a", True, "app_1: a"),
    ("sub", "app_1:!\"#$&'()*+,/;<=>?@[\\]^_`{|}~", True, "app_1:!\"#$&'()*+,/;<=>?@[\\]^_`{|}~"),
    ("sub", "app_1:100%", True, "app_1:100%25"),
    ("sub", "app_1:%C3%A9quipe", True, "app_1:%25C3%25A9quipe"),
    ("sub", "app_1:a ", False, "app_1:a%20"),
    ("sub", "app_1:a  b", False, "app_1:a %20b"),
    ("sub", "app_1:équipe", False, "app_1:%C3%A9quipe"),
    ("sub", "app_1:e\u0301quipe", False, "app_1:e%CC%81quipe"),
    ("sub", "app_1:生产", False, "app_1:%E7%94%9F%E4%BA%A7"),
    ("sub", "app_1:😀", False, "app_1:%F0%9F%98%80"),
    ("sub", "app_1:a\u00a0b", False, "app_1:a%C2%A0b"),
    ("sub", "app_1:a\u200bb", False, "app_1:a%E2%80%8Bb"),
    ("sub", "app_1:a\x00b", False, None),
    ("sub", "app_1:a\nb", False, None),
    ("sub", "app_1:a\r\nx-admin: 1", False, None),
    ("sub", "app_1:a\tb", False, None),
    ("sub", "app_1:a\x1b[31mb", False, None),
    ("sub", "app_1:a\x7fb", False, None),
    ("sub", "app_1:a\x85b", False, None),
    ("sub", "app_1:a\u2028b", False, None),
    ("sub", "app_1:a\u2029b", False, None),
    ("sub", "app_1:a\u202eb", False, None),
    ("sub", "app_1:a\u202ab", False, None),
    ("sub", "app_1:a\u200eb", False, None),
    ("sub", "app_1:a\u200fb", False, None),
    ("sub", "app_1:a\u061cb", False, None),
    ("sub", "app_1:a\u2066b", False, None),
    ("sub", "app_1:a\u2069b", False, None),
    ("client_id", "app_1", True, "app_1"),
    ("client_id", "équipe", False, "%C3%A9quipe"),
    ("client_id", "a b", False, "a b"),
    ("client_id", " a", False, "%20a"),
    ("client_id", "a:b", False, "a:b"),
    ("client_id", "a\x00", False, None),
    ("client_id", "a\nb", False, None),
    ("client_id", "a\u202eb", False, None),
    ("jti", "j-1", True, "j-1"),
    ("jti", "j 1", False, "j 1"),
    ("jti", "é", False, "%C3%A9"),
    ("jti", "j\x00", False, None),
    ("jti", "j\n", False, None),
    ("jti", "\u202ej", False, None),
    ("scope", "read write", True, "read write"),
    ("scope", "a%b", True, "a%25b"),
    ("scope", "read  write", False, None),
    ("scope", "lire é", False, None),
    ("scope", "a\"b", False, None),
    ("scope", "a\tb", False, None),
]


def vector(claim, text, minted, field):
    assert field is None or urllib.parse.unquote(field, errors="strict") == text, text
    assert not minted or field is not None, text
    name = f"{claim} {text.encode('unicode_escape').decode()}"
    guard = "accept" if field is not None else MALFORMED
    return {"name": name, "claim": claim, "text": text, "minted": minted, "guard": guard, "field": field}


if __name__ == "__main__":
    lines = [json.dumps(vector(*case), ensure_ascii=True, sort_keys=True) for case in CASES]
    path = pathlib.Path(__file__).parent / "characters.json"
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{path.name}: {len(lines)}")
