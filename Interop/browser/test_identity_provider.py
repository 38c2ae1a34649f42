"""Sign-in with a real identity provider, in a real browser."""

import pytest

from test_page import THEMES, accessible, contrast_settled
from workbench import run_tool


def at_provider(page, provider, name, answer="Accept"):
    """What a person does there, from the login form to the question what this server may know."""
    page.wait_for_url(provider.issuer + "/login**")
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=login]").press("Enter")
    page.locator("input[name=password]").fill(provider.passwords[name])
    page.locator("input[name=password]").press("Enter")
    page.get_by_role("button", name=answer).click()


def test_a_person_signs_in_from_the_front_page_and_tools_work(serve_with_sign_in, oidc_provider, people):
    server, person = serve_with_sign_in(oidc_provider), people()
    page = person.page(server.origin + "/")
    page.get_by_role("link", name="Sign in").first.click()
    at_provider(page, oidc_provider, "ada")
    page.wait_for_url(server.origin + "/**")
    page.get_by_text("Ada Lovelace").first.wait_for()
    listing = run_tool(page, "bucket_objects_list", bucket="demo-bucket")
    listing.get_by_role("table").wait_for()
    assert not [message for message in person.messages() if message.status == 401]
    assert person.errors == []
    cookies = {cookie["name"]: cookie for cookie in person.context.cookies(server.origin)}
    ours = {name: cookie for name, cookie in cookies.items() if name.startswith("__Host-vestibule")}
    assert len(ours) == 1, "what the sign-in needed is gone"
    assert all(cookie["httpOnly"] and cookie["secure"] for cookie in ours.values())


@pytest.mark.parametrize("theme", THEMES)
def test_who_says_no_is_told_what_to_do(serve_with_sign_in, oidc_provider, people, screenshot, theme):
    server, person = serve_with_sign_in(oidc_provider), people(color_scheme=theme)
    page = person.page(server.origin + "/auth/sign-in?return=/auth/session")
    at_provider(page, oidc_provider, "ada", answer="Deny")
    page.get_by_role("heading", name="The sign-in was refused").wait_for()
    contrast_settled(page)
    assert accessible(page) == []
    screenshot(page, f"sign-in-refused-{theme}", full_page=True)
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url(server.origin + "/auth/session")
    assert person.errors == []
