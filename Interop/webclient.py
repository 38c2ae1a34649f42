"""As much of a browser as a sign-in takes: cookies by host, redirects, forms.

Python's own cookie jar sends no Secure cookie over http; browsers do on loopback, and so does this one.
"""

import html.parser
import http.client
import json
import urllib.parse


class Answer:
    def __init__(self, url, response):
        self.url = url
        self.status = response.status
        self.headers = response.msg
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def location(self):
        return urllib.parse.urljoin(self.url, self.headers["Location"])

    def form(self, **values):
        """The page's form that has all these fields, filled in: its action and what to send."""
        for form in _Forms.of(self.text):
            names = {name for name, _ in form["fields"]}
            if set(values) <= names:
                sent = {name: value for name, value in form["fields"] if name not in form["buttons"]}
                return urllib.parse.urljoin(self.url, form["action"] or self.url), {**sent, **values}
        raise AssertionError(f"{self.url} has no form with {sorted(values)}:\n{self.text[:3000]}")


class Browser:
    def __init__(self):
        self.cookies = {}
        self.visited = []

    def request(self, method, url, body=None, headers=None):
        """One request; redirects are not followed."""
        parts = urllib.parse.urlsplit(url)
        self.visited.append(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        fields = dict(headers or {})
        jar = self.cookies.setdefault(parts.hostname, {})
        if jar:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, fields)
        answer = Answer(url, connection.getresponse())
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            pair, *attributes = (part.strip() for part in cookie.split(";"))
            name, _, value = pair.partition("=")
            gone = not value or any(attribute.lower() in ("max-age=0", "max-age=-1") for attribute in attributes)
            if gone:
                jar.pop(name, None)
            else:
                jar[name] = value
        return answer

    def get(self, url, **headers):
        return self.request("GET", url, headers=headers)

    def follow(self, answer, until=None):
        """Follows redirects, up to one that leads to `until` (a prefix), which is left to the caller."""
        for _ in range(20):
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            if until and answer.location.startswith(until):
                return answer
            answer = self.get(answer.location)
        raise AssertionError(f"redirects without end: {self.visited[-20:]}")

    def submit(self, page, /, **values):
        """Sends the page's form that has these fields."""
        action, sent = page.form(**values)
        return self.request("POST", action, sent)


class _Forms(html.parser.HTMLParser):
    @classmethod
    def of(cls, text):
        parser = cls()
        parser.forms = []
        parser.feed(text)
        return parser.forms

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "form":
            self.forms.append({"action": found.get("action"), "fields": [], "buttons": set()})
        elif tag in ("input", "button", "select", "textarea") and self.forms and found.get("name"):
            self.forms[-1]["fields"].append((found["name"], found.get("value") or ""))
            if tag == "button" or found.get("type") == "submit":
                self.forms[-1]["buttons"].add(found["name"])
