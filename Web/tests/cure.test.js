// A front end in the incident's style changes two lines and is cured:
//     const auth = new DynamicAuthManager();
//     const client = new MCPClient({ url, getToken: () => auth.getCurrentToken() });

import assert from "node:assert/strict";
import { test } from "node:test";
import { DynamicAuthManager } from "../auth-manager.js";
import { MCPClient } from "../mcp-client.js";
import { FakeClock } from "./fake-clock.js";
import { FakeOrigin } from "./fake-page.js";
import { freshToken, keyIDOf, sampleToken } from "./sample-tokens.js";
import { ScriptedServer } from "./scripted-server.js";
import { failure, nowhere, scriptedSource, settled } from "./support.js";

/** The ways in which front ends hand on the question, or do not. */
const styles = {
    "ignores the question": (auth) => () => auth.getCurrentToken(),
    "hands the question on": (auth) => (question) => auth.getCurrentToken(question),
    "thinks a little first": (auth) => async () => {
        await null;
        return auth.getCurrentToken();
    },
};

for (const [style, getToken] of Object.entries(styles)) {
    const page = (source, options = {}) => {
        const clock = new FakeClock();
        const server = new ScriptedServer(clock);
        const auth = new DynamicAuthManager({
            getToken: source, clock, ambient: new FakeOrigin().tab({ BroadcastChannel: null }), eager: false,
            logLevel: "silent" });
        const client = new MCPClient({ url: "https://app.test/mcp", getToken: getToken(auth), clock,
            fetch: server.fetch, logLevel: "silent", ambient: nowhere, ...options });
        return { clock, server, auth, client };
    };

    test(`${style}: a key that is retired costs one refresh and no error`, async () => {
        let kid = "frontend-enhanced";
        const source = scriptedSource(() => freshToken(new FakeClock(), kid));
        const { server, client, auth } = page(source);
        await client.callTool("echo");
        kid = "frontend-next";
        server.judgeTokens((token) => (keyIDOf(token) === "frontend-enhanced" ? { reason: "key_retired" } : null));
        await client.callTool("echo");
        assert.deepEqual(server.calls.map(({ token }) => keyIDOf(token)),
            ["frontend-enhanced", "frontend-enhanced", "frontend-next"]);
        assert.equal(source.questions.length, 2);
        assert.deepEqual([source.questions[1].occasion, source.questions[1].reason], ["refusal", "key_retired"]);
        assert.equal(keyIDOf(await auth.getCurrentToken()), "frontend-next");
    });

    test(`${style}: a secret that changes under its kid, again and again, costs one refresh each time`, async () => {
        const refused = new Set();
        const source = scriptedSource(() => freshToken(new FakeClock()));
        const { server, client } = page(source);
        server.judgeTokens((token) => (refused.has(token) ? { reason: "signature_invalid" } : null));
        for (let round = 1; round <= 4; round += 1) {
            await client.callTool("echo");
            assert.equal(source.questions.length, round);
            refused.add(server.calls.at(-1).token);
        }
    });

    test(`${style}: who signs out at the manager is signed out at the client`, async () => {
        const source = scriptedSource(() => freshToken(new FakeClock()));
        const { client, auth } = page(source);
        await client.callTool("echo");
        await auth.signOut();
        assert.equal(client.state, "signed-out");
        const error = await failure(client.callTool("echo"));
        assert.deepEqual([error.reason, error.remedy], ["token_missing", "sign_in"]);
        assert.equal(source.questions.length, 1);
        await auth.refreshAllData();
        await client.callTool("echo");
        assert.equal(client.state, "ready");
    });

    test(`${style}: what the client learns of the server's clock, the manager knows`, async () => {
        const issuerTime = new FakeClock().now() - 600;
        const source = scriptedSource(() => sampleToken({ iat: issuerTime, exp: issuerTime + 300 }));
        const { server, client, auth } = page(source);
        server.tellTime(-600);
        assert.equal((await client.callTool("echo")).isError, false);
        assert.equal(source.questions.length, 1);
        assert.equal(client.clockOffset, -599.5);
        assert.equal(auth.clockOffset, -599.5);
    });

    test(`${style}: a client that is stricter of age gets a newer token`, async () => {
        const source = scriptedSource(({ serverTime }) => freshToken({ now: () => serverTime }));
        const { server, client, clock } = page(source, { maximumAge: 60 });
        await client.callTool("echo");
        clock.advance(61);
        await client.callTool("echo");
        assert.equal(source.questions.length, 2);
        assert.equal(new Set(server.calls.map(({ token }) => token)).size, 2);
    });

    test(`${style}: what the client is told to fetch anew is new`, async () => {
        const source = scriptedSource(() => freshToken(new FakeClock()));
        const { client, auth } = page(source);
        await client.connect();
        await client.tokens.refreshAllData();
        assert.equal(source.questions.length, 2);
        auth.clearCache();
        await client.callTool("echo");
        assert.equal(source.questions.length, 3);
    });
}

test("two clients of one manager share its token, and one refusal cures both", async () => {
    const clock = new FakeClock();
    let kid = "old";
    const source = scriptedSource(() => freshToken(clock, kid));
    const auth = new DynamicAuthManager({ getToken: source, clock,
        ambient: new FakeOrigin().tab({ BroadcastChannel: null }),
        eager: false, logLevel: "silent" });
    const server = new ScriptedServer(clock);
    const [one, other] = [1, 2].map(() => new MCPClient({ url: "https://app.test/mcp", clock, fetch: server.fetch,
        getToken: () => auth.getCurrentToken(), logLevel: "silent", ambient: nowhere }));
    await one.callTool("echo");
    await other.callTool("echo");
    assert.equal(source.questions.length, 1);
    kid = "new";
    server.judgeTokens((token) => (keyIDOf(token) === "old" ? { reason: "key_retired" } : null));
    await one.callTool("echo");
    await other.callTool("echo");
    assert.equal(source.questions.length, 2);
    // The second client was not even refused: it knew.
    assert.deepEqual(server.calls.slice(2).map(({ token }) => keyIDOf(token)), ["old", "new", "new"]);
});

test("managers of other servers are not disturbed", async () => {
    const clock = new FakeClock();
    const make = (url) => {
        const server = new ScriptedServer(clock);
        const source = scriptedSource(() => freshToken(clock, "k1"));
        return { server, source, client: new MCPClient({ url, clock, fetch: server.fetch, getToken: source,
            logLevel: "silent", ambient: nowhere }) };
    };
    const [one, other] = [make("https://one.test/mcp"), make("https://other.test/mcp")];
    await one.client.callTool("echo");
    await other.client.callTool("echo");
    one.server.judgeTokens(() => ({ reason: "key_retired" }));
    await failure(one.client.callTool("echo"));
    await other.client.callTool("echo");
    await settled();
    assert.equal(other.source.questions.length, 1);
});
