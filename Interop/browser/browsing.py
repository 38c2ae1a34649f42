"""Browser profiles with a log of what they sent, said and got wrong."""

import base64
import http.server
import json
import threading

from wire import LATEST_LEGACY, SPECIFICATION, VERSIONS, problem_of

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

    def misshapen(self):
        """What it sent that does not fit the schema of its version, each in one line."""
        if not SPECIFICATION.exists():
            return []
        checked = [(message, message.problem) for message in self.messages() if message.request.post_data]
        return [f"{problem}: {message.request.post_data[:300]}" for message, problem in checked if problem]

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
    def problem(self):
        """What does not fit the schema of its version; an answer to a question of the server has no method to go by."""
        body = json.loads(self.request.post_data)
        version = self.request.headers.get("mcp-protocol-version") or (body.get("params") or {}).get("protocolVersion")
        return problem_of(body, "client", version if version in VERSIONS else LATEST_LEGACY, "")

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


class Site:
    """A page of another origin: one document, at every path of a port of its own."""

    def __init__(self):
        site = self
        self.document = "<!doctype html><html lang=en><title>elsewhere</title>"

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = site.document.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def publish(self, document, host="127.0.0.1"):
        """Gives the address at which the document is."""
        self.document = "<!doctype html><html lang=en><title>elsewhere</title>" + document
        return f"http://{host}:{self.port}/"

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def shifted_clock(milliseconds):
    """A script that sets the page's clock ahead, or behind."""
    return f"""(() => {{
        const Real = Date, now = Real.now.bind(Real);
        globalThis.Date = class extends Real {{
            constructor(...given) {{ super(...(given.length ? given : [now() + {milliseconds}])); }}
            static now() {{ return now() + {milliseconds}; }}
        }};
    }})()"""
