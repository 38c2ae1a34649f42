/**
 * How a message stands to tokens: `handshake` goes without, unless the server asks or the configuration says so;
 * `listing` goes with one where one can be had, since what is listed may depend on who asks; `operation` goes with one;
 * `closing` goes with one that is at hand, and nobody is asked for it.
 * @typedef {"handshake" | "listing" | "operation" | "closing"} Phase
 */

/** @typedef {Record<string, unknown>} Params */

/**
 * A message on its way to the server, or the end of a session.
 * @typedef {object} Outgoing
 * @property {"POST" | "DELETE"} httpMethod
 * @property {Record<string, unknown> | null} message the JSON-RPC message; null for `DELETE`
 * @property {string} method empty for answers and for `DELETE`
 * @property {string | null} tool
 * @property {number | null} id of the request whose answer is waited for
 * @property {Phase} phase
 * @property {boolean} isRepeatable whether it does no harm twice, so that it may be sent again when nobody knows
 *   whether it arrived
 * @property {boolean} opensSession whether it goes without a session because it opens one
 * @property {string} inWords `tools/call of echo`, for messages
 */

/**
 * @param {string} method
 * @param {number} id
 * @param {Params | undefined} params
 * @param {{ phase: Phase, tool?: string | null, opensSession?: boolean }} traits
 * @returns {Outgoing}
 */
export function requestOf(method, id, params, { phase, tool = null, opensSession = false }) {
    return {
        httpMethod: "POST", message: { jsonrpc: "2.0", id, method, ...(params && { params }) }, method, tool, id, phase,
        isRepeatable: phase !== "operation", opensSession,
        inWords: tool === null ? method : `${method} of ${tool.slice(0, 128)}`,
    };
}

/**
 * @param {string} method
 * @param {Params} [params]
 * @returns {Outgoing}
 */
export function notificationOf(method, params) {
    return {
        httpMethod: "POST", message: { jsonrpc: "2.0", method, ...(params && { params }) }, method, tool: null,
        id: null, phase: "handshake", isRepeatable: true, opensSession: false, inWords: method,
    };
}

/**
 * An answer to a request of the server.
 * @param {Record<string, unknown>} content `result` or `error`
 * @param {unknown} id
 * @returns {Outgoing}
 */
export function answerOf(content, id) {
    return {
        httpMethod: "POST", message: { jsonrpc: "2.0", id, ...content }, method: "", tool: null, id: null,
        phase: "closing", isRepeatable: false, opensSession: false, inWords: "POST",
    };
}

/**
 * The end of a session.
 * @returns {Outgoing}
 */
export function deletion() {
    return {
        httpMethod: "DELETE", message: null, method: "", tool: null, id: null, phase: "closing", isRepeatable: false,
        opensSession: false, inWords: "DELETE",
    };
}
