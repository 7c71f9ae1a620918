"""azure-identity: what the Azure webhook sets in a pod, for another authority."""

import os

from azure.identity import WorkloadIdentityCredential


def token():
    credential = WorkloadIdentityCredential(
        authority=os.environ["AZURE_AUTHORITY_HOST"], disable_instance_discovery=True
    )
    return credential.get_token("read").token
