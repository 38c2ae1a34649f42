import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "./fake-clock.js";
import { freshToken } from "./sample-tokens.js";
import { ScriptedServer } from "./scripted-server.js";
import { bench, failure, settled } from "./support.js";

const page = (origin) => ({ origin, href: `${origin}/`, protocol: new URL(origin).protocol });

/** A server of another origin, which does or does not let this page read, or send a header. */
function foreign({ isThere, refuses, ...options } = {}) {
    const clock = new FakeClock();
    const server = new ScriptedServer(clock);
    const probes = [];
    const fetch = async (url, init) => {
        if (init.mode === "no-cors") {
            probes.push(init);
            // As browsers have it.
            if (init.redirect !== undefined) throw new TypeError("no-cors wants redirects followed");
            if (isThere === "hangs") {
                return new Promise((_, reject) => init.signal.addEventListener("abort",
                    () => reject(init.signal.reason)));
            }
            if (isThere || refuses) return new Response();
        }
        // As a browser that was told so by a preflight.
        if (refuses && new Headers(init.headers).has(refuses)) throw new TypeError("Failed to fetch");
        if (isThere !== undefined) throw new TypeError("Failed to fetch");
        const response = await server.fetch(url, init);
        Object.defineProperty(response, "type", { value: "cors" });
        return response;
    };
    return { ...bench(() => freshToken(clock), { clock, server, fetch, url: "https://mcp.test/mcp",
        ambient: { location: page("https://app.test") }, ...options }), probes };
}

test("a server that is there and forbids this page's origin is told from one that is not", async () => {
    const forbidden = foreign({ isThere: true });
    const error = await failure(forbidden.client.initialize());
    assert.equal(error.code, "connection");
    assert.match(error.message, /add "https:\/\/app\.test" to allowedOrigins/);
    assert.match(error.message, /Access-Control-Allow-Origin/);
    assert.deepEqual(forbidden.probes.map(({ method, credentials }) => [method, credentials]), [["HEAD", "omit"]]);
    assert.equal(forbidden.client.state, "failed");

    const absent = foreign({ isThere: false });
    const unreachable = await failure(absent.client.initialize());
    assert.equal(unreachable.code, "connection");
    assert.match(unreachable.message, /nothing answers at https:\/\/mcp\.test\/mcp/);
    assert.doesNotMatch(unreachable.message, /allowedOrigins/);
});

test("a server elsewhere that allows pages no headers of the modern era is spoken to with a session", async () => {
    for (const era of ["automatic", "modern"]) {
        const { client, server } = foreign({ era, refuses: "Mcp-Method" });
        if (era === "automatic") {
            await client.initialize();
            assert.equal(client.era, "legacy");
            assert.equal((await client.callTool("echo")).isError, false);
        } else {
            assert.match((await failure(client.initialize())).message, /Access-Control-Allow-Origin/);
        }
        assert.equal(server.methods.includes("server/discover"), false, "the browser did not let it through");
    }
});

test("an answer that breaks off has been read, so that nobody looks for a missing permission", async () => {
    const { client, server, probes } = foreign();
    server.script("tools/call", { events: [{ jsonrpc: "2.0", method: "notifications/message", params: {} }] });
    const error = await failure(client.callTool("echo", {}));
    assert.equal(error.code, "outcomeUnknown");
    assert.match(error.message, /the event stream ended before the answer came/);
    assert.doesNotMatch(error.message, /allowedOrigins|nothing answers/);
    assert.equal(probes.length, 0);
});

test("the probe has a time of its own", async () => {
    const { client, clock } = foreign({ isThere: "hangs" });
    const error = failure(client.initialize());
    await clock.untilSomebodySleeps(3);
    clock.advance(3);
    assert.match((await error).message, /nothing answers/);
});

test("no probe is made for the page's own server", async () => {
    const { client, probes } = foreign({ isThere: false, url: "https://app.test/mcp" });
    assert.match((await failure(client.initialize())).message, /is the server running/);
    assert.equal(probes.length, 0);
});

test("a relative URL is the page's own server's", () => {
    const { client } = foreign({ url: "/mcp?x=1" });
    assert.equal(client.url, "https://app.test/mcp?x=1");
});

test("plain http from a page of https is named before anything is sent; loopback is no such case", async () => {
    const { client, server } = foreign({ url: "http://mcp.test/mcp?key=secret" });
    const error = await failure(client.callTool("echo"));
    assert.equal(error.code, "connection");
    assert.match(error.message, /mixed content/);
    assert.ok(!error.message.includes("secret"));
    assert.equal(server.received.length, 0);
    const loopback = foreign({ url: "http://127.0.0.1:8080/mcp" });
    await loopback.client.initialize();
});

test("a session id that the page may not read is said to be hidden", async () => {
    const { client, server } = foreign();
    server.script("initialize", { result: { protocolVersion: "2025-11-25", capabilities: {},
        serverInfo: { name: "x", version: "1" } } });
    server.script("tools/call", { status: 400, body: "no session", headers: { "Content-Type": "text/plain" } });
    const error = await failure(client.callTool("echo"));
    assert.match(error.message, /must expose Mcp-Session-Id by Access-Control-Expose-Headers/);
});

test("a challenge that the page may not read is said to be hidden", async () => {
    const { client, server } = foreign();
    server.script("tools/call", { status: 401 }, { status: 401 });
    const error = await failure(client.callTool("echo"));
    assert.match(error.message, /must expose WWW-Authenticate by Access-Control-Expose-Headers/);
});

test("offline, nothing is sent and the error says so; with the network, the light recovers by itself", async () => {
    const navigator = { onLine: true };
    const window = new EventTarget();
    const { client, server } = foreign({ ambient: { location: page("https://app.test"), navigator, window } });
    await client.connect();
    navigator.onLine = false;
    const error = await failure(client.callTool("echo"));
    assert.equal(error.code, "connection");
    assert.match(error.message, /offline/);
    assert.equal(server.calls.length, 0);
    assert.equal(client.state, "failed");
    navigator.onLine = true;
    window.dispatchEvent(new Event("online"));
    await settled();
    assert.equal(client.state, "ready");
    assert.equal(client.failure, null);
    await client.callTool("echo");
});

test("what is on this very machine is asked even when the browser is offline", async () => {
    const navigator = { onLine: false };
    const { client } = foreign({ url: "http://127.0.0.1:8080/mcp", ambient: { location: null, navigator } });
    await client.callTool("echo");
    const absent = foreign({
        isThere: false, url: "http://127.0.0.1:8080/mcp", ambient: { location: null, navigator } });
    const error = await failure(absent.client.initialize());
    assert.deepEqual([error.code, /offline/.test(error.message)], ["connection", true]);
});

test("a body whose connection breaks leaves the outcome unknown", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    const body = new ReadableStream({
        pull(controller) {
            controller.error(new TypeError("network error"));
        },
    });
    server.script("tools/call", { body, headers: { "Content-Type": "text/event-stream" } });
    assert.equal((await failure(client.callTool("echo"))).code, "outcomeUnknown");
});

test("a stream is given up when its answer has come", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    await client.connect();
    let cancelled = false;
    const answer = { jsonrpc: "2.0", id: 2, result: { content: [] } };
    const body = new ReadableStream({
        start(controller) {
            controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(answer)}\n\n`));
        },
        cancel() {
            cancelled = true;
        },
    });
    server.script("tools/call", { body, headers: { "Content-Type": "text/event-stream" } });
    await client.callTool("echo");
    await settled();
    assert.equal(cancelled, true);
});

for (const offset of [600, -600]) {
    test(`a browser whose clock is wrong by ${-offset} s works, and the skew is shown`, async () => {
        const clock = new FakeClock();
        const source = ({ serverTime }) => freshToken({ now: () => serverTime });
        const { client, server } = bench(source, { clock });
        server.tellTime(offset);
        await client.callTool("echo");
        assert.equal(client.clockOffset, offset + 0.5);
        assert.equal(server.calls.length, 1);
    });
}

for (const jump of [600, -600]) {
    test(`a clock that is set by ${jump} s in mid-session costs a look at the server's, and no failed call`, async () => {
        const clock = new FakeClock();
        let serverTime = () => clock.now();
        const server = new ScriptedServer(clock);
        const { client } = bench(() => freshToken({ now: () => serverTime() }), { clock, server });
        server.tellTime(0);
        await client.callTool("echo");
        clock.jump(jump);
        server.tellTime(-jump);
        serverTime = () => clock.now() - jump;
        await client.callTool("echo");
        await client.callTool("echo");
        assert.equal(client.clockOffset, -jump + 0.5);
        assert.equal(server.methods.filter((method) => method === "ping").length, 1);
        assert.ok(client.records.every((record) => record.kind !== "request" || record.reason === null));
    });
}

test("a page's own policy that forbids to ask there is named", async () => {
    const document = new EventTarget();
    const clock = new FakeClock();
    const fetch = async (url, { mode }) => {
        const violation = { blockedURI: url, effectiveDirective: "connect-src" };
        if (mode === "no-cors") {
            setImmediate(() => document.dispatchEvent(Object.assign(new Event("securitypolicyviolation"), violation)));
        }
        throw new TypeError("Failed to fetch");
    };
    const { client } = bench(undefined, { clock, fetch, url: "https://mcp.test/mcp",
        ambient: { location: page("https://app.test"), document } });
    const error = failure(client.initialize());
    await clock.untilSomebodySleeps(0.05);
    await settled();
    clock.advance(0.05);
    assert.match((await error).message,
        /Content-Security-Policy forbids asking https:\/\/mcp\.test: add it to connect-src/);
});
