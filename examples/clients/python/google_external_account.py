"""google-auth: the file that GOOGLE_APPLICATION_CREDENTIALS names says everything."""

import google.auth
from google.auth.transport.requests import Request


def token():
    credentials, _ = google.auth.default(scopes=["read"])
    credentials.refresh(Request())
    return credentials.token
