"""openai: the class that exchanges the token takes another address than OpenAI's."""

import os

from openai.auth import WorkloadIdentityAuth, k8s_service_account_token_provider


def token():
    identity = WorkloadIdentityAuth(
        token_exchange_url=os.environ["ISSUER"] + "/token",
        workload_identity={
            "identity_provider_id": "unused",
            "service_account_id": "unused",
            "provider": k8s_service_account_token_provider(os.environ["TOKEN_FILE"]),
        },
    )
    return identity.get_token()
