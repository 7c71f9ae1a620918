"""MSAL: an OIDC authority of one's own, and the platform's token as the assertion."""

import os
from pathlib import Path

import msal


def token():
    application = msal.ConfidentialClientApplication(
        os.environ["CLIENT_ID"],
        oidc_authority=os.environ["ISSUER"],
        client_credential={"client_assertion": Path(os.environ["TOKEN_FILE"]).read_text},
    )
    answer = application.acquire_token_for_client(scopes=["read"])
    # MSAL returns a refusal of the server, it does not raise it.
    return answer.get("access_token") or answer
