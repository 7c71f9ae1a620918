"""Authlib: an assertion that the client signs with a key of its own (RFC 7523 section 2.2)."""

import os
from pathlib import Path

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT


def token():
    issuer = os.environ["ISSUER"]
    session = OAuth2Session(
        client_id=os.environ["CLIENT_ID"],
        client_secret=Path(os.environ["KEY_FILE"]).read_text(),
        # What Authlib calls the token endpoint here is the audience of the assertion.
        token_endpoint_auth_method=PrivateKeyJWT(issuer),
        scope="read",
    )
    return session.fetch_token(issuer + "/token", grant_type="client_credentials")["access_token"]
