"""Sends one token request over TLS with Python's own library (OpenSSL), and shows a client certificate.

    tls_client.py URL --ca FILE --certificate FILE --key FILE --form TEXT [--tls 1.2|1.3]

Prints one line of JSON: {"status", "body"}, or {"error"} when the connection fails.
"""

import argparse
import http.client
import json
import ssl
import urllib.parse

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--ca", required=True, help="PEM file of the CA of the token endpoint")
    parser.add_argument("--certificate", required=True, help="PEM file of the chain, the leaf first")
    parser.add_argument("--key", required=True, help="PEM file of the private key")
    parser.add_argument("--form", required=True)
    parser.add_argument("--tls", choices=VERSIONS, default="1.3")
    arguments = parser.parse_args()
    try:
        print(json.dumps(ask(arguments)))
    except (ssl.SSLError, ConnectionError) as error:
        print(json.dumps({"error": str(error)}))


def ask(arguments):
    context = ssl.create_default_context(cafile=arguments.ca)
    context.minimum_version = context.maximum_version = VERSIONS[arguments.tls]
    context.load_cert_chain(arguments.certificate, arguments.key)
    url = urllib.parse.urlsplit(arguments.url)
    connection = http.client.HTTPSConnection(url.hostname, url.port, context=context, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", url.path, arguments.form, headers)
    answer = connection.getresponse()
    return {"status": answer.status, "body": json.loads(answer.read())}


if __name__ == "__main__":
    main()
