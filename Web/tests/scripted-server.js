import { appendFileSync } from "node:fs";
import { reasons } from "../reasons.js";

const prefix = "io.modelcontextprotocol/";

const oauthErrors = { 401: "invalid_token", 403: "insufficient_scope" };

/**
 * A small MCP server behind `fetch`, whose answers a test can script, and which remembers what came.
 *
 * Unscripted it behaves: opens sessions, wants a known session, wants a token for operations, judges every token, lists
 * one tool, and answers every call with its arguments.
 */
export class ScriptedServer {
    received = [];
    #clock;
    #script = [];
    #judge = () => null;
    #sessions = new Set();
    #sessionCount = 0;
    #clockOffset = null;
    #era = "legacy";
    #watchers = new Set();
    /** What it asked of the client, by id: the method. */
    #questions = new Map();
    /** Whether a `GET` without `Last-Event-ID` is heeded. */
    offersStream = true;
    tools = [{ name: "echo", inputSchema: { type: "object" } }];

    constructor(clock) {
        this.#clock = clock;
    }

    /** Answers the next requests of that method (or HTTP method, for those without) in this way, each once. */
    script(method, ...replies) {
        for (const reply of replies) this.#script.push({ method, reply });
    }

    /** What it speaks: `legacy`, `modern` or `dual`. */
    speak(era) {
        this.#era = era;
    }

    /** How tokens are judged from now on: null accepts, `{ reason, detail }` refuses. */
    judgeTokens(judge) {
        this.#judge = judge;
    }

    /** Sends a `Date` from now on, ahead of the clock by so many seconds. */
    tellTime(offset) {
        this.#clockOffset = offset;
    }

    /** Forgets every session, as a restart would. */
    dropSessions() {
        this.#sessions.clear();
    }

    get methods() {
        return this.received.map(({ method, httpMethod }) => method || httpMethod);
    }

    get calls() {
        return this.received.filter(({ method }) => method === "tools/call");
    }

    fetch = async (url, init = {}) => {
        if (init.signal?.aborted) throw init.signal.reason;
        const received = read(url, init);
        const isListening = received.httpMethod === "GET" && !received.headers.has("Last-Event-ID");
        if (isListening && !this.offersStream) return new Response(null, { status: 405 });
        this.received.push(received);
        this.#note(received);
        for (const watcher of this.#watchers) watcher();
        const index = this.#script.findIndex(({ method }) => method === (received.method || received.httpMethod));
        const reply = index < 0 ? {} : this.#script.splice(index, 1)[0].reply;
        if (reply.latch) await reply.latch.wait(init.signal);
        if (reply.broken) throw new TypeError("fetch failed");
        return this.#render("usual" in reply || Object.keys(reply).every((key) => key === "latch")
            ? this.#usual(received) : reply, received, init.signal);
    };

    /** Writes down what the client sent, for whoever holds it against the published schemas. */
    #note({ message, headers, method, params, id }) {
        const file = process.env.VESTIBULE_SENT_MESSAGES;
        if (!file || Object.keys(message).length === 0) return;
        const version = headers.get("MCP-Protocol-Version") ?? params?.protocolVersion;
        const answered = method === "" ? this.#questions.get(id) : undefined;
        appendFileSync(file, `${JSON.stringify({ message, version, answered })}\n`);
    }

    #usual(received) {
        const rejection = received.token === null ? null : this.#judge(received.token);
        if (rejection !== null) return rejection;
        const isModern = received.params?._meta?.[`${prefix}protocolVersion`] !== undefined;
        if (this.#era === "modern" || (this.#era === "dual" && isModern)) return this.#modern(received);
        if (received.method === "initialize") return this.#open(received);
        if (received.sessionID !== null && !this.#sessions.has(received.sessionID)) {
            return { reason: "session_unknown", detail: "this session is not known here" };
        }
        if (received.httpMethod === "DELETE") {
            this.#sessions.delete(received.sessionID);
            return { status: 204 };
        }
        switch (received.method) {
            case "ping": return { result: {} };
            case "tools/list": return { result: { tools: this.tools } };
            case "tools/call": return this.#call(received);
            default: return received.id === undefined || received.method === "" ? { status: 202 }
                : { error: { code: -32601, message: "no such method" } };
        }
    }

    #modern({ method, token, params, headers, ...received }) {
        if (received.httpMethod !== "POST") return { status: 405 };
        const meta = params?._meta ?? {};
        const version = meta[`${prefix}protocolVersion`];
        const refuse = (status, code, message) => ({ status, error: { code, message } });
        if (typeof version !== "string" || typeof meta[`${prefix}clientCapabilities`] !== "object") {
            return refuse(400, -32602, "_meta lacks what is required");
        }
        const name = method === "resources/read" ? params.uri
            : ["tools/call", "prompts/get"].includes(method) ? params.name : null;
        const expected = { "MCP-Protocol-Version": version, "Mcp-Method": method, "Mcp-Name": name };
        for (const [field, value] of Object.entries(expected)) {
            if (plain(headers.get(field)) !== value) return refuse(400, -32020, `${field} does not say what the body says`);
        }
        const hints = { resultType: "complete", ttlMs: 0, cacheScope: "private" };
        switch (method) {
            case "server/discover": return { result: { ...hints, supportedVersions: ["2026-07-28"],
                capabilities: { tools: {} }, _meta: { [`${prefix}serverInfo`]: { name: "scripted", version: "1" } } } };
            case "tools/list": return { result: { ...hints, tools: this.tools } };
            case "tools/call": {
                const { result, ...refusal } = this.#call({ token, params });
                return result ? { result: { resultType: "complete", ...result } } : refusal;
            }
            default: return refuse(404, -32601, "no such method");
        }
    }

    #call({ token, params }) {
        if (token === null) return { reason: "token_missing", detail: "needs an access token" };
        return { result: { content: [{ type: "text", text: "done" }],
            structuredContent: params?.arguments ?? {}, isError: false } };
    }

    /** A stream of scripted events, which ends after the last of them. */
    #stream(events, of) {
        const encoder = new TextEncoder();
        const rest = [...events];
        let question;
        return new ReadableStream({
            pull: async (controller) => {
                const event = rest.shift();
                if (event === undefined) return controller.close();
                if (event.afterAnswer) {
                    await this.#until(() => this.received.some(({ id, method }) => method === "" && id === question));
                }
                if (event.message?.id !== undefined) question = event.message.id;
                this.asks(event.message);
                const id = this.received.findLast(({ method }) => method === of)?.id;
                const message = event.message ? { jsonrpc: "2.0", ...event.message }
                    : event.result ? { jsonrpc: "2.0", id, result: event.result } : null;
                controller.enqueue(encoder.encode([
                    ...(event.id === undefined ? [] : [`id: ${event.id}`]),
                    ...(event.retry === undefined ? [] : [`retry: ${event.retry}`]),
                    `data: ${message === null ? "" : JSON.stringify(message)}`, "", "",
                ].join("\n")));
            },
        }, { highWaterMark: 0 });
    }

    /** Remembers what the client is asked; a test says so that writes its stream itself. */
    asks(message) {
        if (message?.id !== undefined && message.method) this.#questions.set(message.id, message.method);
    }

    #until(isSo) {
        return new Promise((resolve) => {
            const look = () => {
                if (!isSo()) return;
                this.#watchers.delete(look);
                resolve();
            };
            this.#watchers.add(look);
            look();
        });
    }

    #open(received) {
        this.#sessionCount += 1;
        const id = `session-${this.#sessionCount}`;
        this.#sessions.add(id);
        return {
            headers: { "Mcp-Session-Id": id },
            result: { protocolVersion: received.params?.protocolVersion ?? "2025-11-25", capabilities: { tools: {} },
                serverInfo: { name: "scripted", version: "1" } },
        };
    }

    #render(reply, received, signal) {
        const headers = new Headers(reply.headers);
        if (this.#clockOffset !== null && !headers.has("Date")) {
            headers.set("Date", new Date((this.#clock.now() + this.#clockOffset) * 1000).toUTCString());
        }
        const id = received.id ?? 0;
        let status = reply.status ?? 200;
        let body = reply.body ?? null;
        if (reply.reason) {
            const detail = reply.detail ?? "scripted";
            ({ status } = reasons[reply.reason]);
            if (status === 401 || reply.reason === "scope_insufficient") {
                const error = reply.reason === "token_missing" ? "" : `error="${oauthErrors[status]}", `;
                const scope = reply.scope?.length ? `, scope="${reply.scope.join(" ")}"` : "";
                headers.set("WWW-Authenticate", `Bearer ${error}error_description="${detail}"${scope}`);
            }
            const data = { reason: reply.reason, remedy: reasons[reply.reason].remedy, detail };
            body = { jsonrpc: "2.0", id, error: { code: status, message: detail, data } };
        } else if (reply.result !== undefined) {
            body = { jsonrpc: "2.0", id, result: reply.result };
        } else if (reply.error !== undefined) {
            body = { jsonrpc: "2.0", id, error: reply.error };
        } else if (reply.stream !== undefined) {
            headers.set("Content-Type", "text/event-stream");
            body = this.#stream(reply.stream, reply.of);
        } else if (reply.events !== undefined) {
            headers.set("Content-Type", "text/event-stream");
            reply.events.forEach((message) => this.asks(message));
            const messages = reply.answer === undefined ? reply.events
                : [...reply.events, { jsonrpc: "2.0", id, result: reply.answer }];
            body = messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join("");
        }
        if (body !== null && typeof body === "object" && !(body instanceof ReadableStream)) body = JSON.stringify(body);
        // An aborted fetch ends the body, too.
        if (body instanceof ReadableStream && signal) body = body.pipeThrough(new TransformStream(), { signal });
        if (!headers.has("Content-Type") && body !== null) headers.set("Content-Type", "application/json");
        const response = new Response(status === 204 ? null : body, { status, headers });
        if (reply.type) Object.defineProperty(response, "type", { value: reply.type });
        return response;
    }
}

/** The text of a header's value, taken out of its `=?base64?…?=`. */
function plain(value) {
    const [, base64] = /^=\?base64\?(.*)\?=$/.exec(value ?? "") ?? [];
    return base64 === undefined ? value : Buffer.from(base64, "base64").toString();
}

function read(url, init) {
    const headers = new Headers(init.headers);
    const message = init.body ? JSON.parse(init.body) : {};
    const authorization = headers.get("Authorization");
    return {
        url: String(url), mode: init.mode, httpMethod: init.method ?? "GET", method: message.method ?? "",
        id: message.id,
        params: message.params, message, headers, token: authorization?.replace(/^Bearer /, "") ?? null,
        sessionID: headers.get("Mcp-Session-Id"), credentials: init.credentials, redirect: init.redirect,
    };
}
