"""Drives Debian's Chromium with Playwright against the real server."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from browsing import FOREIGN_HOST, Profile, Site
from server import ROOT

SCREENSHOTS = ROOT / ".build" / "screenshots"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
TIMEOUT = 20_000


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests. The sandbox needs rights that a container has not."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", f"--host-resolver-rules=MAP {FOREIGN_HOST} 127.0.0.1"])
        yield browser
        browser.close()


@pytest.fixture
def people(chromium):
    """Opens browser profiles: each has cookies and a storage of its own. What they send fits the published schemas."""
    opened = []

    def profile(**options):
        context = chromium.new_context(**options)
        context.set_default_timeout(TIMEOUT)
        opened.append(Profile(context))
        return opened[-1]

    yield profile
    misshapen = [problem for profile in opened for problem in profile.misshapen()]
    for profile in opened:
        profile.context.close()
    assert not misshapen, "\n".join(misshapen)


@pytest.fixture
def other_site():
    """Another origin on this machine. Cookies know no ports, so it is the worst place to be attacked from."""
    site = Site()
    yield site
    site.stop()


@pytest.fixture
def screenshot():
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def take(page, name, at=None, **options):
        if at:
            page.locator(at).evaluate("(place) => place.scrollIntoView({ behavior: 'instant' })")
        else:
            page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled", **options)

    return take
