import assert from "node:assert/strict";
import { test } from "node:test";
import { DynamicAuthManager } from "../auth-manager.js";
import { endpointToken } from "../endpoint-token.js";
import { FakeClock } from "./fake-clock.js";
import { FakeOrigin } from "./fake-page.js";
import { freshToken } from "./sample-tokens.js";
import { failure, nowhere, settled } from "./support.js";

const question = { signal: new AbortController().signal };
const location = { origin: "https://app.test", href: "https://app.test/page", protocol: "https:" };

/** A page's own server: what it is asked, and what it answers to each path. */
function origin(answers, options = {}) {
    const asked = [];
    const fetch = async (url, init) => {
        const { pathname } = new URL(url);
        asked.push({ url, pathname, ...init });
        const answer = answers[pathname];
        const { status = 200, headers, ...json } = await (typeof answer === "function" ? answer(init, asked) : answer);
        return new Response(status === 204 ? null : json.body ?? JSON.stringify(json), { status, headers });
    };
    return { asked, source: endpointToken({ fetch, ambient: { ...nowhere, location }, ...options }) };
}

const inWords = ({ method, pathname }) => `${method} ${pathname}`;
const session = { signed_in: true, csrf: "c1" };
const issued = { access_token: "a.b.c", token_type: "Bearer", expires_in: 300 };

test("the cookie goes by the browser, the CSRF token by a header; the answer tells lifetime and clock", async () => {
    const { source, asked } = origin({
        "/auth/session": session,
        "/auth/token": { ...issued, headers: { Date: "Sun, 06 Nov 1994 08:49:37 GMT" } },
    });
    assert.deepEqual(await source(question), { token: "a.b.c", expiresIn: 300, serverDate: 784111777 });
    assert.deepEqual(asked.map(inWords), ["GET /auth/session", "POST /auth/token"]);
    assert.equal(asked[1].headers["Vestibule-CSRF"], "c1");
    for (const { credentials, redirect, cache } of asked) {
        assert.deepEqual([credentials, redirect, cache], ["same-origin", "manual", "no-store"]);
    }
    await source(question);
    assert.equal(asked.length, 3, "the CSRF token is the session's");
});

test("an endpoint elsewhere has its session and its sign-out beside it, and is asked with its own cookie", async () => {
    const { source, asked } = origin(
        { "/sign/session": session, "/sign/token": issued, "/sign/sign-out": { status: 204 } },
        { url: "https://mcp.test/sign/token?for=me" });
    await source(question);
    await source.signOut();
    assert.deepEqual(asked.map(({ url }) => url), [
        "https://mcp.test/sign/session", "https://mcp.test/sign/token?for=me", "https://mcp.test/sign/sign-out",
    ]);
    assert.ok(asked.every(({ credentials }) => credentials === "include"));
});

test("a CSRF token that is no longer good is asked for once more", async () => {
    let csrf = "old";
    const { source, asked } = origin({
        "/auth/session": () => ({ signed_in: true, csrf }),
        "/auth/token": ({ headers }) => (headers["Vestibule-CSRF"] === "new" ? issued : { status: 403, error: "csrf" }),
    });
    const error = await failure(source(question));
    assert.match(error.message, /HTTP 403, csrf/);
    assert.equal(asked.length, 4);
    csrf = "new";
    assert.equal((await source(question)).token, "a.b.c");
});

for (const [what, answers] of [
    ["the session says so", { "/auth/session": { signed_in: false, csrf: null } }],
    ["the token is refused", { "/auth/session": session,
        "/auth/token": { status: 401, error: "login_required", reason: "token_missing", detail: "sign in" } }],
]) {
    test(`nobody is signed in (${what}): the remedy is to sign in`, async () => {
        const error = await failure(origin(answers).source(question));
        assert.deepEqual([error.code, error.reason, error.remedy], ["tokenSource", "token_missing", "sign_in"]);
    });
}

for (const [answer, words] of [
    [{ status: 500, error: "x", error_description: "first\nsecond" }, /HTTP 500, x: first$/],
    [{ body: "<html>" }, /something other than JSON/], [{ token: "x" }, /without access_token \(it has: token\)/],
    [{ ...issued, token_type: "mac" }, /tokens of type mac/], [{ status: 302 }, /redirect/],
    [{ body: "x".repeat(300_000) }, /more/],
]) {
    test(`an answer that is none: ${words}`, async () => {
        const error = await failure(origin({ "/auth/session": session, "/auth/token": answer }).source(question));
        assert.match(error.message, words);
    });
}

test("no answer is told from a wrong one, and an aborted question is neither", async () => {
    const broken = origin({ "/auth/session": () => Promise.reject(new TypeError("Failed to fetch")) });
    assert.match((await failure(broken.source(question))).message, /\/auth\/session gave no answer: Failed to fetch/);
    const aborted = origin({ "/auth/session": () => Promise.reject(new TypeError("Failed to fetch")) });
    assert.equal((await failure(aborted.source({ signal: AbortSignal.abort() }))).name, "AbortError");
});

test("signing out ends the session at the server, and is no failure where there is none", async () => {
    const { source, asked } = origin({ "/auth/session": session, "/auth/sign-out": { status: 204 } });
    await source.signOut();
    assert.deepEqual(asked.map(inWords), ["GET /auth/session", "POST /auth/sign-out"]);
    await origin({ "/auth/session": { signed_in: false } }).source.signOut();
    const failing = origin({ "/auth/session": session, "/auth/sign-out": { status: 500 } });
    assert.match((await failure(failing.source.signOut())).message, /sign-out answered with HTTP 500/);
});

test("a manager with no more than an endpoint signs in, tells of it, and signs out", async () => {
    const clock = new FakeClock();
    const paths = [];
    const fetch = async (url, { method }) => {
        const { pathname } = new URL(url);
        paths.push(`${method} ${pathname}`);
        const token = { access_token: freshToken({ now: () => clock.now() - 600 }), expires_in: 300 };
        const body = pathname === "/auth/session" ? session : pathname === "/auth/token" ? token : null;
        // The issuer's clock is 600 s behind this machine's: its Date says so.
        const headers = { Date: new Date((clock.now() - 600) * 1000).toUTCString() };
        return new Response(body && JSON.stringify(body), { status: body ? 200 : 204, headers });
    };
    const auth = new DynamicAuthManager({ clock, fetch, ambient: new FakeOrigin().tab(), logLevel: "silent" });
    await settled();
    clock.advance(0.1);
    await settled();
    const { isAuthenticated, clockOffset } = auth.getAuthStatus();
    assert.equal(isAuthenticated, true);
    assert.ok(Math.abs(clockOffset + 600) <= 1, String(clockOffset));
    await auth.signOut();
    assert.deepEqual(paths, ["GET /auth/session", "POST /auth/token", "POST /auth/sign-out"]);
    assert.deepEqual([auth.getAuthStatus().isAuthenticated, auth.getAuthStatus().reason], [false, "token_missing"]);
    auth.close();
});

/** The page's own server for several tabs: who is signed in changes for all of them at once, as a cookie does. */
function cookieServer(clock) {
    const server = { person: "ada", count: 0, tokens: [] };
    server.fetch = async (url, { method, headers }) => {
        const { pathname } = new URL(url);
        const answer = (json, status = 200) => new Response(status === 204 ? null : JSON.stringify(json), { status });
        const csrf = server.person && `csrf-of-${server.person}-${server.count}`;
        if (pathname === "/auth/session") return answer({ signed_in: csrf !== null, csrf });
        if (csrf === null) return answer({ error: "login_required", reason: "token_missing" }, 401);
        if (headers["Vestibule-CSRF"] !== csrf) return answer({ error: "csrf" }, 403);
        if (method === "POST" && pathname === "/auth/sign-out") {
            server.person = null;
            return answer(null, 204);
        }
        const access_token = freshToken(clock, `of-${server.person}`);
        server.tokens.push(access_token);
        return answer({ access_token, token_type: "Bearer", expires_in: 300 });
    };
    server.signIn = (person) => {
        server.person = person;
        server.count += 1;
    };
    return server;
}

async function tabOf(page, server) {
    const clock = new FakeClock();
    const auth = new DynamicAuthManager({ clock, fetch: server.fetch, ambient: page.tab(), logLevel: "silent" });
    await settled();
    clock.advance(0.1);
    await settled();
    return { auth, clock, who: () => auth.getAuthStatus().token?.keyID ?? auth.getAuthStatus().reason };
}

test("no tab takes the token of another person", async () => {
    const server = cookieServer(new FakeClock());
    const page = new FakeOrigin();
    const one = await tabOf(page, server);
    const same = await tabOf(page, server);
    assert.deepEqual([one.who(), same.who(), server.tokens.length], ["of-ada", "of-ada", 1]);
    // Somebody else signs in in a third tab, and nobody signed out.
    server.signIn("bob");
    const other = await tabOf(page, server);
    assert.deepEqual([one.who(), other.who()], ["of-ada", "of-bob"]);
    const another = await tabOf(page, server);
    assert.equal(another.who(), "of-bob");
    assert.equal(server.tokens.length, 2, "from the tab of the same person");
    another.auth.close();
    const next = one.auth.refreshAllData();
    await settled();
    one.clock.advance(0.1);
    await next;
    assert.equal(one.who(), "of-bob", "the cookie decides");
    for (const { auth } of [one, same, other]) auth.close();
});

test("signed out in one tab is signed out in all; signed in again in one is signed in in all", async () => {
    const server = cookieServer(new FakeClock());
    const page = new FakeOrigin();
    const [one, other] = [await tabOf(page, server), await tabOf(page, server)];
    let isEndedFirst = false;
    one.auth.addEventListener("signedout", () => (isEndedFirst = server.person === null));
    await one.auth.signOut();
    await settled();
    assert.equal(isEndedFirst, true, "the server's session ends before the page is told");
    assert.deepEqual([one.who(), other.who()], ["token_missing", "token_missing"]);
    server.signIn("bob");
    const reloaded = await tabOf(page, server);
    await settled();
    other.clock.advance(0.1);
    await settled();
    one.clock.advance(0.1);
    await settled();
    assert.deepEqual([reloaded, other, one].map(({ who }) => who()), ["of-bob", "of-bob", "of-bob"]);
    assert.equal(server.tokens.length, 2);
    for (const { auth } of [one, other, reloaded]) auth.close();
});

test("a tab whose sign-in has changed gives up the former person's token, even where no other can be had", async () => {
    const server = cookieServer(new FakeClock());
    const one = await tabOf(new FakeOrigin(), server);
    assert.equal(one.who(), "of-ada");
    server.person = null;
    const error = failure(one.auth.refreshAllData());
    await settled();
    one.clock.advance(0.1);
    assert.equal((await error).reason, "token_missing");
    server.signIn("bob");
    const next = one.auth.refreshAllData();
    await settled();
    one.clock.advance(0.1);
    await next;
    assert.equal(one.who(), "of-bob");
    one.auth.close();
});
