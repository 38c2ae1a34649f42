"""FastMCP, with the echo tool and its own token verifier. Arguments: port, key file (PEM), issuer, audience."""

import sys

import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth.providers.jwt import JWTVerifier

port, key_file, issuer, audience = sys.argv[1:5]
verifier = JWTVerifier(public_key=open(key_file).read(), issuer=issuer, audience=audience, algorithm="ES256")
server = FastMCP("bench", auth=verifier)


@server.tool
def echo(text: str) -> str:
    """Returns the text that it is given."""
    return text


uvicorn.run(
    server.http_app(path="/mcp", json_response=True), host="127.0.0.1", port=int(port), log_level="error",
    access_log=False)
