import assert from "node:assert/strict";
import { EraVerdicts } from "../era-verdicts.js";
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
    #asked = [];

    constructor({ configuration = {}, source, server = {}, handlers = {} }) {
        this.#deliveries = [...source.deliver];
        this.#client = new MCPClient({
            url: "http://server.test/mcp", getToken: (question) => this.#deliver(question), logLevel: "silent",
            canRefresh: source.canRefresh ?? true, canWidenScope: source.canWidenScope ?? false, clock: this.#clock,
            era: configuration.era ?? "legacy", verdicts: new EraVerdicts(), fetch: this.#server.fetch, ambient: { location: null, navigator: null, window: null },
            ...("maximumAge" in configuration && { maximumAge: configuration.maximumAge }),
            ...(configuration.handshakeToken && { handshakeToken: configuration.handshakeToken }),
            ...(configuration.maximumInputRounds && { maximumInputRounds: configuration.maximumInputRounds }),
            handlers: this.#handlers(handlers),
        });
        this.#server.speak(server.era ?? "legacy");
        this.#server.offersStream = false;
        if (server.tools) this.#server.tools = server.tools;
        if (server.clockOffset !== undefined) this.#server.tellTime(server.clockOffset);
        this.#server.judgeTokens((token) => {
            const kid = keyIDOf(token);
            return (kid !== null && server.refuse?.find((rule) => rule.kid === kid)) || null;
        });
        for (const reply of server.replies ?? []) this.#server.script(reply.on, replyOf(reply));
    }

    #handlers({ elicitation, sampling, roots }) {
        const answering = (method, answer) => () => {
            this.#asked.push(method);
            return answer;
        };
        return {
            ...(elicitation && { elicit: answering("elicitation/create", elicitation) }),
            ...(sampling && { sample: answering("sampling/createMessage", sampling) }),
            ...(roots && { roots: answering("roots/list", roots) }),
        };
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
            case "connect": case "call": case "list": case "read": case "prompt": case "close": {
                const outcomes = this.#act(step, step.times ?? 1);
                if (step.begin) this.#begun.set(step.begin, outcomes);
                else checkStep(step, await outcomes);
                return;
            }
            default: assert.fail(`unknown step ${JSON.stringify(step)}`);
        }
    }

    /** Does it so many times at once, and says what came of each in one word or two. */
    #act(step, times) {
        const actions = {
            connect: () => this.#client.connect(), close: () => this.#client.close(),
            call: () => this.#client.callTool(step.tool ?? "echo", step.arguments),
            list: async () => {
                const tools = await this.#client.listTools();
                if (step.expect?.tools) assert.deepEqual(tools.map(({ name }) => name), step.expect.tools);
            },
            read: () => this.#client.readResource(step.uri), prompt: () => this.#client.getPrompt(step.name),
        };
        return Promise.all(Array.from({ length: times }, () => actions[step.do]().then(
            () => "ok", (error) => (error.code ? `${error.code} ${error.reason ?? "-"}` : String(error)))));
    }

    check(expected) {
        const records = this.#client.records.filter(({ kind }) => kind === "request").filter(isMatter)
            .sort((one, other) => one.sequence - other.sequence);
        const { received } = this.#server;
        if (expected.requests) {
            const actual = records.map((record, index) => ({
                method: record.method || record.httpMethod, token: nameOf(received[index]?.token, this.#names),
                status: record.status, ...(record.reason !== null && { reason: record.reason }),
            }));
            assert.deepEqual(actual, expected.requests.map(({ method, token, status, reason }) =>
                ({ method, token, status, ...(reason && { reason }) })));
            assert.equal(received.length, records.length);
            expected.requests.forEach((request, index) => checkRequest(received[index], request,
                received.slice(0, index)));
        }
        const methods = records.map(({ method, httpMethod }) => method || httpMethod);
        for (const [method, count] of Object.entries(expected.count ?? {})) {
            assert.equal(methods.filter((one) => one === method).length, count, method);
        }
        if (expected.asked !== undefined) assert.equal(this.#questions.length, expected.asked);
        if (expected.scopes) assert.deepEqual(this.#questions.map(({ scope }) => [...scope]), expected.scopes);
        if (expected.occasions) assert.deepEqual(records.map(({ occasion }) => occasion), expected.occasions);
        if (expected.questions) assert.deepEqual(this.#asked, expected.questions);
        if (expected.era !== undefined) assert.equal(this.#client.era, expected.era);
        assert.equal(this.#client.tokens.state.name, expected.state ?? null);
    }

    async finish() {
        for (const latch of this.#latches.values()) latch.open();
        await Promise.all(this.#begun.values());
        await this.#client.close();
    }
}

/** A client may open a stream to listen on, or not: that is no matter of the scenarios. */
function isMatter({ httpMethod, status, occasion }) {
    return httpMethod !== "GET" || occasion === "resumed" || status !== 405;
}

function nameOf(token, names) {
    return token ? names.get(token) ?? "unknown" : null;
}

/** What a request is to carry beyond its method and token. */
function checkRequest(received, { method, headers = {}, params = {}, meta = {}, answer, newID }, before) {
    for (const [name, value] of Object.entries(headers)) {
        assert.equal(received.headers.get(name), value, `${method}: ${name}`);
    }
    for (const [name, value] of Object.entries(params)) {
        assert.deepEqual(received.params?.[name] ?? null, value, `${method}: ${name}`);
    }
    for (const [name, value] of Object.entries(meta)) {
        assert.deepEqual(received.params?._meta?.[name] ?? null, value, `${method}: ${name}`);
    }
    if (newID) assert.ok(before.every(({ id }) => id !== received.id), `${method}: its id is not new`);
    if (answer) {
        const { id, result, error } = received.message;
        assert.deepEqual({ id, ...(result && { result }), ...(error && { error: error.code }) }, answer);
    }
}

function replyOf({ on, broken, usual, reason, scope, status, retryAfter, challenge, body, contentType, ...reply }) {
    if (broken) return { broken };
    if (usual) return { usual };
    if (reason) return { reason, scope };
    const { result, error, events } = reply;
    if (events) return { stream: events, of: on === "GET" ? "tools/call" : on };
    if (result || error) return { result, error, status };
    if (body !== undefined) return { status, body, headers: { "Content-Type": contentType } };
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
