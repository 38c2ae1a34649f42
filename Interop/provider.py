"""A real identity provider, Canaille from PyPI, for as long as a test needs it."""

import json
import os
import subprocess
import threading

from server import ROOT

PYTHON = os.environ.get("PYTHON_OIDC", str(ROOT / ".build" / "venv-oidc" / "bin" / "python"))


class Provider:
    """Canaille in a process of its own, with the people ada (analysts, operators), bob (analysts) and eve (none)."""

    def __init__(self, *options):
        self.lines = []
        self.process = subprocess.Popen(
            [PYTHON, str(ROOT / "Interop" / "providers" / "canaille_provider.py"), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        reader = threading.Thread(target=lambda: self.lines.extend(self.process.stderr), daemon=True)
        reader.start()
        said = self.process.stdout.readline()
        if not said:
            reader.join(5)
            raise RuntimeError("the provider did not start:\n" + "".join(self.lines)[-4000:])
        ready = json.loads(said)
        self.issuer, self.passwords = ready["issuer"], ready["passwords"]

    def tell(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer
        return answer

    def register(self, redirect_uri="http://127.0.0.1:1/auth/callback", method="client_secret_basic"):
        """A new client: `client_id` and `client_secret`."""
        return self.tell(register=redirect_uri, method=method)

    def redirect_to(self, client, redirect_uri):
        self.tell(client_id=client["client_id"], redirect=redirect_uri)

    def rotate(self, keep=False):
        """Another signing key; the former stays published, or is published no more."""
        self.tell(rotate=True, keep=keep)

    def mint(self, client, person="ada"):
        """An access token (JWT) as it would give one out at the end of a sign-in."""
        return self.tell(mint=person, client_id=client["client_id"])["token"]

    def count(self, path):
        """How many requests it got for the path."""
        return self.tell(count=path)["count"]

    def stop(self):
        """Nobody answers at the issuer any more."""
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


GRANTS = """
  grants:
    - claims: { groups: analysts }
      permissions: ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectVersion"]
      buckets: [demo-bucket]
    - claims: { groups: operators }
      roles: [operator]
"""


def configuration(provider, client, secret_file=None, scopes="[openid, profile, email, groups]", grants=GRANTS, extra=""):
    """What `vestibule serve` needs to sign people in with the provider."""
    secret = f"\n    clientSecretFile: {secret_file}" if secret_file else ""
    return f"""
signIn:
  oidc:
    issuer: {provider.issuer}
    clientID: {client["client_id"]}{secret}
    scopes: {scopes}{extra}
{grants}"""
