"""Drives Alibaba Cloud's own client library, cloud-idaas-core, unmodified, for one access token.

    sdk_client.py MODE --token-endpoint URL --ca FILE --client-id ID --credential NAME …

MODE is pca, oidc, pkcs7 (the document comes from the metadata service at 100.100.100.200) or document
(the document comes from a file; the library's own EC2 provider is not implemented).

Prints one line of JSON: {"ok": true, "token"} or {"ok": false, "error_type", "error_code",
"error_message", "request_id"}. The exit status is 0 in either case.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

KEY_VARIABLE = "CREDMINT_TEST_CLIENT_KEY"


def main():
    arguments = parse_arguments()
    # The library's HTTP clients read this once, when they are first imported.
    os.environ["SSL_CERT_FILE"] = arguments.ca
    try:
        answer = {"ok": True, "token": TOKENS[arguments.mode](arguments)}
    except Exception as error:  # whatever the library lets through is what a user would see
        answer = describe(error)
    print(json.dumps(answer))


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=sorted(TOKENS))
    parser.add_argument("--token-endpoint", required=True)
    parser.add_argument("--ca", required=True, help="PEM file of the CA of the token endpoint")
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--credential", required=True, help="name of the federated credential")
    parser.add_argument("--scope", default="api.example.com|read:file")
    parser.add_argument("--instance", default="idaas_test1", help="id of the IDaaS instance")
    parser.add_argument("--certificate", type=Path, help="pca: PEM file")
    parser.add_argument("--chain", type=Path, help="pca: PEM file")
    parser.add_argument("--key", type=Path, help="pca: PKCS#8 PEM file")
    parser.add_argument("--token-file", help="oidc: file with the token")
    parser.add_argument("--document", type=Path, help="document: file with the PKCS#7 text")
    parser.add_argument("--metadata", help="pkcs7: URL of a metadata service elsewhere")
    return parser.parse_args()


def pca_token(arguments):
    os.environ[KEY_VARIABLE] = arguments.key.read_text()
    return factory_token(
        arguments,
        {
            "authnMethod": "PCA",
            "clientX509Certificate": arguments.certificate.read_text(),
            "x509CertChains": arguments.chain.read_text(),
            "privateKeyEnvVarName": KEY_VARIABLE,
        },
    )


def oidc_token(arguments):
    return factory_token(
        arguments,
        {
            "authnMethod": "OIDC",
            "clientDeployEnvironment": "KUBERNETES",
            "oidcTokenFilePath": arguments.token_file,
        },
    )


def pkcs7_token(arguments):
    if arguments.metadata:
        look_for_metadata_at(arguments.metadata)
    return factory_token(
        arguments,
        {"authnMethod": "PKCS7", "clientDeployEnvironment": "ALIBABA_CLOUD_ECS"},
    )


def look_for_metadata_at(url):
    """Where there are no network namespaces, two constants of the library are all that can be set."""
    from cloud_idaas.core.implementation.authentication.pkcs7 import (
        alibaba_cloud_ecs_attested_document_provider as provider,
    )

    print(f"note: 100.100.100.200 is replaced by {url} inside the library", file=sys.stderr)
    provider.ECS_META_SERVER_PKCS7_TOKEN_URL = f"{url}/latest/api/token"
    provider.ECS_META_SERVER_PKCS7_URL_TEMPLATE = (
        f"{url}/latest/dynamic/instance-identity/pkcs7?audience=%s"
    )


def factory_token(arguments, authentication):
    """The way of a user: a configuration file, the factory, a token."""
    from cloud_idaas.core import IDaaSCredentialProviderFactory as factory

    configuration = {
        "idaasInstanceId": arguments.instance,
        "clientId": arguments.client_id,
        "issuer": arguments.token_endpoint.removesuffix("/token"),
        "tokenEndpoint": arguments.token_endpoint,
        "scope": arguments.scope,
        "authnConfiguration": {
            "identityType": "CLIENT",
            "applicationFederatedCredentialName": arguments.credential,
            **authentication,
        },
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(configuration, file)
        file.flush()
        factory.init(file.name)
    return factory.get_idaas_credential_provider().get_bearer_token()


def document_token(arguments):
    from cloud_idaas.core.constants import TokenAuthnMethod
    from cloud_idaas.core.implementation.authentication.pkcs7 import (
        static_pkcs7_attested_document_provider as static,
    )
    from cloud_idaas.core.implementation.idaas_machine_credential_provider import (
        IDaaSMachineCredentialProviderBuilder,
    )

    document = static.StaticPkcs7AttestedDocumentProvider(arguments.document.read_text())
    provider = (
        IDaaSMachineCredentialProviderBuilder()
        .client_id(arguments.client_id)
        .scope(arguments.scope)
        .token_endpoint(arguments.token_endpoint)
        .authn_method(TokenAuthnMethod.PKCS7)
        .application_federated_credential_name(arguments.credential)
        .attested_document_provider(document)
        .build()
    )
    return provider.get_bearer_token()


def describe(error):
    """A CacheException says nothing itself: the refusal of the server is its cause."""
    from cloud_idaas.core.exceptions import CacheException

    while isinstance(error, CacheException) and error.cause is not None:
        error = error.cause
    return {
        "ok": False,
        "error_type": type(error).__name__,
        "error_code": getattr(error, "error_code", None),
        "error_message": getattr(error, "error_message", None) or str(error),
        "request_id": getattr(error, "request_id", None),
    }


TOKENS = {
    "pca": pca_token,
    "oidc": oidc_token,
    "pkcs7": pkcs7_token,
    "document": document_token,
}

if __name__ == "__main__":
    main()
