import assert from "node:assert/strict";
import { MCPClient } from "../mcp-client.js";
import { FakeClock, Latch } from "./fake-clock.js";
import { keyIDOf, sampleToken } from "./sample-tokens.js";
import { ScriptedServer } from "./scripted-server.js";

/** Plays one file of `Tests/Scenarios`; `README.md` there says what the members mean. */
export class ScenarioRunner {
    #clock = new FakeClock();
    #server = new ScriptedServer(this.#clock);
    #client;
    #deliveries;
    #names = new Map();
    #questions = [];
    #latches = new Map();
    #begun = new Map();

    constructor({ configuration = {}, source, server = {} }) {
        this.#deliveries = [...source.deliver];
        this.#client = new MCPClient({
            url: "http://server.test/mcp", getToken: (question) => this.#deliver(question), logLevel: "silent",
            canRefresh: source.canRefresh ?? true, canWidenScope: source.canWidenScope ?? false, clock: this.#clock,
            fetch: this.#server.fetch, ambient: { location: null, navigator: null, window: null },
            ...("maximumAge" in configuration && { maximumAge: configuration.maximumAge }),
            ...(configuration.handshakeToken && { handshakeToken: configuration.handshakeToken }),
        });
        if (server.clockOffset !== undefined) this.#server.tellTime(server.clockOffset);
        this.#server.judgeTokens((token) => {
            const kid = keyIDOf(token);
            return (kid !== null && server.refuse?.find((rule) => rule.kid === kid)) || null;
        });
        for (const reply of server.replies ?? []) this.#server.script(reply.on, replyOf(reply));
    }

    async #deliver(question) {
        this.#questions.push(question);
        const delivery = this.#deliveries.length > 1 ? this.#deliveries.shift() : this.#deliveries[0];
        if (delivery.hold) await this.#latch(delivery.hold).wait(question.signal);
        if (delivery.error) throw new Error(delivery.error);
        if (delivery.text !== undefined) return delivery.text;
        if (delivery.again) return [...this.#names].find(([, name]) => name === delivery.again)[0];
        if (delivery.opaque) {
            this.#names.set(delivery.opaque, delivery.name);
            return { token: delivery.opaque, expiresIn: delivery.expiresIn };
        }
        const now = delivery.byServerTime ? question.serverTime : this.#clock.now();
        const at = (claim) => (delivery[claim] === undefined ? undefined : now + delivery[claim]);
        const text = sampleToken({ kid: delivery.kid ?? null, iat: at("iat"), exp: at("exp"), nbf: at("nbf") });
        this.#names.set(text, delivery.name ?? "");
        return (delivery.before ?? "") + text + (delivery.after ?? "");
    }

    #latch(name) {
        if (!this.#latches.has(name)) this.#latches.set(name, new Latch());
        return this.#latches.get(name);
    }

    async run(step) {
        switch (step.do) {
            case "advance": this.#clock.advance(step.seconds); return;
            case "untilSleeping": await this.#clock.untilSomebodySleeps(step.seconds); return;
            case "untilHeld": await this.#latch(step.what).untilWaiting(); return;
            case "release": this.#latch(step.what).open(); return;
            case "dropSessions": this.#server.dropSessions(); return;
            case "serverClock": this.#server.tellTime(step.offset); return;
            case "await": checkStep(step, await this.#begun.get(step.as)); return;
            case "connect": case "call": case "list": case "close": {
                const outcomes = this.#act(step.do, step.times ?? 1);
                if (step.begin) this.#begun.set(step.begin, outcomes);
                else checkStep(step, await outcomes);
                return;
            }
            default: assert.fail(`unknown step ${JSON.stringify(step)}`);
        }
    }

    /** Does it so many times at once, and says what came of each in one word or two. */
    #act(what, times) {
        const actions = {
            connect: () => this.#client.connect(), call: () => this.#client.callTool("echo"),
            list: () => this.#client.listTools(), close: () => this.#client.close(),
        };
        return Promise.all(Array.from({ length: times }, () => actions[what]().then(
            () => "ok", (error) => (error.code ? `${error.code} ${error.reason ?? "-"}` : String(error)))));
    }

    check(expected) {
        const records = this.#client.records.filter(({ kind }) => kind === "request")
            .sort((one, other) => one.sequence - other.sequence);
        const { received } = this.#server;
        if (expected.requests) {
            const actual = records.map((record, index) => ({
                method: record.method, token: nameOf(received[index]?.token, this.#names), status: record.status,
                ...(record.reason !== null && { reason: record.reason }),
            }));
            assert.deepEqual(actual, expected.requests);
            assert.equal(received.length, records.length);
        }
        const methods = records.map(({ method, httpMethod }) => method || httpMethod);
        for (const [method, count] of Object.entries(expected.count ?? {})) {
            assert.equal(methods.filter((one) => one === method).length, count, method);
        }
        if (expected.asked !== undefined) assert.equal(this.#questions.length, expected.asked);
        if (expected.scopes) assert.deepEqual(this.#questions.map(({ scope }) => [...scope]), expected.scopes);
        if (expected.occasions) assert.deepEqual(records.map(({ occasion }) => occasion), expected.occasions);
        assert.equal(this.#client.tokens.state.name, expected.state ?? null);
    }

    async finish() {
        for (const latch of this.#latches.values()) latch.open();
        await Promise.all(this.#begun.values());
        await this.#client.close();
    }
}

function nameOf(token, names) {
    return token ? names.get(token) ?? "unknown" : null;
}

function replyOf({ broken, reason, scope, status, retryAfter, challenge }) {
    if (broken) return { broken };
    if (reason) return { reason, scope };
    const headers = {
        ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
        ...(challenge && { "WWW-Authenticate": challenge }),
    };
    return { status: status ?? 200, headers };
}

function checkStep(step, outcomes) {
    if (!step.expect) return;
    const word = step.expect.ok ? "ok" : `${step.expect.error} ${step.expect.reason ?? "-"}`;
    for (const outcome of outcomes) assert.equal(outcome, word, JSON.stringify(step));
}
