import { parseBearerChallenges } from "./bearer-challenge.js";
import { parseHTTPDate } from "./http-date.js";
import { readRejection, rejectionOf } from "./rejection.js";
import { firstLine, onOneLine } from "./words.js";

/**
 * What an HTTP status outside of 200 to 299 means for a client.
 * @typedef {object} Refusal
 * @property {number} status
 * @property {import("./rejection.js").Rejection | null} rejection the server's, in its own words where it is one of
 *   ours, else by the challenge and the status
 * @property {import("./errors.js").RPCError | null} rpcError
 * @property {{ seconds: number } | { date: number } | null} retryAfter
 * @property {string} excerpt what came, for a person
 * @property {boolean} isFromMCP whether the body or the challenge looks like an MCP server's
 * @property {boolean} hasChallenge
 */

/**
 * @param {{ status: number, headers: { get: (name: string) => string | null } }} response
 * @param {Uint8Array} body as much of it as was read
 * @param {{ token: boolean, session: boolean }} sent whether they went with the request
 * @returns {Refusal}
 */
export function readRefusal({ status, headers }, body, sent) {
    const json = parse(body);
    const rpcError = readRPCError(json?.error);
    const challenge = parseBearerChallenges(headers.get("WWW-Authenticate"))[0] ?? null;
    let rejection = readRejection(rpcError?.data) ?? inferred(status, challenge, sent);
    if (rejection !== null && challenge !== null && challenge.scope.length > 0) {
        rejection = { ...rejection, requiredScope: challenge.scope };
    }
    const type = headers.get("Content-Type");
    const came = body.length === 0 ? "no body" : `${body.length} bytes of ${type ? shown(type) : "no content type"}`;
    return {
        status, rejection, rpcError, retryAfter: readRetryAfter(headers.get("Retry-After")),
        excerpt: rpcError === null ? came : shown(rpcError.message),
        isFromMCP: rpcError !== null || json?.jsonrpc !== undefined || challenge !== null,
        hasChallenge: challenge !== null,
    };
}

/**
 * Reads the error member of a JSON-RPC response.
 * @param {unknown} error
 * @returns {import("./errors.js").RPCError | null}
 */
export function readRPCError(error) {
    if (error === null || typeof error !== "object") return null;
    const { code, message, data } = /** @type {Record<string, unknown>} */ (error);
    return Number.isInteger(code) && typeof message === "string" ? { code: Number(code), message, data } : null;
}

/**
 * How long a server asks to wait, by its own clock.
 * @param {Refusal["retryAfter"]} retryAfter
 * @param {number} serverTime
 * @returns {number | null} seconds
 */
export function waitOf(retryAfter, serverTime) {
    if (retryAfter === null) return null;
    const wait = "seconds" in retryAfter ? retryAfter.seconds : Math.max(0, retryAfter.date - serverTime);
    return Math.min(wait, 1e9);
}

/**
 * A server that is not ours says less. A 401 calls for a refresh where the challenge says `invalid_token` or a token
 * was sent, else for a token.
 * @param {number} status
 * @param {import("./bearer-challenge.js").BearerChallenge | null} challenge
 * @param {{ token: boolean, session: boolean }} sent
 * @returns {import("./rejection.js").Rejection | null}
 */
function inferred(status, challenge, sent) {
    const said = challenge?.errorDescription ? `: ${shown(challenge.errorDescription)}` : "";
    if ((status === 401 || status === 403) && challenge?.error === "insufficient_scope") {
        return rejectionOf("scope_insufficient", `the server wants a wider scope${said}`);
    }
    if (status === 401 && challenge?.error === "invalid_token") {
        return rejectionOf("token_malformed", `the server refused the token (invalid_token)${said}`);
    }
    if (status === 401 && sent.token) {
        return rejectionOf("token_malformed", `the server refused the token without saying why${said}`);
    }
    if (status === 401) return rejectionOf("token_missing", `the server wants a token${said}`);
    if (status === 404 && sent.session) return rejectionOf("session_unknown", "the server does not know the session");
    if (status === 429) return rejectionOf("rate_limited", "the server has had too many requests");
    return null;
}

/** @param {Uint8Array} body @returns {Record<string, unknown> | null} */
function parse(body) {
    try {
        const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
        return json !== null && typeof json === "object" ? json : null;
    } catch {
        return null;
    }
}

/**
 * `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3).
 * @param {string | null} text
 */
function readRetryAfter(text) {
    if (text !== null && /^[ \t]*\d{1,15}[ \t]*$/.test(text)) return { seconds: Number(text) };
    const date = parseHTTPDate(text);
    return date === null ? null : { date };
}

/** @param {string} text */
function shown(text) {
    return onOneLine(firstLine(text), 300);
}
