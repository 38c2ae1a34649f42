import assert from "node:assert/strict";
import { test } from "node:test";
import { changeOf, ChangeQueue } from "../changes.js";
import { FakeClock } from "./fake-clock.js";
import { freshToken } from "./sample-tokens.js";
import { bench, failure, settled, until } from "./support.js";

const subscriptionID = "io.modelcontextprotocol/subscriptionId";

/** A client of a server of that era, and what its streams are. */
function listeningBench(era, options = {}) {
    const clock = new FakeClock();
    const parts = bench(() => freshToken(clock, "k1", { lifetime: 3600 }), { clock, era, ...options });
    parts.server.speak(era);
    /** Streams that are open, the newest last: a test writes into them and ends them. */
    const streams = [];
    const offer = (method, times = 1) => {
        for (let count = 0; count < times; count += 1) {
            let controller;
            const body = new ReadableStream({ start: (one) => { controller = one; } });
            const encoder = new TextEncoder();
            const stream = {
                send: (message, id) => {
                    parts.server.asks(message);
                    controller.enqueue(encoder.encode(
                        `${id ? `id: ${id}\n` : ""}data: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`));
                },
                comment: () => controller.enqueue(encoder.encode(": still there\n\n")), end: () => controller.close(),
            };
            streams.push(stream);
            parts.server.script(method, { headers: { "Content-Type": "text/event-stream" }, body });
        }
    };
    return { ...parts, streams, offer };
}

const listens = ({ received }) => received.filter(({ method }) => method === "subscriptions/listen");
const told = (id, method, params = {}) => ({ method, params: { ...params, _meta: { [subscriptionID]: id } } });
const filter = { toolsListChanged: true, resourceSubscriptions: ["note://a"] };

/** Opens a modern subscription up to its acknowledgement. */
async function subscribed(parts, honoured = filter) {
    const { client, server, streams, offer } = parts;
    offer("subscriptions/listen");
    const changes = client.subscribe(filter);
    const first = changes.next();
    await until(() => listens(server).length === 1);
    const { id } = listens(server)[0];
    streams[0].send(told(id, "notifications/subscriptions/acknowledged", { notifications: honoured }));
    assert.deepEqual((await first).value, { kind: "subscribed", filter: honoured });
    return { ...parts, changes, id };
}

// requirement: D-66, D-71
test("a modern server is told what a page wants to hear, and says what it will tell of", async () => {
    const honoured = { toolsListChanged: true };
    const { changes, server, id, streams } = await subscribed(listeningBench("modern"), honoured);
    const [{ params, headers }] = listens(server);
    assert.deepEqual(params.notifications, filter);
    assert.equal(headers.get("Mcp-Method"), "subscriptions/listen");
    streams[0].comment();
    streams[0].send(told(id, "notifications/tools/list_changed"));
    assert.deepEqual((await changes.next()).value, { kind: "toolsListChanged" });
    for (const message of [told(99, "notifications/tools/list_changed"), told(id, "notifications/prompts/list_changed"),
        told(id, "notifications/message", { level: "info", data: 1 }),
        told(id, "notifications/resources/updated", { uri: "note://b" })]) streams[0].send(message);
    streams[0].send(told(id, "notifications/resources/updated", { uri: "note://a/part" }));
    assert.deepEqual((await changes.next()).value, { kind: "resourceUpdated", uri: "note://a/part" });
    await changes.return();
});

test("a modern stream that ends, in good order or not, is opened again under a new id after a pause", async () => {
    for (const inOrder of [true, false]) {
        const parts = await subscribed(listeningBench("modern"));
        const { changes, server, clock, id, streams, offer } = parts;
        offer("subscriptions/listen");
        const next = changes.next();
        if (inOrder) streams[0].send({ id, result: { resultType: "complete", _meta: { [subscriptionID]: id } } });
        streams[0].end();
        await clock.untilSomebodySleeps(1);
        clock.advance(1);
        await until(() => listens(server).length === 2);
        const again = listens(server)[1];
        assert.notEqual(again.id, id);
        streams[1].send(told(again.id, "notifications/subscriptions/acknowledged", { notifications: filter }));
        assert.deepEqual((await next).value, { kind: "reconnected", filter });
        await changes.return();
    }
});

test("a stream that ends again and again is given up, with pauses that grow in between", async () => {
    const { client, server, clock, streams, offer } = listeningBench("modern", { timeouts: { handshake: 25 } });
    offer("subscriptions/listen", 11);
    for (const stream of streams) stream.end();
    const error = failure(client.subscribe(filter).next());
    for (const seconds of [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]) {
        await clock.untilSomebodySleeps(seconds);
        clock.advance(seconds);
    }
    assert.equal((await error).code, "outcomeUnknown");
    assert.equal(listens(server).length, 11);
});

test("a modern server that does not acknowledge is given up for a while", async () => {
    const { client, server, clock, offer } = listeningBench("modern");
    offer("subscriptions/listen");
    const changes = client.subscribe(filter);
    const next = changes.next();
    await until(() => listens(server).length === 1);
    await clock.untilSomebodySleeps(30);
    clock.advance(30);
    await clock.untilSomebodySleeps(1);
    const leaving = changes.return();
    await client.close();
    assert.equal((await failure(next)).code, "closed");
    await leaving;
});

test("a refused subscription fails with the server's words, and is not tried again", async () => {
    const { client, server } = listeningBench("modern");
    server.script("subscriptions/listen", { status: 404, error: { code: -32601, message: "no such method" } });
    const error = await failure(client.subscribe(filter).next());
    assert.deepEqual([error.code, error.rpcError.code], ["serverError", -32601]);
    assert.equal(listens(server).length, 1);
});

test("leaving the loop ends the stream, and so does the page's signal, without an error", async () => {
    const { changes, client, server, offer } = await subscribed(listeningBench("modern"));
    const controller = new AbortController();
    await changes.return();
    await settled();
    const ended = client.records.filter(({ method }) => method === "subscriptions/listen");
    assert.deepEqual(ended.map(({ failure }) => failure), ["cancelled"]);
    offer("subscriptions/listen");
    const other = client.subscribe(filter, { signal: controller.signal });
    const next = other.next();
    await until(() => listens(server).length === 2);
    controller.abort();
    assert.deepEqual(await next, { done: true, value: undefined });
});

// requirement: C-15, D-65
test("a server with sessions tells on one stream for all, and of each resource that it was told of", async () => {
    const { client, server, streams, offer } = listeningBench("legacy");
    offer("GET");
    for (const method of ["resources/subscribe", "resources/unsubscribe"]) server.script(method, { result: {} });
    const [resources, tools] = [client.subscribe({ resourceSubscriptions: ["note://a"] }),
        client.subscribe({ toolsListChanged: true })];
    assert.equal((await resources.next()).value.kind, "subscribed");
    assert.equal((await tools.next()).value.kind, "subscribed");
    await until(() => server.methods.includes("GET"));
    const [stream] = server.received.filter(({ httpMethod }) => httpMethod === "GET");
    assert.deepEqual([stream.headers.get("Accept"), stream.sessionID, stream.headers.get("Last-Event-ID")],
        ["text/event-stream", "session-1", null]);
    streams[0].send({ method: "notifications/tools/list_changed" });
    streams[0].send({ method: "notifications/resources/updated", params: { uri: "note://a" } });
    streams[0].send({ id: "p", method: "ping" });
    assert.deepEqual((await tools.next()).value, { kind: "toolsListChanged" });
    assert.deepEqual((await resources.next()).value, { kind: "resourceUpdated", uri: "note://a" });
    await until(() => server.received.some(({ id, method }) => id === "p" && method === ""), "the answer to the ping");
    await resources.return();
    await until(() => server.methods.includes("resources/unsubscribe"));
    await tools.return();
    await settled();
    assert.equal(server.methods.filter((method) => method === "GET").length, 1);
});

test("what a server tells on the stream of a call is heard, too", async () => {
    const { client, server, offer } = listeningBench("legacy");
    offer("GET");
    const changes = client.subscribe({ promptsListChanged: true });
    await changes.next();
    server.script("tools/call", { events: [{ jsonrpc: "2.0", method: "notifications/prompts/list_changed" }],
        answer: { content: [] } });
    await client.callTool("echo");
    assert.deepEqual((await changes.next()).value, { kind: "promptsListChanged" });
    await changes.return();
});

// requirement: C-16
test("the stream of a server with sessions is resumed by the id of its last event", async () => {
    const { client, server, clock, streams, offer } = listeningBench("legacy");
    offer("GET", 2);
    const changes = client.subscribe({ toolsListChanged: true });
    await changes.next();
    await until(() => server.methods.includes("GET"));
    streams[0].send({ method: "notifications/tools/list_changed" }, "e7");
    await changes.next();
    streams[0].end();
    await clock.untilSomebodySleeps(1);
    clock.advance(1);
    await until(() => server.methods.filter((method) => method === "GET").length === 2);
    assert.equal(server.received.at(-1).headers.get("Last-Event-ID"), "e7");
    assert.equal(client.records.filter(({ kind }) => kind === "request").length, 3);
    await changes.return();
});

test("after a new session the resources are subscribed to again, and the page hears of it", async () => {
    const { client, server, offer } = listeningBench("legacy");
    offer("GET", 2);
    server.script("resources/subscribe", { result: {} }, { result: {} });
    const changes = client.subscribe({ resourceSubscriptions: ["note://a"] });
    await changes.next();
    server.dropSessions();
    const next = changes.next();
    await client.callTool("echo");
    assert.equal((await next).value.kind, "reconnected");
    const subscriptions = server.received.filter(({ method }) => method === "resources/subscribe");
    assert.deepEqual(subscriptions.map(({ sessionID }) => sessionID), ["session-1", "session-2"]);
    await changes.return();
});

test("a server with sessions that offers no stream is said to tell of no changes", async () => {
    const { client, server } = listeningBench("legacy");
    server.script("GET", { status: 405 });
    const changes = client.subscribe({ toolsListChanged: true });
    await changes.next();
    const error = await failure(changes.next());
    assert.deepEqual([error.code, error.status], ["serverError", 405]);
    assert.match(error.message, /offers no stream/);
});

// requirement: C-15, C-19
test("a client that offers answers listens from the beginning, and answers what is asked there", async () => {
    const { client, server, streams, offer } = listeningBench("legacy", { handlers: { roots: [{ uri: "file:///a" }] } });
    offer("GET");
    await client.connect();
    await until(() => server.methods.includes("GET"));
    streams[0].send({ id: "r", method: "roots/list" });
    await until(() => server.received.some(({ id, method }) => id === "r" && method === ""), "the answer");
    assert.deepEqual(server.received.at(-1).message.result, { roots: [{ uri: "file:///a" }] });
    const changes = client.subscribe({ toolsListChanged: true });
    await changes.next();
    streams[0].send({ method: "notifications/tools/list_changed" });
    assert.deepEqual((await changes.next()).value, { kind: "toolsListChanged" });
    await changes.return();
    await settled();
    const gets = () => client.records.filter(({ httpMethod }) => httpMethod === "GET");
    assert.equal(gets().length, 0, "the stream goes on");
    await client.close();
    await settled();
    assert.equal(gets().length, 1);
});

for (const status of [405, 404]) {
    test(`a server with sessions that answers GET with ${status} is asked no more, and no session is given up`, async () => {
        const { client, server } = listeningBench("legacy", { handlers: { roots: [] } });
        server.script("GET", { status });
        await client.connect();
        await settled();
        assert.equal((await client.callTool("echo")).isError, false);
        assert.equal(server.methods.filter((method) => method === "initialize").length, 1);
        assert.equal(server.methods.filter((method) => method === "GET").length, 1);
        assert.equal(client.state, "ready");
    });
}

test("a page that only listens finds out that its session is lost, and opens another", async () => {
    const { client, server, clock, streams, offer } = listeningBench("legacy");
    offer("GET");
    server.script("resources/subscribe", { result: {} }, { result: {} });
    const changes = client.subscribe({ resourceSubscriptions: ["note://a"] });
    await changes.next();
    await until(() => server.methods.includes("GET"));
    server.dropSessions();
    server.script("GET", { status: 404 });
    offer("GET");
    const next = changes.next();
    streams[0].end();
    await until(() => server.methods.includes("ping"));
    assert.equal((await next).value.kind, "reconnected");
    await clock.untilSomebodySleeps(1);
    clock.advance(1);
    await until(() => server.methods.filter((method) => method === "GET").length === 3);
    assert.equal(server.received.at(-1).sessionID, "session-2");
    await changes.return();
});

test("changes that wait are told once, in order, and are bounded", async () => {
    const queue = new ChangeQueue();
    for (const kind of ["toolsListChanged", "promptsListChanged", "toolsListChanged"]) queue.push({ kind });
    const changes = queue[Symbol.asyncIterator]();
    assert.deepEqual((await changes.next()).value, { kind: "toolsListChanged" });
    queue.push({ kind: "resourceUpdated", uri: "a" });
    assert.deepEqual((await changes.next()).value, { kind: "promptsListChanged" });
    for (let count = 0; count < 1000; count += 1) queue.push({ kind: "resourceUpdated", uri: `note://${count}` });
    for (let count = 0; count < 1001; count += 1) await changes.next();
    assert.match((await failure(changes.next())).message, /more than 1000 changes/);
});

test("what is no change that somebody wants is none", () => {
    const all = { toolsListChanged: true, promptsListChanged: false, resourceSubscriptions: ["note://a"] };
    for (const message of [{}, { method: "notifications/prompts/list_changed" },
        { method: "notifications/resources/list_changed" }, { method: "notifications/resources/updated" },
        { method: "notifications/resources/updated", params: { uri: 7 } },
        { method: "notifications/resources/updated", params: { uri: "note://b" } }]) {
        assert.equal(changeOf(message, all), null);
    }
});
