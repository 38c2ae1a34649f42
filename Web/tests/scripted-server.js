import { reasons } from "../reasons.js";

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

    constructor(clock) {
        this.#clock = clock;
    }

    /** Answers the next requests of that method (or HTTP method, for those without) in this way, each once. */
    script(method, ...replies) {
        for (const reply of replies) this.#script.push({ method, reply });
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
        this.received.push(received);
        const index = this.#script.findIndex(({ method }) => method === (received.method || received.httpMethod));
        const reply = index < 0 ? {} : this.#script.splice(index, 1)[0].reply;
        if (reply.latch) await reply.latch.wait(init.signal);
        if (reply.broken) throw new TypeError("fetch failed");
        return this.#render("usual" in reply || Object.keys(reply).every((key) => key === "latch")
            ? this.#usual(received) : reply, received);
    };

    #usual(received) {
        const rejection = received.token === null ? null : this.#judge(received.token);
        if (rejection !== null) return rejection;
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
            case "tools/list": return { result: { tools: [{ name: "echo", inputSchema: { type: "object" } }] } };
            case "tools/call":
                if (received.token === null) return { reason: "token_missing", detail: "needs an access token" };
                return { result: { content: [{ type: "text", text: "done" }],
                    structuredContent: received.params?.arguments ?? {}, isError: false } };
            default: return received.id === undefined || received.method === "" ? { status: 202 }
                : { error: { code: -32601, message: "no such method" } };
        }
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

    #render(reply, received) {
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
        } else if (reply.events !== undefined) {
            headers.set("Content-Type", "text/event-stream");
            const messages = reply.answer === undefined ? reply.events
                : [...reply.events, { jsonrpc: "2.0", id, result: reply.answer }];
            body = messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join("");
        }
        if (body !== null && typeof body === "object" && !(body instanceof ReadableStream)) body = JSON.stringify(body);
        if (!headers.has("Content-Type") && body !== null) headers.set("Content-Type", "application/json");
        const response = new Response(status === 204 ? null : body, { status, headers });
        if (reply.type) Object.defineProperty(response, "type", { value: reply.type });
        return response;
    }
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
