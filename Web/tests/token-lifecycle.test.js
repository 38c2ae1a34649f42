import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessToken } from "../access-token.js";
import { MCPClientError } from "../errors.js";
import { rejectionOf } from "../rejection.js";
import { defaultTokenRules } from "../token-judge.js";
import { TokenLifecycle } from "../token-lifecycle.js";
import { sampleToken } from "./sample-tokens.js";

const start = 1_700_000_000;

/** A machine with a clock beside it, and what it did in words. */
class Table {
    now = start;

    constructor(rules = {}, canRefresh = true) {
        this.machine = new TokenLifecycle({ ...defaultTokenRules, ...rules }, canRefresh);
    }

    handle(type, members = {}) {
        return this.machine.handle({ type, ...members }, this.now).map(words);
    }

    want(waiter) {
        return this.handle("wanted", { waiter });
    }

    deliver(issued, flight) {
        return this.handle("delivered", { issued, flight });
    }

    token(kid = "k1", { age = 0, lifetime = 300, notBefore } = {}) {
        const iat = this.now - age;
        return { text: sampleToken({ kid, iat, exp: lifetime === null ? undefined : iat + lifetime,
            nbf: notBefore === undefined ? undefined : this.now + notBefore }) };
    }

    refuse(issued, reason) {
        const rejection = rejectionOf(reason, "said the server");
        assert.deepEqual(this.handle("refused", { token: new AccessToken(issued, this.now), rejection }), []);
    }
}

function words(action) {
    switch (action.type) {
        case "ask": {
            const { occasion, rejection, scope } = action.request;
            const more = { refusal: ` ${rejection?.reason}`, widerScope: ` ${scope.join(" ")}` }[occasion] ?? "";
            return `ask ${action.flight} ${occasion}${more}`;
        }
        case "endFlight": return `end ${action.flight}`;
        case "resume": return `resume [${action.waiters}] with ${action.token.keyID ?? "none"}`;
        case "fail": return `fail [${action.waiters}] ${action.error.code} ${action.error.reason ?? "-"}`;
        case "announce": return `state ${action.state.name}`;
    }
}

test("however many wait, the source is asked once, and all get the token", () => {
    const table = new Table();
    assert.deepEqual(table.want(1), ["state initializing", "ask 1 start"]);
    for (let waiter = 2; waiter <= 50; waiter += 1) assert.deepEqual(table.want(waiter), []);
    const all = Array.from({ length: 50 }, (_, index) => index + 1);
    assert.deepEqual(table.deliver(table.token(), 1), ["state ready", `resume [${all}] with k1`, "end 1"]);
    assert.deepEqual(table.want(51), ["resume [51] with k1"]);
});

for (const [lifetime, lastFresh] of [[300, 269], [100, 89], [10_000, 299]]) {
    test(`a token of ${lifetime} s is used until its margin, and renewed then`, () => {
        const table = new Table();
        table.want(1);
        table.deliver(table.token("k1", { lifetime }), 1);
        table.now = start + lastFresh;
        assert.deepEqual(table.want(2), ["resume [2] with k1"]);
        table.now += 2;
        assert.deepEqual(table.want(3), ["state refreshing", "ask 2 renewal"]);
    });
}

test("a token is too old by its iat, or by its arrival where it has none; an opaque one never is", () => {
    const table = new Table();
    table.want(1);
    table.deliver(table.token("k1", { age: 200, lifetime: 9000 }), 1);
    table.now = start + 99;
    assert.deepEqual(table.want(2), ["resume [2] with k1"]);
    table.now = start + 101;
    assert.equal(table.want(3).at(-1), "ask 2 renewal");
    table.deliver({ text: sampleToken({}) }, 2);
    table.now += 299;
    assert.deepEqual(table.want(4), ["resume [4] with k1"]);
    table.now += 2;
    assert.equal(table.want(5).at(-1), "ask 3 renewal");
    table.deliver({ text: "opaque", expiresIn: 3600 }, 3);
    table.now += 3500;
    assert.deepEqual(table.want(6), ["resume [6] with none"]);
    table.now += 80;
    assert.equal(table.want(7).at(-1), "ask 4 renewal");
});

test("the server's clock, once known, judges exp, age and nbf", () => {
    const table = new Table();
    table.handle("dated", { date: start + 400 });
    assert.equal(table.machine.serverOffset, 400.5);
    table.want(1);
    assert.deepEqual(table.deliver(table.token(), 1), ["ask 1 renewal"]);
    assert.deepEqual(table.deliver(table.token("k1", { age: -400 }), 1),
        ["state ready", "resume [1] with k1", "end 1"]);
    table.handle("dated", { date: start - 400 });
    assert.deepEqual(table.want(2), ["state refreshing", "ask 2 renewal"]);
});

for (const difference of [0, -1.4, 0.6]) {
    test(`a difference of ${difference} s, which the whole seconds of a Date explain, is none`, () => {
        const table = new Table();
        table.handle("dated", { date: start + difference });
        assert.equal(table.machine.serverOffset, 0);
    });
}

test("what another server tells of the time counts only until our own does", () => {
    const table = new Table();
    table.handle("dated", { date: start + 100, isHearsay: true });
    assert.equal(table.machine.serverOffset, 100.5);
    table.handle("dated", { date: start + 50 });
    table.handle("dated", { date: start + 100, isHearsay: true });
    assert.equal(table.machine.serverOffset, 50.5);
});

for (const [age, lifetime, notBefore, reason] of [
    [400, 300, undefined, "token_expired"], [301, 9000, undefined, "token_too_old"], [0, 300, 60, "clock_skew"],
    [0, 9000, 7200, "token_not_yet_valid"], [-60, 300, undefined, "clock_skew"],
]) {
    test(`a token that comes stale (${reason}, age ${age}) is never handed out: one more try, then an error`, () => {
        const table = new Table();
        const stale = table.token("k1", { age, lifetime, notBefore });
        table.want(1);
        assert.deepEqual(table.deliver(stale, 1), ["ask 1 renewal"]);
        const end = ["state failed", `fail [1] staleToken ${reason}`, "end 1"];
        assert.deepEqual(table.deliver(stale, 1), end);
        const repeating = new Table({}, false);
        repeating.want(1);
        assert.deepEqual(repeating.deliver(stale, 1), end);
    });
}

for (const reason of ["key_retired", "key_unknown", "signature_invalid"]) {
    test(`a key counts as refused (${reason}) after two of its tokens were; the server's reason is told`, () => {
        const table = new Table();
        const first = table.token("old");
        table.want(1);
        table.deliver(first, 1);
        table.refuse(first, reason);
        assert.deepEqual(table.want(2), ["state refreshing", `ask 2 refusal ${reason}`]);
        // The secret may have changed under its kid: one more is tried.
        const second = table.token("old");
        assert.ok(table.deliver(second, 2).includes("resume [2] with old"));
        table.refuse(second, reason);
        assert.equal(table.want(3).at(-1), `ask 3 refusal ${reason}`);
        assert.deepEqual(table.deliver(table.token("old"), 3),
            ["state failed", `fail [3] unauthorized ${reason}`, "end 3"]);
        // No loop, but no end either: the next caller makes one more attempt, and a good key heals.
        assert.equal(table.want(4).at(-1), `ask 4 refusal ${reason}`);
        assert.ok(table.deliver(table.token("new"), 4).includes("resume [4] with new"));
    });
}

test("a token that was taken clears its kid: a secret may change under one name as often as it likes", () => {
    const table = new Table();
    for (const round of [1, 2, 3]) {
        const token = table.token("same");
        table.want(round);
        assert.ok(table.deliver(token, round).includes(`resume [${round}] with same`));
        table.handle("accepted", { keyID: "same" });
        table.refuse(token, "key_retired");
    }
});

test("a token that is older than the refused one of its key is not tried", () => {
    const table = new Table();
    const older = table.token("old");
    table.now += 10;
    const first = table.token("old");
    table.want(1);
    table.deliver(first, 1);
    table.refuse(first, "key_retired");
    table.want(2);
    assert.ok(table.deliver(older, 2).includes("fail [2] unauthorized key_retired"));
});

test("a token refused for itself does not spoil its key; the same token again does not pass", () => {
    const table = new Table();
    const first = table.token("k");
    table.want(1);
    table.deliver(first, 1);
    table.refuse(first, "token_revoked");
    table.want(2);
    assert.equal(table.deliver(first, 2)[1], "fail [2] unauthorized token_revoked");
    table.want(3);
    assert.ok(table.deliver(table.token("k"), 3).includes("resume [3] with k"));
});

for (const [memory, wait] of [[60, 61], [0, 0]]) {
    test(`a refused key is tried again after its memory of ${memory} s`, () => {
        const table = new Table({ refusedKeyMemory: memory });
        const first = table.token("k");
        table.want(1);
        table.deliver(first, 1);
        table.refuse(first, "key_unknown");
        table.refuse(table.token("k"), "key_unknown");
        table.now += wait;
        table.want(2);
        assert.ok(table.deliver(table.token("k"), 2).includes("resume [2] with k"));
    });
}

test("a refusal that comes while the source is signing with that key gets one more try", () => {
    const table = new Table();
    const first = table.token("old");
    table.want(1);
    table.deliver(first, 1);
    table.handle("renewalWanted", { waiter: 2 });
    table.refuse(first, "key_retired");
    assert.deepEqual(table.deliver(table.token("old", { age: 1 }), 2), ["ask 2 refusal key_retired"]);
    assert.ok(table.deliver(table.token("new"), 2).includes("resume [2] with new"));
});

test("only the very token that was refused is given up", () => {
    const table = new Table();
    const first = table.token("a");
    table.want(1);
    table.deliver(first, 1);
    table.handle("renewalWanted", { waiter: 2 });
    table.deliver(table.token("b"), 2);
    table.refuse(first, "key_retired");
    assert.deepEqual(table.want(3), ["resume [3] with b"]);
});

test("no more than 32 refusals are remembered; the oldest is forgotten first", () => {
    const table = new Table();
    const tokens = Array.from({ length: 33 }, (_, index) => table.token(`k${index}`));
    for (const token of tokens) table.refuse(token, "token_revoked");
    table.want(1);
    assert.equal(table.deliver(tokens[1], 1).at(1), "fail [1] unauthorized token_revoked");
    table.want(2);
    assert.ok(table.deliver(tokens[0], 2).includes("resume [2] with k0"));
});

test("a waiter that leaves disturbs nobody, and the token of a flight that all left is kept", () => {
    const table = new Table();
    table.want(1);
    table.want(2);
    assert.deepEqual(table.handle("left", { waiter: 1 }), []);
    assert.deepEqual(table.handle("left", { waiter: 2 }), []);
    assert.deepEqual(table.deliver(table.token(), 1), ["state ready", "resume [] with k1", "end 1"]);
    assert.deepEqual(table.want(3), ["resume [3] with k1"]);
});

test("a source that fails is told from a token that is stale, and the next caller asks again", () => {
    const table = new Table();
    table.want(1);
    const fail = (code) => table.handle("sourceFailed", { error: new MCPClientError(code, "no"), flight: 1 });
    assert.deepEqual(fail("tokenSource"), ["state failed", "fail [1] tokenSource -", "end 1"]);
    assert.deepEqual(fail("timeout"), []);
    assert.deepEqual(table.deliver(table.token(), 1), []);
    assert.deepEqual(table.want(2), ["state refreshing", "ask 2 renewal"]);
});

test("a renewal that fails leaves a token that is still fresh in use", () => {
    const table = new Table();
    table.want(1);
    table.deliver(table.token(), 1);
    table.handle("renewalWanted", { waiter: 2 });
    assert.deepEqual(table.want(3), ["resume [3] with k1"]);
    assert.deepEqual(table.handle("sourceFailed", { error: new MCPClientError("tokenSource", "no"), flight: 2 }),
        ["state ready", "fail [2] tokenSource -", "end 2"]);
    assert.deepEqual(table.want(4), ["resume [4] with k1"]);
});

test("a step-up asks for all scope so far, overtakes a narrower flight, and serves those who come later", () => {
    const table = new Table();
    const narrow = table.token("narrow");
    const insteadOf = new AccessToken(narrow, table.now).digest;
    const widen = (waiter, scope) => table.handle("widerScopeWanted", { waiter, scope, insteadOf });
    table.want(1);
    table.deliver(narrow, 1);
    table.handle("renewalWanted", { waiter: 2 });
    assert.deepEqual(widen(3, ["a"]), ["end 2", "ask 3 widerScope a"]);
    assert.deepEqual(table.deliver(table.token("late"), 2), []);
    assert.ok(table.deliver(table.token("wide"), 3).includes("resume [3,2] with wide"));
    // Another call that was refused with the narrow token takes the wide one.
    assert.deepEqual(widen(4, ["a"]), ["resume [4] with wide"]);
    assert.equal(widen(5, ["b"]).at(-1), "ask 4 widerScope a b");
});

test("closing fails who waits and forgets the token; nothing happens after it", () => {
    const table = new Table();
    table.want(1);
    assert.deepEqual(table.handle("closed"), ["state closed", "fail [1] closed -", "end 1"]);
    assert.deepEqual(table.handle("closed"), []);
    assert.deepEqual(table.deliver(table.token(), 1), []);
    assert.deepEqual(table.want(2), ["fail [2] closed -"]);
    assert.deepEqual(table.handle("renewalWanted", { waiter: 3 }), ["fail [3] closed -"]);
    assert.deepEqual(table.handle("signedOut", { isFinal: true }), []);
    assert.deepEqual(table.handle("offered", { issued: table.token(), scope: [] }), []);
    assert.equal(table.machine.state.name, "closed");
});

test("a token of another tab is taken where it is newer, fresh and wide enough", () => {
    const table = new Table();
    assert.deepEqual(table.handle("offered", { issued: table.token("theirs"), scope: [] }), ["state ready"]);
    assert.deepEqual(table.want(1), ["resume [1] with theirs"]);
    table.handle("offered", { issued: table.token("older", { age: 5 }), scope: [] });
    assert.deepEqual(table.want(2), ["resume [2] with theirs"]);
    table.now += 1;
    table.handle("offered", { issued: table.token("newer"), scope: [] });
    assert.deepEqual(table.want(3), ["resume [3] with newer"]);
    assert.deepEqual(table.handle("offered", { issued: { text: "undefined" }, scope: [] }), []);
    table.handle("widerScopeWanted", { waiter: 4, scope: ["wide"], insteadOf: "" });
    table.now += 1;
    table.handle("offered", { issued: table.token("narrow"), scope: [] });
    assert.deepEqual(table.want(5), ["resume [5] with newer"]);
});

test("a token that was refused here is not taken from another tab", () => {
    const table = new Table();
    const token = table.token("k");
    table.want(1);
    table.deliver(token, 1);
    table.refuse(token, "key_retired");
    assert.deepEqual(table.handle("offered", { issued: token, scope: [] }), []);
    assert.equal(table.want(2).at(-1), "ask 2 refusal key_retired");
});

test("who signs out is not signed in again by the next call, but by asking for it", () => {
    const table = new Table();
    table.want(1);
    assert.deepEqual(table.handle("signedOut", { isFinal: true }),
        ["state failed", "fail [1] tokenSource token_missing", "end 1"]);
    assert.deepEqual(table.deliver(table.token(), 1), []);
    assert.deepEqual(table.want(2), ["fail [2] tokenSource token_missing"]);
    assert.deepEqual(table.handle("renewalWanted", { waiter: 3 }), ["state refreshing", "ask 2 renewal"]);
    assert.ok(table.deliver(table.token(), 2).includes("resume [3] with k1"));
});

test("a clock that is set back makes the token stale, and moves the offset by as much", () => {
    const table = new Table();
    table.handle("dated", { date: start + 60 });
    table.want(1);
    table.deliver(table.token("k1", { age: -60 }), 1);
    table.now -= 600;
    assert.deepEqual(table.handle("clockJumped", { by: -600 }), []);
    assert.equal(table.machine.serverOffset, 660.5);
    assert.equal(table.machine.freshToken(table.now), null);
});

test("no order of events makes the source be asked more than twice for one flight, or anybody wait for ever", () => {
    const random = (low, high) => low + Math.floor(Math.random() * (high - low + 1));
    for (let walk = 0; walk < 500; walk += 1) {
        const table = new Table({}, Math.random() < 0.5);
        const waiting = new Set();
        const asked = new Map();
        let open = null;
        let last = null;
        const settle = (type, members) => {
            for (const action of table.machine.handle({ type, ...members }, table.now)) {
                if (action.type === "ask") {
                    asked.set(action.flight, (asked.get(action.flight) ?? 0) + 1);
                    open = action.flight;
                } else if (action.type === "endFlight") open = null;
                else if (action.type !== "announce") for (const waiter of action.waiters) waiting.delete(waiter);
            }
        };
        for (let waiter = 1; waiter <= 40; waiter += 1) {
            table.now += random(0, 200);
            const choice = random(0, 11);
            if (choice <= 3) {
                waiting.add(waiter);
                settle(choice === 3 ? "renewalWanted" : "wanted", { waiter });
            } else if (choice === 4 || choice === 5) {
                last = table.token(["a", "b"][random(0, 1)], { age: random(-9, 400) });
                settle("delivered", { issued: last, flight: open ?? 0 });
            } else if (choice === 6) settle("delivered", { issued: { text: "undefined" }, flight: open ?? 0 });
            else if (choice === 7 && last) {
                const rejection = rejectionOf("key_retired", "");
                settle("refused", { token: new AccessToken(last, table.now), rejection });
            } else if (choice === 8) settle("offered", { issued: table.token("c"), scope: [] });
            else if (choice === 9) settle("signedOut", { isFinal: Math.random() < 0.5 });
            else if (choice === 10) settle("cleared");
            else settle("dated", { date: table.now + random(-500, 500) });
            assert.ok(waiting.size === 0 || open !== null, "somebody waits and nobody was asked");
        }
        settle("closed");
        assert.equal(waiting.size, 0);
        assert.ok([...asked.values()].every((count) => count <= 2));
    }
});
