import { MCPClientError } from "./errors.js";
import { waitOf } from "./refusal.js";
import { rejectionOf } from "./rejection.js";
import { inWords } from "./words.js";

/** @typedef {import("./refusal.js").Refusal} Refusal */

/**
 * The next step: get a token and send the call again; give up this token and get a new one, after the server's clock
 * was learnt or not; get a token of this scope instead; open a new session, or ask anew of which era the server is;
 * learn its tools again; wait so many seconds; give up.
 * @typedef {{ do: "obtainToken" | "replaceToken" | "adoptClock" | import("./era-legacy.js").Cure }
 *   | { do: "widenScope", scope: readonly string[] }
 *   | { do: "wait", seconds: number }
 *   | { do: "fail", error: MCPClientError }
 * } Step
 */

/**
 * What was sent, and what the client could do.
 * @typedef {object} Circumstances
 * @property {boolean} tokenSent
 * @property {import("./era-legacy.js").Cure | null} cure what the era makes of it
 * @property {boolean} isRepeatable whether it does no harm twice
 * @property {boolean} hasTokens
 * @property {boolean} canWidenScope
 * @property {number} serverTime
 * @property {number} maximumWait seconds
 * @property {number} maximumBusyRetries
 * @property {string} what `tools/call of echo`, for messages
 * @property {string} hint what the way to the server may hide, or empty
 */

/**
 * What a client may still do about refusals of one call: each cure once, patience a few times. A pure table; with it,
 * no call can loop.
 */
export class Recovery {
    #hasObtained = false;
    #hasReplaced = false;
    #hasWidened = false;
    #hasOpened = false;
    #hasLearnt = false;
    #waits = 0;

    /** @param {Refusal} refusal @param {Circumstances} circumstances @returns {Step} */
    step(refusal, circumstances) {
        switch (refusal.status) {
            case 401: return this.#unauthorized(refusal, circumstances);
            case 403: return this.#forbidden(refusal, circumstances);
            case 429: case 503: return this.#busy(refusal, circumstances);
            default:
                return this.#cured(refusal, circumstances)
                    ?? { do: "fail", error: unexpected(refusal, circumstances) };
        }
    }

    /** @param {Refusal} refusal @param {Circumstances} circumstances @returns {Step} */
    #unauthorized(refusal, circumstances) {
        const rejection = refusal.rejection ?? rejectionOf("token_missing", "the server wants a token");
        if (!circumstances.hasTokens) {
            return fail("unauthorized", "needs a token, and this client has no token source", refusal, circumstances);
        }
        if (!circumstances.tokenSent) {
            if (this.#hasObtained) return fail("unauthorized", "was refused", refusal, circumstances);
            this.#hasObtained = true;
            return { do: "obtainToken" };
        }
        if (rejection.remedy === "request_scope") return this.#forbidden(refusal, circumstances);
        if (this.#hasReplaced) {
            return fail("unauthorized", "was refused again with a new token", refusal, circumstances);
        }
        if (rejection.remedy === "refresh" || rejection.remedy === "fix_clock") {
            this.#hasReplaced = true;
            return { do: rejection.remedy === "refresh" ? "replaceToken" : "adoptClock" };
        }
        return fail("unauthorized", "was refused, and no refresh will help: sign in", refusal, circumstances);
    }

    /** @param {Refusal} refusal @param {Circumstances} circumstances @returns {Step} */
    #forbidden(refusal, circumstances) {
        if (refusal.rejection?.reason !== "scope_insufficient") {
            return fail("forbidden", "is forbidden", refusal, circumstances);
        }
        if (!circumstances.canWidenScope || !circumstances.tokenSent) {
            const line = "needs a wider scope, which this token source cannot ask for";
            return fail("forbidden", line, refusal, circumstances);
        }
        if (this.#hasWidened) return fail("forbidden", "was refused again with a wider scope", refusal, circumstances);
        this.#hasWidened = true;
        return { do: "widenScope", scope: refusal.rejection.requiredScope };
    }

    /** @param {Refusal} refusal @param {Circumstances} circumstances @returns {Step | null} */
    #cured(refusal, circumstances) {
        const { cure } = circumstances;
        if (cure === null) return null;
        const wasTried = cure === "learnTools" ? this.#hasLearnt : this.#hasOpened;
        if (wasTried) {
            return cure === "openSession"
                ? fail("sessionLost", "lost its session, and the new one too", refusal, circumstances) : null;
        }
        if (cure === "learnTools") this.#hasLearnt = true;
        else this.#hasOpened = true;
        return { do: cure };
    }

    /** @param {Refusal} refusal @param {Circumstances} circumstances @returns {Step} */
    #busy(refusal, circumstances) {
        if (!circumstances.isRepeatable && !showsThatNothingRan(refusal)) {
            return fail("outcomeUnknown", `was answered with HTTP ${refusal.status}; nobody knows whether it ran, so `
                + "it was not sent again (look before you repeat it)", refusal, circumstances);
        }
        const seconds = waitOf(refusal.retryAfter, circumstances.serverTime) ?? 2 ** Math.min(this.#waits, 4);
        if (seconds > circumstances.maximumWait) {
            return fail("busy", `must wait ${inWords(seconds)}, longer than is allowed here`, refusal, circumstances);
        }
        if (this.#waits >= circumstances.maximumBusyRetries) {
            return fail("busy", `found the server busy ${this.#waits + 1} times`, refusal, circumstances);
        }
        this.#waits += 1;
        return { do: "wait", seconds };
    }
}

/**
 * Whether a busy server turned the request away before anything came of it: it says when to come again, or why. A bare
 * 503 may be a gateway's that lost the server in the middle of the work.
 * @param {Refusal} refusal
 */
function showsThatNothingRan({ status, retryAfter, rejection }) {
    return status === 429 || retryAfter !== null || rejection?.reason === "rate_limited"
        || rejection?.reason === "issuer_unavailable";
}

/** @param {Refusal} refusal @param {Circumstances} circumstances */
function unexpected(refusal, circumstances) {
    const { status } = refusal;
    if (status >= 300 && status < 400) {
        return errorOf("protocolViolation",
            `was redirected (HTTP ${status}); redirects are not followed: use the final URL`, refusal, circumstances);
    }
    // No session was named, so none was lost: nobody is at home under that path.
    if (status === 404 && refusal.rpcError === null) {
        return errorOf("protocolViolation", "was answered with HTTP 404; no MCP server is at that path: check the URL",
            { ...refusal, rejection: null }, circumstances);
    }
    if (refusal.rpcError !== null) return errorOf("serverError", "failed", refusal, circumstances);
    const hint = refusal.isFromMCP ? "" : "; something other than an MCP server seems to answer: check the URL";
    return errorOf("protocolViolation", `was answered with HTTP ${status}${hint}`, refusal, circumstances);
}

/**
 * @param {import("./errors.js").ErrorCode} code
 * @param {string} what
 * @param {Refusal} refusal
 * @param {Circumstances} circumstances
 * @returns {Step}
 */
function fail(code, what, refusal, circumstances) {
    return { do: "fail", error: errorOf(code, what, refusal, circumstances) };
}

/**
 * @param {import("./errors.js").ErrorCode} code
 * @param {string} what
 * @param {Refusal} refusal
 * @param {Circumstances} circumstances
 */
function errorOf(code, what, { rejection, rpcError, status, excerpt }, circumstances) {
    const hint = circumstances.hint === "" ? "" : `; ${circumstances.hint}`;
    return new MCPClientError(code, `${circumstances.what} ${what}: ${rejection?.detail ?? excerpt}${hint}`,
        { rejection, rpcError, status });
}
