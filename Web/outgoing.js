/**
 * How a message stands to tokens: `handshake` goes without, unless the server asks or the configuration says so;
 * `listing` goes with one where one can be had, since what is listed may depend on who asks; `operation` goes with one;
 * `closing` goes with one that is at hand, and nobody is asked for it.
 * @typedef {"handshake" | "listing" | "operation" | "closing"} Phase
 */

/** @typedef {Record<string, unknown>} Params */

/**
 * What a request is about: how it stands to tokens, the tool, or what else it names, and whether progress is wanted.
 * @typedef {{ phase: Phase, tool?: string | null, subject?: string | null, wantsProgress?: boolean,
 *   opens?: import("./era-legacy.js").Era | null }} Traits
 */

/**
 * A message on its way to the server, the end of a session, or the question for what is left of a stream. The era
 * completes it when it is sent.
 * @typedef {object} Outgoing
 * @property {"POST" | "GET" | "DELETE"} httpMethod
 * @property {Record<string, unknown> | null} message the JSON-RPC message; null for `GET` and `DELETE`
 * @property {string} method empty for answers, `GET` and `DELETE`
 * @property {string | null} tool
 * @property {number | string | null} id of the request whose answer is waited for
 * @property {Phase} phase
 * @property {boolean} isRepeatable whether it does no harm twice, so that it may be sent again when nobody knows
 *   whether it arrived
 * @property {boolean} wantsProgress
 * @property {import("./era-legacy.js").Era | null} opens the era whose session it opens, going without one itself
 * @property {string | null} lastEventID from where on a stream is wanted, for `GET`
 * @property {boolean} listens whether a stream is wanted on which no answer is waited for
 * @property {string} inWords `tools/call of echo`, for messages
 */

/** @type {Omit<Outgoing, "httpMethod" | "phase" | "inWords">} */
const plain = {
    message: null, method: "", tool: null, id: null, isRepeatable: false, wantsProgress: false, opens: null,
    lastEventID: null, listens: false,
};

/**
 * @param {string} method
 * @param {number | string} id
 * @param {Params | undefined} params
 * @param {Traits} traits
 * @returns {Outgoing}
 */
export function requestOf(method, id, params, traits) {
    const { phase, tool = null, subject = tool, wantsProgress = false, opens = null } = traits;
    return {
        ...plain, httpMethod: "POST", message: { jsonrpc: "2.0", id, method, ...(params && { params }) }, method,
        tool, id, phase, isRepeatable: phase !== "operation", wantsProgress, opens,
        inWords: subject === null ? method : `${method} of ${subject.slice(0, 128)}`,
    };
}

/**
 * The same request under a new id, with further parameters. A parameter that is undefined is taken out.
 * @param {Outgoing} outgoing
 * @param {number | string} id
 * @param {Params} [params]
 * @returns {Outgoing}
 */
export function requestAgain(outgoing, id, params) {
    const former = /** @type {Params | undefined} */ (outgoing.message?.params);
    const all = former === undefined && params === undefined ? undefined : Object.fromEntries(
        Object.entries({ ...former, ...params }).filter(([, value]) => value !== undefined));
    return { ...outgoing, id, message: { ...outgoing.message, id, ...(all && { params: all }) } };
}

/**
 * @param {string} method
 * @param {Params} [params]
 * @returns {Outgoing}
 */
export function notificationOf(method, params) {
    return {
        ...plain, httpMethod: "POST", message: { jsonrpc: "2.0", method, ...(params && { params }) }, method,
        phase: "handshake", isRepeatable: true, inWords: method,
    };
}

/**
 * An answer to a request of the server.
 * @param {Record<string, unknown>} content `result` or `error`
 * @param {unknown} id
 * @param {Phase} [phase] `operation` where it may have taken so long that the token of then is old
 * @returns {Outgoing}
 */
export function answerOf(content, id, phase = "closing") {
    return { ...plain, httpMethod: "POST", message: { jsonrpc: "2.0", id, ...content }, phase, inWords: "POST" };
}

/**
 * The question for what is left of the stream that was to bring the answer.
 * @param {Outgoing} outgoing the request
 * @param {string} lastEventID
 * @returns {Outgoing}
 */
export function restOf({ id, phase, listens, inWords }, lastEventID) {
    return { ...plain, httpMethod: "GET", id, phase, lastEventID, listens, inWords };
}

/**
 * The question for the stream on which a server of sessions tells what belongs to no request.
 * @returns {Outgoing}
 */
export function listening() {
    return { ...plain, httpMethod: "GET", phase: "listing", isRepeatable: true, listens: true, inWords: "GET" };
}

/**
 * The end of a session.
 * @returns {Outgoing}
 */
export function deletion() {
    return { ...plain, httpMethod: "DELETE", phase: "closing", inWords: "DELETE" };
}
