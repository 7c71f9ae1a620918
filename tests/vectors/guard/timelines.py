"""Keys over time: who waits, what is fetched, what an answer of the key server does."""

import json

from protected import ED25519, JWKS_URI, NOW, OTHER_P256, P256, RULES, SUBJECT, access_token, key_set

JSON = "application/json"
KEYS_A = key_set(P256.jwk(kid="a"))
A, B = access_token(), access_token(OTHER_P256, kid="b")
ACCEPT, WAIT = {"accept": SUBJECT}, {"wait": True}
UNKNOWN, UNAVAILABLE = {"refuse": "key_unknown"}, {"refuse": "keys_unavailable"}


def ask(at, expect, token=A, fetch=False):
    step = {"at": NOW + at, "ask": token, "expect": expect}
    return {**step, "fetch": JWKS_URI} if fetch else step


def answer(at, body=KEYS_A, decides=(), **more):
    text = body if isinstance(body, str) else json.dumps(body)
    says = {"status": 200, "content_type": JSON, "body": text, **more}
    return {"at": NOW + at, "answer": says, "decides": list(decides)}


def fails(at, decides=()):
    return {"at": NOW + at, "answer": None, "decides": list(decides)}


def held():
    """Keys that were fetched at the start."""
    return [ask(0, WAIT, fetch=True), answer(0, decides=[ACCEPT])]


def replaced(body, *steps):
    """The same, with another answer to the refresh."""
    return [*held(), ask(240, ACCEPT, fetch=True), answer(240, body), *steps]


def vectors():
    for name, steps in [*waiting(), *serving(), *replacing(), *answers()]:
        yield {"name": name, "rules": RULES, "jwks_uri": JWKS_URI, "steps": steps}


def waiting():
    yield "without keys all wait for one fetch", [
        ask(0, WAIT, fetch=True), ask(0, WAIT, B), ask(1, WAIT), answer(2, decides=[ACCEPT, UNKNOWN, ACCEPT]),
        ask(3, ACCEPT)]
    yield "o10 a failure without keys refuses, and is not tried again at once", [
        ask(0, WAIT, fetch=True), ask(0, WAIT), fails(5, [UNAVAILABLE] * 2), ask(5, UNAVAILABLE), ask(14, UNAVAILABLE),
        ask(15, WAIT, fetch=True), answer(16, decides=[ACCEPT])]
    yield "o09 an unknown name is asked for once in a while", [
        *held(), ask(29, UNKNOWN, B), ask(30, WAIT, B, fetch=True), ask(30, ACCEPT), ask(31, WAIT, B),
        answer(32, decides=[UNKNOWN] * 2), ask(33, UNKNOWN, B), ask(61, UNKNOWN, B), ask(62, WAIT, B, fetch=True),
        answer(63, key_set(OTHER_P256.jwk(kid="b")), [ACCEPT]), ask(64, UNKNOWN)]


def serving():
    yield "j32 keys that get old serve while they are fetched anew", [
        *held(), ask(239, ACCEPT), ask(240, ACCEPT, fetch=True), ask(241, ACCEPT), answer(242), ask(243, ACCEPT),
        ask(479, ACCEPT), ask(480, ACCEPT, fetch=True)]
    yield "j32 a key server that hangs stalls nobody until the keys are too old", [
        *held(), ask(240, ACCEPT, fetch=True), ask(300, ACCEPT), ask(301, ACCEPT), ask(599, ACCEPT),
        ask(600, WAIT), fails(605, [UNAVAILABLE])]
    yield "o10 a key server that fails is tried every ten seconds, and the keys serve", [
        *held(), ask(240, ACCEPT, fetch=True), fails(245), ask(254, ACCEPT), ask(255, ACCEPT, fetch=True), fails(255),
        ask(599, ACCEPT, fetch=True), fails(599), ask(600, UNAVAILABLE), ask(609, WAIT, fetch=True),
        answer(609, decides=[ACCEPT])]
    yield "o11 keys age from the start of their fetch", [
        ask(0, WAIT, fetch=True), answer(4, decides=[ACCEPT]), ask(239, ACCEPT), ask(240, ACCEPT, fetch=True),
        ask(599, ACCEPT), ask(600, WAIT), answer(601, decides=[ACCEPT])]
    yield "a clock that steps back makes keys old", [
        *held(), ask(-20, ACCEPT, access_token(changes={"iat": NOW - 700})),
        ask(-600, WAIT, access_token(changes={"iat": NOW - 700}), fetch=True)]


def replacing():
    yield "o10 an empty set withdraws all keys at once", replaced(
        key_set(), ask(241, UNKNOWN), ask(269, UNKNOWN), ask(270, WAIT, fetch=True), answer(271, decides=[ACCEPT]))
    yield "o11 a key that is removed is gone", replaced(
        key_set(OTHER_P256.jwk(kid="b")), ask(241, UNKNOWN), ask(241, ACCEPT, B))
    leaks = {
        "its own type": P256.jwk(kid="x", d="AA"), "a private member that is null": P256.jwk(kid="x", d=None),
        "another curve": P256.jwk(d="AA") | {"crv": "secp256k1"}, "an unknown curve": P256.jwk(d="AA") | {"crv": "X"},
        "an unknown type": P256.jwk(d="AA") | {"kty": "future"},
    }
    for name, leak in leaks.items():
        yield f"o12 a private half under {name} withdraws its public twin", replaced(
            key_set(P256.jwk(kid="a"), leak, OTHER_P256.jwk(kid="b")), ask(241, UNKNOWN), ask(241, ACCEPT, B))
    yield "o12 a private half of another key withdraws nothing", replaced(
        key_set(P256.jwk(kid="a"), ED25519.jwk(d="AA"), OTHER_P256.jwk(kid="b", d="AA")), ask(241, ACCEPT))
    yield "j07 different keys of one name are skipped, others serve", replaced(
        key_set(P256.jwk(kid="a"), OTHER_P256.jwk(kid="a"), OTHER_P256.jwk(kid="b")), ask(241, UNKNOWN), ask(241, ACCEPT, B))
    yield "j07 the same key twice is one", replaced(
        key_set(P256.jwk(kid="a"), P256.jwk(kid="a", alg="ES256")), ask(241, ACCEPT))
    yield "o12 optional members that are null or empty say nothing", replaced(
        key_set(P256.jwk(kid="a", alg=None, use="", key_ops=None)), ask(241, ACCEPT))
    yield "o12 no operations at all are none", replaced(
        key_set(P256.jwk(kid="a", key_ops=[])), ask(241, UNKNOWN))


def answers():
    """Answers that are no key set leave the last one and count as failures."""
    ends = [ask(241, ACCEPT), ask(249, ACCEPT), ask(250, ACCEPT, fetch=True)]
    for name, body in {"HTML": "<html>", "nothing": "", "no list": "{\"keys\":{}}", "members twice":
                       "{\"keys\":[],\"keys\":[]}", "a list": "[]"}.items():
        yield f"o10 {name} is no key set", replaced(body, *ends)
    others = {
        "a redirect": {"status": 302}, "no content": {"status": 204}, "an error": {"status": 500},
        "a page": {"content_type": "text/html"}, "another media type": {"content_type": "application/xml"},
        "a content coding": {"content_encoding": "gzip"}, "a body that is too large": {"padded": 262_145},
    }
    for name, other in others.items():
        steps = [*held(), ask(240, ACCEPT, fetch=True), answer(240, key_set(), **other), *ends]
        yield f"o13 {name} is not read", steps
    good = {
        "the media type of key sets": {"content_type": "application/jwk-set+json; charset=utf-8"},
        "no media type": {"content_type": None}, "what stores of objects say": {"content_type": "binary/octet-stream"},
        "plain text": {"content_type": "text/plain; charset=utf-8"}, "JSON of its own": {"content_type": "application/x+json"},
        "the coding that is none": {"content_encoding": "identity"}, "a body as large as may be": {"padded": 262_144},
    }
    for name, other in good.items():
        yield f"o13 {name} is read", [*held(), ask(240, ACCEPT, fetch=True), answer(240, key_set(), **other), ask(241, UNKNOWN)]
