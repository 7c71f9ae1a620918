"""Authlib: the platform's token as the client's assertion (RFC 7523 section 2.2)."""

import os
from pathlib import Path

from authlib.common.urls import add_params_to_qs
from authlib.integrations.requests_client import OAuth2Session


def platform_token(auth, method, uri, headers, body):
    assertion = {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": Path(os.environ["TOKEN_FILE"]).read_text(),
    }
    return uri, headers, add_params_to_qs(body, list(assertion.items()))


def token():
    session = OAuth2Session(token_endpoint_auth_method=platform_token, scope="read")
    answer = session.fetch_token(
        os.environ["ISSUER"] + "/token", grant_type="client_credentials"
    )
    return answer["access_token"]
