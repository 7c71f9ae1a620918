"""Authlib: the platform's token is exchanged (RFC 8693)."""

import os
from pathlib import Path

from authlib.integrations.requests_client import OAuth2Session


def no_client_authentication(auth, method, uri, headers, body):
    return uri, headers, body


def token():
    session = OAuth2Session(token_endpoint_auth_method=no_client_authentication)
    answer = session.fetch_token(
        os.environ["ISSUER"] + "/token",
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token=Path(os.environ["TOKEN_FILE"]).read_text(),
        subject_token_type="urn:ietf:params:oauth:token-type:jwt",
        resource="https://api.example.com/v1",
        scope="read",
    )
    return answer["access_token"]
