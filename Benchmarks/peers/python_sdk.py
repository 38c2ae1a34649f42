"""The official Python SDK, with the echo tool and a token verifier. Arguments: port, key file (PEM), issuer, audience."""

import sys

import jwt
import uvicorn
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer

port, key_file, issuer, audience = sys.argv[1:5]
key = open(key_file).read()


class Verifier:
    async def verify_token(self, token):
        try:
            claims = jwt.decode(
                token, key, algorithms=["ES256"], issuer=issuer, audience=audience,
                options={"require": ["exp", "iss", "aud", "sub"]})
        except jwt.PyJWTError:
            return None
        return AccessToken(
            token=token, client_id=claims["sub"], scopes=claims.get("scope", "").split(), expires_at=claims["exp"],
            resource=audience, subject=claims["sub"])


server = MCPServer(
    "bench", token_verifier=Verifier(), log_level="ERROR",
    auth=AuthSettings(issuer_url=issuer, resource_server_url=audience, validate_token_resource=True))


@server.tool()
def echo(text: str) -> str:
    """Returns the text that it is given."""
    return text


uvicorn.run(
    server.streamable_http_app(json_response=True), host="127.0.0.1", port=int(port), log_level="error",
    access_log=False)
