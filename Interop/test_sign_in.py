"""Sign-in with a real identity provider, from the first redirect to a tool's result."""

import json
import urllib.parse

import pytest

import provider
from webclient import Browser

LISTING = ("bucket_objects_list", "--arg", "bucket=demo-bucket")


class Person:
    """Somebody with a browser who signs in at the provider."""

    def __init__(self, server, identity_provider, name="ada"):
        self.server, self.provider, self.name = server, identity_provider, name
        self.browser = Browser()
        self.callback = f"{server.origin}/auth/callback"

    def begin(self, path="/auth/session"):
        return self.browser.get(f"{self.server.origin}/auth/sign-in?return={urllib.parse.quote(path)}")

    def at_provider(self, redirect, consent="accept"):
        """From the redirect to the provider, changed or not, to the one that leads back: its answer."""
        assert redirect.status == 303 and redirect.location.startswith(self.provider.issuer), redirect.text
        page = self.browser.follow(redirect, until=self.callback)
        if page.status == 200 and page.url.endswith("/login"):
            page = self.browser.follow(self.browser.submit(page, login=self.name))
            password = self.provider.passwords[self.name]
            page = self.browser.follow(self.browser.submit(page, password=password), until=self.callback)
        if page.status == 200:
            page = self.browser.follow(self.browser.submit(page, answer=consent), until=self.callback)
        assert page.status in (302, 303) and page.location.startswith(self.callback), page.text
        return page

    def sign_in(self, **options):
        """All the way: what the server says to the callback."""
        return self.browser.get(self.at_provider(self.begin(), **options).location)

    def session(self):
        return self.browser.get(f"{self.server.origin}/auth/session").json

    def token(self):
        answer = self.browser.request(
            "POST", f"{self.server.origin}/auth/token",
            headers={"Origin": self.server.origin, "Vestibule-CSRF": self.session()["csrf"]})
        assert answer.status == 200, answer.text
        return answer.json["access_token"]


def changed(answer, **parameters):
    """The redirect with other parameters; `None` takes one out."""
    parts = urllib.parse.urlsplit(answer.location)
    query = {**dict(urllib.parse.parse_qsl(parts.query)), **parameters}
    query = {name: value for name, value in query.items() if value is not None}
    answer.headers.replace_header(
        "Location", urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(query))))
    return answer


def parameters(answer):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.location).query))


def assert_refused(answer, status, reason):
    assert answer.status == status, answer.text
    assert f"<code>{reason}</code>" in answer.text, answer.text
    assert "What to do" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_person_signs_in_and_a_tool_works_with_what_was_granted(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider)
    ada = Person(server, oidc_provider)
    assert ada.session()["signed_in"] is False
    back = ada.sign_in()
    assert back.status == 303 and back.location == f"{server.origin}/auth/session"
    cookies = " ".join(back.headers.get_all("Set-Cookie"))
    assert "__Host-vestibule-" in cookies and "HttpOnly" in cookies and "Secure" in cookies

    session = ada.session()
    assert session["signed_in"] and session["method"] == "oidc"
    assert (session["subject"], session["name"]) == ("ada", "Ada Lovelace")
    assert session["roles"] == ["operator"]

    token = ada.token()
    listed = server.run("call", server.url, *LISTING, "--token", token)
    assert json.loads(listed.stdout)["bucket"] == "demo-bucket"
    forbidden = server.run(
        "call", server.url, "bucket_objects_list", "--arg", "bucket=payroll", "--token", token, check=False)
    assert forbidden.returncode == 1, forbidden
    claims = json.loads(server.run("token", "verify", token, "--json").stdout)
    assert claims["accepted"], claims


def test_rights_follow_the_groups_at_the_provider(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider)
    bob = Person(server, oidc_provider, "bob")
    assert bob.sign_in().status == 303
    assert bob.session()["roles"] == [] and bob.session()["name"] == "Bob Builder"
    assert server.run("call", server.url, *LISTING, "--token", bob.token()).returncode == 0

    eve = Person(server, oidc_provider, "eve")
    assert_refused(eve.sign_in(), 403, "no_rights")
    assert eve.session()["signed_in"] is False


def test_claims_that_the_provider_tells_when_asked(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider, extra="\n    userInfo: true")
    ada = Person(server, oidc_provider)
    assert ada.sign_in().status == 303
    assert ada.session()["roles"] == ["operator"]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_every_way_of_proving_who_the_server_is(serve_with_sign_in, oidc_provider, method):
    # Canaille offers Basic and the form; of a client it takes what that one registered.
    extra = "\n    clientAuthentication: client_secret_post" if method == "client_secret_post" else ""
    server = serve_with_sign_in(oidc_provider, method=method, extra=extra)
    ada = Person(server, oidc_provider)
    assert ada.sign_in().status == 303
    assert ada.session()["signed_in"]


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider)
    ada, stranger = Person(server, oidc_provider), Person(server, oidc_provider)
    answer = ada.at_provider(ada.begin())
    assert_refused(stranger.browser.get(answer.location), 400, "state_missing")
    stranger.begin()
    assert_refused(stranger.browser.get(answer.location), 400, "state_missing")
    cookies = dict(ada.browser.cookies["127.0.0.1"])
    assert ada.browser.get(answer.location).status == 303
    assert_refused(ada.browser.get(answer.location), 400, "state_missing")
    # Also where somebody kept the cookie.
    stranger.browser.cookies["127.0.0.1"] = cookies
    assert_refused(stranger.browser.get(answer.location), 400, "state_used")
    assert stranger.session()["signed_in"] is False


def test_a_state_that_is_not_ours_is_refused(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider)
    ada = Person(server, oidc_provider)
    answer = ada.at_provider(changed(ada.begin(), state="another"))
    assert_refused(ada.browser.get(answer.location), 400, "state_missing")


def test_the_provider_names_itself_and_nobody_else_can(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider)
    for issuer in ["https://evil.example", None]:
        ada = Person(server, oidc_provider)
        answer = changed(ada.at_provider(ada.begin()), iss=issuer)
        assert_refused(ada.browser.get(answer.location), 400, "issuer_mismatch")


def test_a_token_for_another_nonce_and_a_code_for_another_proof_key_are_refused(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider)
    ada = Person(server, oidc_provider)
    answer = ada.at_provider(changed(ada.begin(), nonce="of another sign-in"))
    refused = ada.browser.get(answer.location)
    assert_refused(refused, 502, "id_token_refused")
    assert "nonce" in refused.text
    answer = ada.at_provider(changed(ada.begin(), code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"))
    assert_refused(ada.browser.get(answer.location), 502, "code_refused")
    assert ada.session()["signed_in"] is False


def test_who_denies_consent_is_told_so_and_may_change_their_mind(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider)
    ada = Person(server, oidc_provider)
    assert_refused(ada.sign_in(consent="deny"), 403, "denied")
    assert ada.session()["signed_in"] is False
    assert ada.sign_in().status == 303
    assert ada.session()["signed_in"]


def test_a_wrong_secret_is_named_and_never_shown(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider, secret="not the secret of this client")
    ada = Person(server, oidc_provider)
    answer = ada.at_provider(ada.begin())
    refused = ada.browser.get(answer.location)
    assert_refused(refused, 502, "client_refused")
    records = server.wait_for(lambda records: any(r.get("path") == "/auth/callback" for r in records))
    record = next(r for r in records if r.get("path") == "/auth/callback")
    assert record["detail"].startswith("client_refused:"), record
    sent = parameters(answer)
    for text in [refused.text, "\n".join(server.lines)]:
        for secret in ["not the secret", sent["code"], sent["state"]]:
            assert secret not in text


def test_an_issuer_that_is_spelt_otherwise_is_refused(serve_with_sign_in, oidc_provider):
    class Misspelt:
        issuer = oidc_provider.issuer + "/"
        register, redirect_to = oidc_provider.register, oidc_provider.redirect_to

    server = serve_with_sign_in(Misspelt)
    refused = Person(server, oidc_provider).begin()
    assert_refused(refused, 502, "provider_invalid")
    assert oidc_provider.issuer in refused.text


def test_keys_rotated_at_the_provider_refuse_nobody(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider)
    for _ in range(2):
        ada = Person(server, oidc_provider)
        assert ada.sign_in().status == 303
        oidc_provider.rotate()


def test_two_tabs_sign_in_at_the_same_time(serve_with_sign_in, oidc_provider):
    server = serve_with_sign_in(oidc_provider)
    ada = Person(server, oidc_provider)
    first, second = ada.begin("/auth/session?first"), ada.begin("/auth/session?second")
    assert ada.browser.get(ada.at_provider(second).location).location.endswith("?second")
    back = ada.browser.get(ada.at_provider(first).location)
    assert back.status == 303 and back.location.endswith("?first"), back.text


def test_a_provider_that_is_down_is_named_and_who_is_signed_in_stays_so(serve_with_sign_in):
    own = provider.Provider()
    try:
        server = serve_with_sign_in(own)
        ada, bob = Person(server, own), Person(server, own, "bob")
        assert ada.sign_in().status == 303
        answer = bob.at_provider(bob.begin())
    finally:
        own.stop()
    refused = bob.browser.get(answer.location)
    assert_refused(refused, 502, "provider_unreachable")
    assert "refused" in refused.text
    assert server.run("call", server.url, *LISTING, "--token", ada.token()).returncode == 0

    server.restart()
    assert_refused(Person(server, own).begin(), 502, "provider_unreachable")
