// The front end of the incident, as it was: it keeps its token in localStorage and sends it with the handshake. It is
// here to be looked at, not to be copied; what to do instead is in cure.js.

import { reasonIn, tokenFacts } from "./replay-record.js";

/** Where this front end keeps its token. */
export const storageKey = "mcp_token";

/**
 * Three handshakes with the cached token, then one without, then a call without any.
 *
 * @param {{ url: string, tool: string, arguments: Record<string, unknown> }} stage
 * @param {(record: import("../devtools/client-element.js").ClientRecord) => void} record
 * @returns {Promise<string | null>} What the user is told; `null` where the tool worked.
 */
export async function runIncident(stage, record) {
    let sequence = 0;
    /** @type {string | null} */
    let session = null;

    /**
     * @param {string} method
     * @param {unknown} params
     * @param {number | null} id
     * @param {string | null} token
     */
    async function send(method, params, id, token) {
        /** @type {Record<string, string>} */
        const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
        if (token) headers.Authorization = `Bearer ${token}`;
        if (session) headers["Mcp-Session-Id"] = session;
        const startedAt = Date.now();
        const response = await fetch(stage.url, {
            method: "POST", headers, cache: "no-store",
            body: JSON.stringify({ jsonrpc: "2.0", method, id: id ?? undefined, params }),
        });
        const text = await response.text();
        record({
            kind: "request", sequence: ++sequence, httpMethod: "POST", method,
            tool: method === "tools/call" ? stage.tool : null,
            token: token ? tokenFacts(token) : null, tokenSent: token !== null, sessionSent: session !== null,
            occasion: "first", startedAt, duration: Date.now() - startedAt, status: response.status,
            reason: reasonIn(text),
        });
        return response;
    }

    const cached = localStorage.getItem(storageKey);
    if (cached) {
        record({
            kind: "token", text: "from localStorage", startedAt: Date.now(), token: tokenFacts(cached), failure: null,
            shared: true,
        });
    }
    const hello = {
        protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "naive-front-end", version: "1" },
    };
    for (const token of [cached, cached, cached, null]) {
        const response = await send("initialize", hello, 1, token);
        session = response.headers.get("Mcp-Session-Id");
        if (response.ok && session) break;
    }
    if (!session) return "no session";
    await send("notifications/initialized", undefined, null, null);
    const answer = await send("tools/call", { name: stage.tool, arguments: stage.arguments }, 2, null);
    return answer.ok ? null : "Access denied";
}
