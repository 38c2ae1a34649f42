import assert from "node:assert/strict";
import { test } from "node:test";
import { DynamicAuthManager } from "../auth-manager.js";
import { MCPClient } from "../mcp-client.js";
import { sha256 } from "../sha256.js";
import { FakeClock, Latch } from "./fake-clock.js";
import { FakeOrigin } from "./fake-page.js";
import { freshToken, keyIDOf } from "./sample-tokens.js";
import { ScriptedServer } from "./scripted-server.js";
import { failure, nowhere, scriptedSource, settled, until } from "./support.js";

/** A manager in a tab of its own. Each tab has a clock of its own, as pages have; they show the same time. */
function tabOf(origin, getToken, options = {}) {
    const clock = new FakeClock();
    const ambient = origin.tab(options.ambient);
    const auth = new DynamicAuthManager({
        getToken, clock, ambient, resource: "test", logLevel: "silent", eager: false, ...options, ambient });
    return { auth, clock, ambient };
}

/** The time in which other tabs may answer passes, where somebody waits for them. */
async function othersHadTheirChance(clock) {
    await settled();
    clock.advance(0.1);
    await settled();
}

async function tokenIn({ auth, clock }) {
    const token = auth.getCurrentToken();
    token.catch(() => {});
    await othersHadTheirChance(clock);
    return token;
}

test("when it is made, one token is fetched, and old ones are removed from the page's storage", async () => {
    const origin = new FakeOrigin();
    const ambient = origin.tab();
    for (const storage of [ambient.localStorage, ambient.sessionStorage]) {
        storage.setItem("jwt", "yesterday's");
        storage.setItem("quilt_token_v1", "yesterday's");
        storage.setItem("theme", "dark");
    }
    const clock = new FakeClock();
    const source = scriptedSource(freshToken(clock));
    const lines = [];
    const console = { debug() {}, info: (line) => lines.push(line), warn() {}, error() {} };
    const auth = new DynamicAuthManager({
        getToken: source, clock, ambient: { ...ambient, console }, legacyStorageKeys: ["jwt", /^quilt_token/] });
    await othersHadTheirChance(clock);
    for (const storage of [ambient.localStorage, ambient.sessionStorage]) {
        assert.deepEqual([storage.length, storage.getItem("theme")], [1, "dark"]);
    }
    assert.equal(source.questions.length, 1);
    assert.equal(source.questions[0].occasion, "start");
    assert.equal(auth.getAuthStatus().isAuthenticated, true);
    assert.equal(auth.getAuthStatus().state, "ready");
    assert.ok(lines.some((line) => line.includes("jwt")) && !lines.some((line) => line.includes("yesterday")));
    auth.close();
});

test("under the usual names, what holds a token is removed, and nothing else", async () => {
    const ambient = new FakeOrigin().tab();
    const token = freshToken(new FakeClock());
    const { localStorage } = ambient;
    localStorage.setItem("jwt", token);
    localStorage.setItem("access_token", JSON.stringify({ value: `Bearer ${token}` }));
    localStorage.setItem("token", "the game's token of the day");
    localStorage.setItem("mine", token);
    const auth = new DynamicAuthManager({
        getToken: () => token, ambient, clock: new FakeClock(), eager: false, logLevel: "silent" });
    assert.deepEqual([0, 1].map(localStorage.key), ["token", "mine"]);
    assert.equal(localStorage.length, 2);
    auth.close();
});

test("storage that may not be used hinders nobody", async () => {
    const origin = new FakeOrigin();
    const localStorage = { get length() { throw new DOMException("no", "SecurityError"); } };
    const tab = tabOf(origin, () => freshToken(new FakeClock()), { ambient: { localStorage } });
    assert.ok(await tokenIn(tab));
    tab.auth.close();
});

test("five tabs that start at once ask the source once", async () => {
    const origin = new FakeOrigin();
    const source = scriptedSource(() => freshToken(new FakeClock()));
    const tabs = Array.from({ length: 5 }, () => tabOf(origin, source));
    const tokens = tabs.map(({ auth }) => auth.getCurrentToken());
    for (let round = 0; round < 5; round += 1) for (const { clock } of tabs) await othersHadTheirChance(clock);
    assert.equal(new Set(await Promise.all(tokens)).size, 1);
    assert.equal(source.questions.length, 1);
    for (const { auth } of tabs) auth.close();
});

test("a tab that is opened later takes another one's token; where all are closed, nothing is left", async () => {
    const origin = new FakeOrigin();
    const source = scriptedSource(() => freshToken(new FakeClock()));
    const first = tabOf(origin, source);
    const token = await tokenIn(first);
    const records = [];
    const second = tabOf(origin, source);
    second.auth.addEventListener("record", ({ detail }) => records.push(detail));
    assert.equal(await tokenIn(second), token);
    assert.equal(source.questions.length, 1);
    assert.deepEqual(records.map(({ shared, token: { keyID } }) => [shared, keyID]), [[true, "k1"]]);
    first.auth.close();
    second.auth.close();
    assert.notEqual(await tokenIn(tabOf(origin, source)), token);
    assert.equal(source.questions.length, 2);
});

test("keys rotate under five busy tabs: one refresh, and each tab sends the refused token once at most", async () => {
    const origin = new FakeOrigin();
    let kid = "old";
    const source = scriptedSource(() => freshToken(new FakeClock(), kid));
    const server = new ScriptedServer(new FakeClock());
    const tabs = Array.from({ length: 5 }, () => {
        const tab = tabOf(origin, source);
        const client = new MCPClient({
            url: "https://app.test/mcp", tokens: tab.auth, clock: tab.clock, fetch: server.fetch, logLevel: "silent",
            ambient: nowhere });
        return { ...tab, client };
    });
    for (const { client, clock } of tabs) {
        const call = client.callTool("echo");
        await othersHadTheirChance(clock);
        await call;
    }
    assert.equal(source.questions.length, 1);
    kid = "new";
    server.judgeTokens((token) => (keyIDOf(token) === "old" ? { reason: "key_retired" } : null));
    const calls = tabs.flatMap(({ client }) => [client.callTool("echo"), client.callTool("echo")]);
    for (let round = 0; round < 3; round += 1) for (const { clock } of tabs) await othersHadTheirChance(clock);
    assert.ok((await Promise.all(calls)).every(({ isError }) => !isError));
    assert.equal(source.questions.length, 2);
    assert.equal(source.questions[1].reason, "key_retired");
    for (const { auth } of tabs) auth.close();
});

test("what one tab was refused, no other tab sends", async () => {
    const origin = new FakeOrigin();
    const source = scriptedSource(() => freshToken(new FakeClock(), `k${source.questions.length}`));
    const [one, other] = [tabOf(origin, source), tabOf(origin, source)];
    const token = await tokenIn(one);
    assert.equal(await tokenIn(other), token);
    one.auth.invalidate(token, "key_retired");
    await settled();
    const next = await tokenIn(other);
    assert.notEqual(next, token);
    assert.equal(source.questions.at(-1).reason, "key_retired");
    await settled();
    assert.equal(await tokenIn(one), next);
    assert.equal(source.questions.length, 2);
    assert.ok(!JSON.stringify(origin.sent.filter(({ type }) => type === "refusal")).includes(token));
    one.auth.close();
    other.auth.close();
});

test("who signs out in one tab is signed out in all, and stays so until asked for", async () => {
    const origin = new FakeOrigin();
    const source = scriptedSource(() => freshToken(new FakeClock()));
    let ended = 0;
    source.signOut = async () => void (ended += 1);
    const [one, other] = [tabOf(origin, source), tabOf(origin, source)];
    await tokenIn(one);
    await tokenIn(other);
    let heard = 0;
    other.auth.addEventListener("signedout", () => (heard += 1));
    await one.auth.signOut();
    await settled();
    assert.deepEqual([ended, heard], [1, 1]);
    for (const { auth } of [one, other]) {
        const error = await failure(auth.getCurrentToken());
        assert.deepEqual([error.code, error.reason, error.remedy], ["tokenSource", "token_missing", "sign_in"]);
        assert.equal(auth.getAuthStatus().isAuthenticated, false);
    }
    assert.equal(source.questions.length, 1);
    const again = one.auth.refreshAllData();
    await othersHadTheirChance(one.clock);
    await again;
    await settled();
    assert.equal(source.questions.length, 2);
    // Whoever signs in in one tab is signed in in the others.
    assert.equal(await tokenIn(other), await tokenIn(one));
    assert.equal(source.questions.length, 2);
});

test("a token that is asked for in so many words is a new one, whatever other tabs have", async () => {
    const origin = new FakeOrigin();
    const source = scriptedSource(() => freshToken(new FakeClock()));
    const [one, other] = [tabOf(origin, source), tabOf(origin, source)];
    await tokenIn(one);
    await tokenIn(other);
    await one.auth.refreshAllData();
    assert.equal(source.questions.length, 2);
    one.auth.clearCache();
    assert.equal(one.auth.state.name, "idle");
});

test("a tab that holds on to the lock hangs nobody for ever", async () => {
    const origin = new FakeOrigin();
    const latch = new Latch();
    const hanging = tabOf(origin, async ({ signal }) => {
        await latch.wait(signal);
        return "";
    });
    hanging.auth.getCurrentToken().catch(() => {});
    await othersHadTheirChance(hanging.clock);
    await latch.untilWaiting();
    const other = tabOf(origin, () => freshToken(other.clock));
    const token = other.auth.getCurrentToken();
    await other.clock.untilSomebodySleeps(10);
    other.clock.advance(10);
    await othersHadTheirChance(other.clock);
    assert.ok(await token);
    hanging.auth.close();
    other.auth.close();
});

for (const missing of ["locks", "BroadcastChannel", "both"]) {
    test(`without ${missing} each tab is on its own, and still asks once`, async () => {
        const origin = new FakeOrigin();
        const ambient = {
            ...(missing !== "locks" && { BroadcastChannel: null }),
            ...(missing !== "BroadcastChannel" && { navigator: { onLine: true } }),
        };
        const source = scriptedSource(() => freshToken(new FakeClock()));
        const tab = tabOf(origin, source, { ambient });
        const tokens = Promise.all(Array.from({ length: 20 }, () => tab.auth.getCurrentToken()));
        await othersHadTheirChance(tab.clock);
        assert.equal(new Set(await tokens).size, 1);
        assert.equal(source.questions.length, 1);
        tab.auth.close();
    });
}

test("what strangers say on the channel is not believed", async () => {
    const origin = new FakeOrigin();
    const source = scriptedSource(() => freshToken(new FakeClock()));
    const tab = tabOf(origin, source);
    const token = await tokenIn(tab);
    const { BroadcastChannel } = origin.tab();
    const stranger = new BroadcastChannel("vestibule:https://app.test:test");
    for (const data of [
        null, 7, "token", { version: 2, type: "signed-out" }, { version: 1 }, { version: 1, type: "token" },
        { version: 1, type: "token", text: "undefined", scope: [] }, { version: 1, type: "token", text: 7, scope: [] },
        { version: 1, type: "token", text: freshToken(tab.clock), scope: "all" },
        { version: 1, type: "refusal", digest: 7 }, { version: 1, type: "refusal", digest: "x", reason: "no such" },
        { version: 1, type: "wanted", id: { toString: null } },
    ]) stranger.postMessage(data);
    await settled();
    assert.equal(await tab.auth.getCurrentToken(), token);
});

test("a laptop that is opened after a night sends no stale token", async () => {
    const origin = new FakeOrigin();
    const source = scriptedSource((question) => freshToken({ now: () => question.serverTime }));
    const tab = tabOf(origin, source);
    const server = new ScriptedServer(tab.clock);
    server.tellTime(0);
    const client = new MCPClient({ url: "https://app.test/mcp", tokens: tab.auth, clock: tab.clock, fetch: server.fetch,
        logLevel: "silent", ambient: nowhere });
    const first = client.callTool("echo");
    await othersHadTheirChance(tab.clock);
    await first;
    tab.clock.jump(8 * 3600);
    server.dropSessions();
    await client.callTool("echo");
    const [, night, morning] = server.calls.map(({ token }) => token);
    assert.equal(night, morning);
    assert.notEqual(server.calls[0].token, morning);
    assert.equal(source.questions.length, 2);
    // The clock is looked at before the token is judged by it.
    assert.ok(server.methods.includes("ping"));
    assert.equal(server.received.find(({ method }) => method === "ping").token, null);
});

test("a page that comes into view fetches a token before somebody waits for it, if its own is stale", async () => {
    const origin = new FakeOrigin();
    const source = scriptedSource(({ serverTime }) => freshToken({ now: () => serverTime }));
    const { auth, clock, ambient } = tabOf(origin, source);
    const come = async (target, event) => {
        target.dispatchEvent(event);
        await othersHadTheirChance(clock);
    };
    await come(ambient.document, new Event("visibilitychange"));
    assert.equal(source.questions.length, 0, "nobody has wanted a token yet");
    await tokenIn({ auth, clock });
    await come(ambient.document, new Event("visibilitychange"));
    assert.equal(source.questions.length, 1, "it is fresh");
    clock.advance(400);
    ambient.document.visibilityState = "hidden";
    await come(ambient.document, new Event("visibilitychange"));
    assert.equal(source.questions.length, 1, "nobody looks");
    ambient.document.visibilityState = "visible";
    await come(ambient.document, new Event("visibilitychange"));
    assert.equal(source.questions.length, 2);
    clock.advance(400);
    await come(ambient.window, new Event("online"));
    assert.equal(source.questions.length, 3);
    auth.close();
    clock.advance(400);
    await come(ambient.window, new Event("online"));
    assert.equal(source.questions.length, 3);
});

test("a page that was put away has heard nothing meanwhile, and trusts its token no more", async () => {
    const origin = new FakeOrigin();
    const source = scriptedSource(() => freshToken(new FakeClock()), () => {
        throw new Error("signed out meanwhile");
    });
    const [away, other] = [tabOf(origin, source), tabOf(origin, source)];
    await tokenIn(away);
    const hide = Object.assign(new Event("pagehide"), { persisted: true });
    const show = Object.assign(new Event("pageshow"), { persisted: true });
    away.ambient.window.dispatchEvent(hide);
    await other.auth.signOut();
    away.ambient.window.dispatchEvent(show);
    await othersHadTheirChance(away.clock);
    assert.match((await failure(tokenIn(away))).message, /signed out meanwhile/);
    assert.equal(origin.channels.size, 2);
    away.auth.close();
    other.auth.close();
    assert.equal(origin.channels.size, 0);
});

test("one caller who gives up does not end the refresh for the others", async () => {
    const origin = new FakeOrigin();
    const latch = new Latch();
    const tab = tabOf(origin, async ({ signal }) => {
        await latch.wait(signal);
        return freshToken(tab.clock);
    });
    const controller = new AbortController();
    const impatient = failure(tab.auth.getCurrentToken({ signal: controller.signal }));
    const patient = tab.auth.getCurrentToken();
    await othersHadTheirChance(tab.clock);
    await until(() => true);
    controller.abort();
    assert.equal((await impatient).name, "AbortError");
    latch.open();
    assert.ok(await patient);
    tab.auth.close();
    assert.equal((await failure(tab.auth.getCurrentToken())).code, "closed");
});

test("a question that names a token as useless gets another one", async () => {
    const source = scriptedSource(() => freshToken(new FakeClock()));
    const tab = tabOf(new FakeOrigin(), source);
    const token = await tokenIn(tab);
    assert.equal(await tab.auth.getCurrentToken({ insteadOf: sha256("another") }), token);
    const next = tab.auth.getCurrentToken({ insteadOf: sha256(token) });
    await othersHadTheirChance(tab.clock);
    assert.notEqual(await next, token);
    tab.auth.close();
});
