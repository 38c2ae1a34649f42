"""What a hostile page, a hostile object name and a hostile tool result try, in a real browser."""

import json

import pytest

from workbench import run_tool

HOSTILE = "<img src=x onerror=globalThis.hacked=1>"


def csrf_of(person, server):
    return person.context.request.get(server.origin + "/auth/session").json()["csrf"]


@pytest.mark.parametrize("path", ["/auth/token", "/auth/sign-out", "/replay"])
def test_another_page_cannot_post_with_the_persons_cookie(serve, people, other_site, path):
    server, person = serve(), people()
    person.sign_in(server)
    csrf = csrf_of(person, server)
    page = person.page(other_site.publish(""))
    attempts = f"""async () => {{
        const told = [];
        for (const headers of [{{}}, {{ "Vestibule-CSRF": "{csrf}" }}, {{ "Content-Type": "text/plain" }}]) {{
            for (const mode of ["cors", "no-cors"]) {{
                const options = {{ method: "POST", credentials: "include", mode, headers, body: "{{}}" }};
                await fetch("{server.origin}{path}", options).then(
                    async (answer) => told.push(await answer.text()), () => told.push(""));
            }}
        }}
        return told;
    }}"""
    told = page.evaluate(attempts)
    assert not any("access_token" in text or "stale_token" in text for text in told)
    # The session stands, so nothing of it was carried out, and the person's own page still gets a token.
    session = person.context.request.get(server.origin + "/auth/session").json()
    assert session["signed_in"] is True
    own = person.host(server, "globalThis.ready = true")
    status = own.evaluate(f"""fetch("/auth/token", {{
        method: "POST", headers: {{ "Vestibule-CSRF": "{csrf}" }} }}).then((answer) => answer.status)""")
    assert status == 200


def test_another_page_cannot_read_the_session(serve, people, other_site):
    server, person = serve(), people()
    person.sign_in(server)
    page = person.page(other_site.publish(""))
    told = page.evaluate(f"""fetch("{server.origin}/auth/session", {{ credentials: "include" }}).then(
        (answer) => answer.text(), (error) => error.name)""")
    assert told == "TypeError"


def test_a_form_of_another_page_signs_nobody_in(serve, people, other_site):
    server, person = serve(), people()
    page = person.page(other_site.publish(
        f"""<form method=post action="{server.origin}/auth/sign-in">
        <input name=user value=olga><input name=csrf value=guess><button>go</button></form>"""))
    page.get_by_role("button").click()
    page.wait_for_load_state()
    assert person.context.request.get(server.origin + "/auth/session").json()["signed_in"] is False


@pytest.mark.parametrize("path", ["/", "/operate", "/auth/sign-in"])
def test_no_page_can_be_framed(serve, people, other_site, path):
    server, person = serve(), people()
    person.sign_in(server, "olga")
    page = person.page(other_site.publish(
        f"""<iframe src="{server.origin}{path}"></iframe>"""))
    page.wait_for_load_state("networkidle")
    framed = page.frames[1]
    assert framed.url.startswith("chrome-error:") or framed.locator("body").inner_text() == ""


def test_hostile_object_names_and_contents_are_shown_as_text(serve, people, screenshot):
    server = serve()
    folder = server.data / "buckets" / "demo-bucket"
    (folder / HOSTILE).write_text(f"<script>globalThis.hacked=1</script>{HOSTILE}")
    (folder / "evil.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='globalThis.hacked=1'/>")
    person = people()
    person.sign_in(server, "olga")
    page = person.page(server.origin + "/")
    run_tool(page, "bucket_objects_list", bucket="demo-bucket")
    page.get_by_text(HOSTILE).first.wait_for()
    for key in (HOSTILE, "evil.svg"):
        for tool in ("bucket_object_text", "bucket_object_fetch", "bucket_object_info"):
            run_tool(page, tool, s3_uri=f"s3://demo-bucket/{key}")
    run_tool(page, "echo", text=HOSTILE)
    screenshot(page, "hostile-names", full_page=True)
    assert page.evaluate("globalThis.hacked") is None
    assert page.locator("img[src=x]").count() == 0
    assert person.errors == []


def test_hostile_tools_neither_hide_the_others_nor_run(serve, people):
    """A server's list of tools, in which everything but the names may be anything."""
    server, person = serve(), people()
    monster = {"toString": 1, "valueOf": 1}
    deep = "[" * 20_000 + "]" * 20_000
    tools = [
        {"name": "half\ud800pair", "inputSchema": {}},
        {"name": "monster", "title": monster, "description": monster, "annotations": {"title": monster},
         "inputSchema": {"properties": {"__proto__": {"title": monster, "type": "string", "default": monster}}}},
        {"name": "deep", "inputSchema": {"properties": {"a": {"default": "DEEP"}, "b": {"enum": ["DEEP"]}}}},
        {"name": "wide", "inputSchema": {"properties": {f"p{index}": {} for index in range(10_000)}}},
        {"name": "pattern", "inputSchema": {"properties": {"p": {"type": "string", "pattern": "^(a+)+$"}}}},
        {"name": "markup", "title": HOSTILE, "description": HOSTILE, "inputSchema": {"properties": {HOSTILE: {}}}},
        {"name": "good", "inputSchema": {}},
    ]

    def answer(route):
        message = json.loads(route.request.post_data or "{}")
        if message.get("method") not in ("tools/list", "tools/call"):
            route.continue_()
            return
        content = [
            {"type": "resource_link", "uri": "javascript:globalThis.hacked=1", "name": HOSTILE},
            {"type": "image", "mimeType": monster, "data": "x"}, monster,
            {"type": "resource", "resource": {"uri": "a.csv", "text": "a,b\n" + '"' * 200_000 + "x"}},
        ]
        structured = {"__proto__": {"polluted": True}, "constructor": {"prototype": {"polluted": True}},
                      "deep": "DEEP", "link": "javascript:globalThis.hacked=1"}
        result = {"tools": tools} if message["method"] == "tools/list" else {
            "content": content, "structuredContent": structured}
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).replace('"DEEP"', deep)
        route.fulfill(status=200, content_type="application/json", body=body)

    person.context.route("**/mcp", answer)
    person.sign_in(server)
    page = person.page(server.origin + "/")
    page.locator("a[href='#tool-good']").wait_for()
    assert page.locator(".tool-list a").count() == len(tools)
    for place in range(len(tools)):
        page.locator(".tool-list a").nth(place).click()
        assert page.locator(".tool-stage h3").count() == 1
    page.locator("a[href='#tool-pattern']").click()
    page.locator("form [name='p']").fill("a" * 40 + "!")
    page.get_by_role("button", name="Call").click()
    page.get_by_role("heading", name="Result").wait_for()
    page.get_by_text("As it came").click()
    assert page.get_by_role("button", name="Call").is_enabled()
    assert page.locator("a[href^='javascript:']").count() == 0
    assert page.evaluate("[globalThis.hacked, ({}).polluted]") == [None, None]
    assert page.locator("img[src=x]").count() == 0
    assert person.errors == []
