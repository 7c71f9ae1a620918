"""Authlib: a grant that the workload signs with a key of its own (RFC 7523 section 2.1)."""

import os
from pathlib import Path

from authlib.integrations.requests_client import AssertionSession
from joserfc.jwk import RSAKey


def token():
    session = AssertionSession(
        token_endpoint=os.environ["ISSUER"] + "/token",
        issuer=os.environ["KEY_ISSUER"],
        subject=os.environ["SUBJECT"],
        audience=os.environ["ISSUER"],
        key=RSAKey.import_key(Path(os.environ["KEY_FILE"]).read_text()),
        header={"alg": "RS256"},
        scope="read",
    )
    return session.refresh_token()["access_token"]
