"""Browser profiles with a log of what they sent, said and got wrong."""

import base64
import json

# A name that is not loopback, on this machine: pages of a foreign site.
FOREIGN_HOST = "app.example.com"


class Profile:
    """A browser profile that keeps a log of its network and its console."""

    def __init__(self, context):
        self.context = context
        self.requests = []
        self.console = []
        self.errors = []
        context.on("request", lambda request: self.requests.append(request))
        context.on("console", lambda message: self.console.append(message.text))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def page(self, url=None):
        page = self.context.new_page()
        if url:
            page.goto(url)
        return page

    def sign_in(self, server, user="ada"):
        """Through the form, as a person does; it leads to a page that sends nothing by itself."""
        page = self.page(server.origin + "/auth/sign-in?return=/auth/session")
        page.locator(f"input[name=user][value={user}]").check()
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(server.origin + "/auth/session")
        page.close()

    def host(self, server, script, name="host", origin=None):
        """A page of the server's own origin (or another) that somebody else wrote, with that module script."""
        address = f"{origin or server.origin}/{name}.html"
        document = f"<!doctype html><title>{name}</title><script type=module>{script}</script>"
        self.context.route(
            address, lambda route: route.fulfill(status=200, content_type="text/html; charset=utf-8", body=document))
        return self.page(address)

    def messages(self):
        """Every MCP message that was sent, as the browser's network saw it."""
        return [Message(request) for request in list(self.requests) if is_message(request)]


def is_message(request):
    return request.method in ("POST", "DELETE") and request.url.split("?")[0].endswith("/mcp")


class Message:
    def __init__(self, request):
        self.request = request
        body = json.loads(request.post_data or "{}")
        self.method = body.get("method", request.method)
        self.authorization = request.headers.get("authorization")

    @property
    def issued_at(self):
        """`iat` of the token that went with it, in seconds."""
        claims = self.authorization.removeprefix("Bearer ").split(".")[1]
        return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["iat"]

    @property
    def status(self):
        response = self.request.response()
        return response.status if response else None

    def __repr__(self):
        token = "with a token" if self.authorization else "no token"
        return f"{self.method} {token} {self.status}"
