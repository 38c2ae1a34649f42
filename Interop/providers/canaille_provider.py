"""Canaille, an identity provider from PyPI, on a port of this machine, with people and groups of its own.

It says on standard output where it listens, and obeys commands on standard input, one JSON object a line, each answered
by one line:

    {"register": "http://127.0.0.1:8080/auth/callback", "method": "client_secret_basic"}
    {"client_id": "…", "redirect": "http://127.0.0.1:9090/auth/callback"}
    {"rotate": true, "keep": true}
    {"mint": "ada", "client_id": "…"}
    {"count": "/oauth/jwks.json"}

With `--jwt` its access tokens are JWTs, as Canaille makes them. With `--open-registration` clients register themselves.
"""

import collections
import datetime
import json
import logging
import os
import secrets
import socket
import sys
import tempfile
import threading

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # http, on loopback

from joserfc.jwk import RSAKey  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

from canaille import create_app  # noqa: E402
from canaille.app import models  # noqa: E402
from canaille.backends import Backend  # noqa: E402
from canaille.oidc import provider  # noqa: E402

jwt_access_token = provider.generate_access_token
# These say the same where one person gets two within a second, and its store then refuses the second.
if "--jwt" not in sys.argv:
    provider.generate_access_token = lambda *_, **__: secrets.token_urlsafe(32)

PEOPLE = {
    "ada": ("Ada Lovelace", ["analysts", "operators"]),
    "bob": ("Bob Builder", ["analysts"]),
    "eve": ("Eve Nobody", []),
}


def new_key():
    return RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)


def make_app(port, directory):
    return create_app({
        "SECRET_KEY": secrets.token_urlsafe(32),
        "SERVER_NAME": f"127.0.0.1:{port}",
        "PREFERRED_URL_SCHEME": "http",
        # Its store in memory takes any one of several conditions for all of them.
        "CANAILLE": {"DATABASE": "sql", "ENABLE_PASSWORD_COMPROMISSION_CHECK": False},
        "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{directory}/canaille.sqlite"},
        "CANAILLE_OIDC": {
            "ACTIVE_JWKS": [new_key()], "TRUSTED_DOMAINS": [],
            "DYNAMIC_CLIENT_REGISTRATION_OPEN": "--open-registration" in sys.argv,
        },
    })


def populate(passwords):
    groups = {}
    for name, (formatted, memberships) in PEOPLE.items():
        user = models.User(
            user_name=name, formatted_name=formatted, family_name=formatted.split()[-1],
            emails=[f"{name}@example.org"], password=passwords[name])
        Backend.instance.save(user)
        for membership in memberships:
            groups.setdefault(membership, []).append(user)
    for name, members in groups.items():
        Backend.instance.save(models.Group(display_name=name, members=members))


def register(command):
    """A client with a consent page: none of its domains is trusted."""
    method = command.get("method", "client_secret_basic")
    client = models.Client(
        client_id=secrets.token_hex(8), client_secret=None if method == "none" else secrets.token_urlsafe(32),
        client_name="Vestibule", client_uri="http://vestibule.example", contacts=[],
        redirect_uris=[command["register"]], grant_types=["authorization_code", "password"], response_types=["code"],
        scope=["openid", "profile", "email", "groups"], token_endpoint_auth_method=method,
        id_token_signed_response_alg="RS256", client_id_issued_at=datetime.datetime.now(datetime.timezone.utc))
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)
    return {"client_id": client.client_id, "client_secret": client.client_secret}


requests = collections.Counter()


def counting(app):
    """The same application, whose requests are counted by their path."""

    def respond(environment, start_response):
        requests[environment["PATH_INFO"]] += 1
        return app(environment, start_response)

    return respond


def obey(app, command):
    if "register" in command:
        return register(command)
    if "redirect" in command:
        client = Backend.instance.get(models.Client, client_id=command["client_id"])
        client.redirect_uris = [command["redirect"]]
        Backend.instance.save(client)
        return {}
    if "rotate" in command:
        keys = app.config["CANAILLE_OIDC"]
        keys["INACTIVE_JWKS"] = keys["ACTIVE_JWKS"] if command.get("keep") else []
        keys["ACTIVE_JWKS"] = [new_key()]
        return {}
    if "mint" in command:
        client = Backend.instance.get(models.Client, client_id=command["client_id"])
        user = Backend.instance.get(models.User, user_name=command["mint"])
        return {"token": jwt_access_token(client, "authorization_code", user, "openid profile groups")}
    if "count" in command:
        return {"count": requests[command["count"]]}
    raise ValueError(f"unknown command {command}")


def main():
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    directory = tempfile.TemporaryDirectory()
    app = make_app(port, directory.name)
    passwords = {name: secrets.token_urlsafe(16) for name in PEOPLE}
    with app.app_context():
        populate(passwords)
    server = make_server("127.0.0.1", port, counting(app), threaded=True, fd=listener.fileno())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"issuer": f"http://127.0.0.1:{port}", "passwords": passwords}), flush=True)
    for line in sys.stdin:
        with app.app_context():
            try:
                answer = obey(app, json.loads(line))
            except Exception as error:
                answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
