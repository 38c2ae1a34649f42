/**
 * What kind of failure it is: the same names as in the Swift client.
 *
 * - `connection`: no connection could be made, or the URL is none
 * - `outcomeUnknown`: the connection broke after the request was sent, or something on the way answered a bare 503;
 *   nobody knows whether the call ran
 * - `timeout`: no answer within the configured time
 * - `unauthorized`: the server wants a token that this client does not have, or refused the one it has (HTTP 401)
 * - `forbidden`: refused for good, or for want of a scope that the source cannot ask for (HTTP 403)
 * - `sessionLost`: the session was lost, and so was the one opened in its place (HTTP 404, twice)
 * - `busy`: the server asks for more patience than is configured, or is still busy after the last try (429, 503)
 * - `protocolViolation`: the answer is not MCP
 * - `tokenSource`: the token source failed, or delivered something that is not a token
 * - `staleToken`: the source delivered a token that must not be sent: expired, too old, not yet valid
 * - `toolDenied`: the server denied the call in band to a verified principal, as a JSON-RPC error
 * - `serverError`: the server answered with a JSON-RPC error of another kind
 * - `replyTooLarge`: the reply is larger than is configured
 * - `closed`: the client or its token manager was closed
 * @typedef {"connection" | "outcomeUnknown" | "timeout" | "unauthorized" | "forbidden" | "sessionLost" | "busy" |
 *   "protocolViolation" | "tokenSource" | "staleToken" | "toolDenied" | "serverError" | "replyTooLarge" | "closed"
 * } ErrorCode
 */

/** @typedef {{ code: number, message: string, data?: unknown }} RPCError */

/**
 * @typedef {object} ErrorDetails
 * @property {import("./rejection.js").Rejection | null} [rejection] the server's refusal, or the client's own of a
 *   token
 * @property {RPCError | null} [rpcError] the JSON-RPC error, where the server sent one
 * @property {number | null} [status] the HTTP status, where one came
 * @property {unknown} [cause] what lies underneath
 */

/** Why a call, a handshake or a token could not be had. The message is one line and never holds a token. */
export class MCPClientError extends Error {
    /**
     * @param {ErrorCode} code
     * @param {string} message
     * @param {ErrorDetails} [details]
     */
    constructor(code, message, details = {}) {
        super(message, details.cause === undefined ? undefined : { cause: details.cause });
        this.name = "MCPClientError";
        /** What kind of failure it is. */
        this.code = code;
        /** The refusal, where there is one. */
        this.rejection = details.rejection ?? null;
        /** The JSON-RPC error, where the server sent one. */
        this.rpcError = details.rpcError ?? null;
        /** The HTTP status, where one came. */
        this.status = details.status ?? null;
    }

    /** Why, in the words that server, logs and every client share. */
    get reason() {
        return this.rejection?.reason ?? null;
    }

    /** What to do about it. */
    get remedy() {
        return this.rejection?.remedy ?? null;
    }

    /** @override */
    toString() {
        return this.reason === null ? this.message : `${this.message} [${this.reason}]`;
    }
}

/** Why no answer came. */
export class TransportError extends Error {
    /**
     * @param {"notSent" | "unknown"} progress whether the request may have reached the server
     * @param {string} message
     * @param {{ cause?: unknown }} [details]
     */
    constructor(progress, message, details = {}) {
        super(message, details.cause === undefined ? undefined : { cause: details.cause });
        this.name = "TransportError";
        /** Whether the request may have reached the server. */
        this.progress = progress;
        /** Whether an answer had begun, so that server and page do reach each other. */
        this.isAnswered = false;
        /** Whether the server answers what needs no permission, so that it hides its answers from this page. */
        this.isHidden = false;
        /**
         * Where a stream of events broke.
         * @type {import("./resumption.js").Break | null}
         */
        this.brokeAt = null;
    }
}

/** @returns {MCPClientError} */
export function clientClosed() {
    return new MCPClientError("closed", "the client is closed; make a new one to go on");
}

/** @returns {MCPClientError} */
export function managerClosed() {
    return new MCPClientError("closed", "the token manager is closed; make a new one to go on");
}
