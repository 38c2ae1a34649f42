"""The front page and the operator's page, as a person sees them."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from browsing import shifted_clock
from workbench import run_tool

SERIOUS = ("serious", "critical")
THEMES = ("light", "dark")


def accessible(page):
    """What axe finds wrong that keeps somebody from using the page."""
    # The rules are injected past the page's policy, which forbids foreign scripts.
    found = Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found if rule["impact"] in SERIOUS]


def contrast_settled(page):
    page.emulate_media(reduced_motion="reduce")


@pytest.mark.parametrize("theme", THEMES)
def test_the_page_before_anybody_signed_in(serve, people, screenshot, theme):
    server, person = serve(), people(color_scheme=theme)
    page = person.page(server.origin + "/")
    page.locator("a[href='#tool-echo']").wait_for()
    contrast_settled(page)
    assert accessible(page) == []
    screenshot(page, f"signed-out-{theme}", full_page=True)
    result = run_tool(page, "echo", text="hello")
    assert "Sign in" in result.inner_text(), "says what to do"
    screenshot(page, f"refused-{theme}", full_page=True)
    assert accessible(page) == []
    assert not [message for message in person.messages() if message.authorization]
    assert person.errors == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_reader_walks_through_a_bucket_and_is_told_about_another(serve, people, screenshot, theme):
    server, person = serve(), people(color_scheme=theme)
    person.sign_in(server)
    page = person.page(server.origin + "/")
    contrast_settled(page)
    listing = run_tool(page, "bucket_objects_list", bucket="demo-bucket")
    listing.get_by_role("table").wait_for()
    assert accessible(page) == []
    screenshot(page, f"folder-{theme}", full_page=True)
    denied = run_tool(page, "bucket_objects_list", bucket="payroll")
    assert "argument_forbidden" in denied.inner_text()
    assert "demo-bucket" in denied.inner_text(), "says what is allowed"
    screenshot(page, f"denied-{theme}", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 1010})
    screenshot(page, f"denial-{theme}", at="#tools .result:not([hidden])")
    assert accessible(page) == []
    assert not [message for message in person.messages() if message.status == 401]
    assert person.errors == []


@pytest.mark.parametrize("theme", THEMES)
def test_the_replay_shows_the_incident_and_its_cure(serve, people, screenshot, theme):
    server, person = serve(), people(color_scheme=theme)
    person.sign_in(server)
    page = person.page(server.origin + "/")
    contrast_settled(page)
    page.get_by_role("button", name="Replay the incident").click()
    page.get_by_role("heading", name="The cure holds by 7 of 7 criteria").wait_for()
    rows = page.get_by_role("table", name="The criteria of the incident").get_by_role("rowheader").all_inner_texts()
    named = server.run("demo", "--json").stdout
    assert len(rows) == 7 and all(row in named for row in rows), "the same criteria as `vestibule demo`"
    before = [message for message in person.messages() if "/replay/" in message.request.url][:6]
    assert [message.status for message in before] == [401, 401, 401, 200, 202, 401]
    assert accessible(page) == []
    screenshot(page, f"replay-{theme}", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 1190})
    screenshot(page, f"incident-{theme}", at="#replay")
    assert person.errors == []


def test_the_page_works_on_a_narrow_screen(serve, people, screenshot):
    server, person = serve(), people(viewport={"width": 360, "height": 740})
    person.sign_in(server)
    page = person.page(server.origin + "/")
    run_tool(page, "bucket_objects_list", bucket="demo-bucket")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "nothing makes the page scroll sideways"
    screenshot(page, "narrow", full_page=True)


def test_the_page_is_used_with_the_keyboard_alone(serve, people):
    server, person = serve(), people()
    person.sign_in(server)
    page = person.page(server.origin + "/")
    page.locator("a[href='#tool-whoami']").wait_for()
    page.keyboard.press("Tab")
    assert "Skip" in page.evaluate("document.activeElement.textContent")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "#tool-whoami":
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Who am I").wait_for()
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Call":
            break
    page.keyboard.press("Enter")
    result = page.get_by_role("region", name="Result of whoami")
    result.get_by_text("ada").first.wait_for()


def test_signing_out_locks_the_operations_again(serve, people, screenshot):
    server, person = serve(), people()
    person.sign_in(server)
    page = person.page(server.origin + "/")
    assert "hello" in run_tool(page, "echo", text="hello").inner_text()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").first.wait_for()
    assert "Sign in" in run_tool(page, "echo", text="again").inner_text()
    screenshot(page, "signed-out-again", full_page=True)


@pytest.mark.parametrize("theme", THEMES)
def test_an_operator_sees_keys_sessions_refusals_and_stale_tokens(serve, people, screenshot, theme):
    server, person = serve(), people(color_scheme=theme)
    person.sign_in(server, "olga")
    page = person.page(server.origin + "/operate")
    contrast_settled(page)
    # A client somewhere goes on with a token of the key before.
    old = server.mint("--subject", "ada", "--bucket", "demo-bucket", "--permission", "s3:ListBucket")
    server.run("keys", "rotate", "--now")
    for _ in range(3):
        server.run("call", server.url, "echo", "--arg", "text=hello", "--token", old, check=False)
    page.get_by_text("key_retired").first.wait_for()
    assert accessible(page) == []
    screenshot(page, f"operate-{theme}", full_page=True)
    assert person.errors == []


def test_a_reader_is_not_shown_the_operators_page(serve, people, screenshot):
    server, person = serve(), people()
    person.sign_in(server)
    page = person.page()
    assert page.goto(server.origin + "/operate").status == 403
    assert "operator" in page.locator("body").inner_text()
    assert person.context.request.get(server.origin + "/operate/state").status == 403
    screenshot(page, "not-an-operator")


def test_the_sign_in_form(serve, people, screenshot):
    server = serve()
    for theme in THEMES:
        page = people(color_scheme=theme).page(server.origin + "/auth/sign-in")
        contrast_settled(page)
        screenshot(page, f"sign-in-{theme}")
        assert accessible(page) == []


def test_a_wrong_clock_is_shown(serve, people, screenshot):
    server, person = serve(), people()
    person.sign_in(server)
    person.context.add_init_script(shifted_clock(-10 * 60_000))
    page = person.page(server.origin + "/")
    page.get_by_text("10 min").first.wait_for()
    assert "hello" in run_tool(page, "echo", text="hello").inner_text()
    screenshot(page, "clock-behind")
    assert not [message for message in person.messages() if message.status == 401]


def test_a_server_that_is_gone_is_named_and_met_again(serve, people, screenshot):
    server, person = serve(), people()
    person.sign_in(server)
    page = person.page(server.origin + "/")
    assert "hello" in run_tool(page, "echo", text="hello").inner_text()
    server.stop()
    result = run_tool(page, "echo", text="anybody")
    assert "nothing answers" in result.inner_text()
    screenshot(page, "server-gone", full_page=True)
    assert accessible(page) == []
    server.start_again()
    result = run_tool(page, "echo", text="back again")
    result.get_by_text("back again").first.wait_for()


STATES = """
<style>body { color-scheme: light dark; font: 16px sans-serif; display: grid; gap: 1rem; padding: 1rem; justify-items: start }</style>
<main><h1>The light</h1></main>
<script type=module src="SERVER/web/devtools.js"></script>
<script type=module>
await customElements.whenDefined("vestibule-indicator");
const refusal = { code: "unauthorized", reason: "key_retired", remedy: "refresh", message: "the key was retired" };
for (const [state, failure] of [
    ["idle", null], ["initializing", null], ["ready", null], ["refreshing", null], ["signed-out", null],
    ["failed", refusal], ["closed", null]]) {
    const light = document.createElement("vestibule-indicator");
    light.client = Object.assign(new EventTarget(), { state, failure, clockOffset: null, records: [] });
    document.querySelector("main").append(light, document.createElement("br"));
}
globalThis.ready = true;
</script>
"""


@pytest.mark.parametrize("theme", THEMES)
def test_the_light_in_each_of_its_states_on_somebody_elses_page(serve, people, other_site, screenshot, theme):
    server, person = serve(), people(color_scheme=theme, viewport={"width": 420, "height": 460})
    page = person.page(other_site.publish(STATES.replace("SERVER", server.origin)))
    page.wait_for_function("globalThis.ready")
    contrast_settled(page)
    said = [light.inner_text() for light in page.get_by_role("button").all()]
    assert len(set(said)) == 7, f"each state has words of its own: {said}"
    assert any("key retired" in words or "key_retired" in words for words in said)
    assert accessible(page) == []
    screenshot(page, f"light-{theme}")


ELEMENTS = """
<main><h1>Somebody's page</h1><vestibule-indicator></vestibule-indicator><vestibule-panel></vestibule-panel></main>
<script type=module src="SERVER/web/devtools.js"></script>
<script type=module>
import { MCPClient } from "SERVER/web/mcp-client.js";
globalThis.client = new MCPClient({ url: "SERVER/mcp", getToken: () => "TOKEN" });
globalThis.call = () => client.callTool("echo", { text: "hello" });
globalThis.ready = true;
</script>
"""


def test_the_elements_find_the_client_of_somebody_elses_page_and_show_no_token(serve, people, other_site, screenshot):
    server, person = serve(), people()
    token = server.mint("--subject", "ada")
    page = person.page(other_site.publish(ELEMENTS.replace("SERVER", server.origin).replace("TOKEN", token)))
    page.wait_for_function("globalThis.ready")
    page.evaluate("call()")
    panel = page.locator("vestibule-panel")
    panel.get_by_text("tools/call").first.wait_for()
    assert "Ready" in page.locator("vestibule-indicator").get_by_role("button").inner_text()
    shown = page.evaluate("document.querySelector('vestibule-panel').shadowRoot.textContent")
    assert token not in shown and token.split(".")[2] not in shown
    assert accessible(page) == []
    screenshot(page, "elements-elsewhere")
