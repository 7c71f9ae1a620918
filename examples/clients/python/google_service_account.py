"""google-auth with a service account file: refused, since its assertion is always meant for Google."""

import os

from google.auth.transport.requests import Request
from google.oauth2 import service_account


def token():
    credentials = service_account.Credentials.from_service_account_file(
        os.environ["SERVICE_ACCOUNT_FILE"], scopes=["read"]
    )
    credentials.refresh(Request())
    return credentials.token
