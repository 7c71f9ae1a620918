"""Authlib: an assertion that the client signs with a key of its own (RFC 7523 section 2.2)."""

import os
from pathlib import Path

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT


def token():
    endpoint = os.environ["ISSUER"] + "/token"
    session = OAuth2Session(
        client_id=os.environ["CLIENT_ID"],
        client_secret=Path(os.environ["KEY_FILE"]).read_text(),
        token_endpoint_auth_method=PrivateKeyJWT(endpoint),
        scope="read",
    )
    return session.fetch_token(endpoint, grant_type="client_credentials")["access_token"]
