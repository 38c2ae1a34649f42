"""Tokens of Vestibule's own key, made here by the thousand."""

import base64
import json
import time

import jwt
from cryptography.hazmat.primitives import serialization
from jwt.algorithms import ECAlgorithm


class SigningKey:
    """The active key of a data directory's ring."""

    def __init__(self, data):
        ring = json.loads((data / "keys.json").read_text())
        entry = next(key for key in ring["keys"] if key["state"] == "active")
        jwk = entry.get("jwk", entry)
        self.kid = entry["kid"]
        self.key = ECAlgorithm.from_jwk(json.dumps({name: jwk[name] for name in ("kty", "crv", "x", "y", "d")}))
        self.public_pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()

    def token(self, issuer, audience, number=0):
        now = int(time.time())
        claims = {
            "iss": issuer, "sub": "ada", "aud": audience, "iat": now, "exp": now + 7200,
            "jti": base64.urlsafe_b64encode(number.to_bytes(16, "big")).decode().rstrip("="), "scope": "mcp",
            "permissions": ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject"], "roles": ["reader"],
            "buckets": ["demo-bucket", "team-photos"],
        }
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"kid": self.kid, "typ": "at+jwt"})
