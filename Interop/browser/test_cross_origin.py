"""Pages of other origins: those that are allowed read every refusal, the others are told what is missing."""

from browsing import FOREIGN_HOST

FRONT_END = """
import { MCPClient } from "SERVER/web/vestibule.js";

globalThis.start = (token) => {
    globalThis.client = new MCPClient({ url: "SERVER/mcp", getToken: () => token });
};
globalThis.list = () => client.callTool("bucket_objects_list", { bucket: "demo-bucket" }).then(
    (result) => ({ objects: result.structuredContent?.objects?.length, denial: result.denial }),
    (error) => ({ code: error.code, reason: error.reason, remedy: error.remedy, message: error.message }));
globalThis.ready = true;
"""
READER = [
    "--subject", "ada", "--bucket", "demo-bucket", "--permission", "s3:ListBucket",
    "--permission", "s3:GetBucketLocation"]


def visit(person, other_site, server, host, script=FRONT_END):
    script = script.replace("SERVER", server.origin)
    page = person.page(other_site.publish(f"<script type=module>{script}</script>", host))
    page.wait_for_function("globalThis.ready")
    return page


def refusal(page):
    """The first reason that comes; a running server notices a rotation within a tenth of a second."""
    return page.evaluate("""(async () => {
        for (let call = 0; call < 1000; call += 1) {
            const told = await list();
            if (told.reason) return told.reason;
        }
    })()""")


def test_a_page_on_a_second_port_works_and_reads_why_it_is_refused(serve, people, other_site):
    server, person = serve(), people()
    page = visit(person, other_site, server, "127.0.0.1")
    token = server.mint(*READER)
    page.evaluate(f"start('{token}')")
    told = page.evaluate("list()")
    assert told.get("objects"), told
    server.run("keys", "rotate", "--now")
    assert refusal(page) == "key_retired"
    page.evaluate("start(undefined)")
    assert page.evaluate("list()")["message"]


def test_a_site_that_is_configured_reads_the_refusals_too(serve, people, other_site):
    server = serve(f"allowedOrigins: ['http://{FOREIGN_HOST}:{other_site.port}']\n")
    page = visit(people(), other_site, server, FOREIGN_HOST)
    token = server.mint(*READER)
    page.evaluate(f"start('{token}')")
    told = page.evaluate("list()")
    assert told.get("objects"), told
    server.run("keys", "rotate", "--now")
    assert refusal(page) == "key_retired"


def test_a_site_that_is_not_configured_is_told_which_header_is_missing(serve, people, other_site):
    server = serve()
    page = visit(people(), other_site, server, FOREIGN_HOST)
    page.evaluate(f"start('{server.mint(*READER)}')")
    told = page.evaluate("list()")
    assert "Access-Control-Allow-Origin" in told["message"]
    assert f"http://{FOREIGN_HOST}:{other_site.port}" in told["message"], "names the origin that is to be allowed"


def test_a_server_that_is_not_there_is_not_mistaken_for_a_missing_header(serve, people, other_site):
    server = serve()
    page = visit(people(), other_site, server, "127.0.0.1")
    page.evaluate(f"start('{server.mint(*READER)}')")
    page.evaluate("list()")
    origin = server.origin
    server.stop()
    told = page.evaluate("list()")
    assert "Access-Control" not in told["message"]
    assert origin in told["message"]
