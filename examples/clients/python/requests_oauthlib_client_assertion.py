"""requests-oauthlib: the platform's token as the client's assertion (RFC 7523 section 2.2)."""

import os
from pathlib import Path

from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session


def token():
    client = BackendApplicationClient(client_id=os.environ["CLIENT_ID"], scope=["read"])
    answer = OAuth2Session(client=client).fetch_token(
        os.environ["ISSUER"] + "/token",
        include_client_id=True,
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion=Path(os.environ["TOKEN_FILE"]).read_text(),
    )
    return answer["access_token"]
