"""requests-oauthlib: a grant that the workload signs with a key of its own (RFC 7523 section 2.1)."""

import os
from pathlib import Path

from oauthlib.oauth2 import ServiceApplicationClient
from requests_oauthlib import OAuth2Session


def token():
    client = ServiceApplicationClient(
        client_id=os.environ["CLIENT_ID"],
        private_key=Path(os.environ["KEY_FILE"]).read_text(),
        issuer=os.environ["KEY_ISSUER"],
        subject=os.environ["SUBJECT"],
        audience=os.environ["ISSUER"],
    )
    answer = OAuth2Session(client=client, scope=["read"]).fetch_token(
        os.environ["ISSUER"] + "/token", include_client_id=True
    )
    return answer["access_token"]
