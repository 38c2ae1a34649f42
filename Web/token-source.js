import { MCPClientError } from "./errors.js";
import { onOneLine, firstLine } from "./words.js";

/**
 * What `getToken` is given.
 * @typedef {object} TokenQuestion
 * @property {import("./token-lifecycle.js").TokenOccasion} occasion why a token is wanted
 * @property {import("./reasons.js").Reason | null} reason the server's reason, where it refused the one in hand
 * @property {readonly string[]} scope the OAuth scope to ask for; empty where nothing in particular is asked
 * @property {number} serverTime the server's time of day as far as it is known, in seconds since 1970
 * @property {string | null} insteadOf the SHA-256 (hexadecimal) of the token that is of no use any more
 * @property {AbortSignal} signal aborted when nobody waits for the answer any more
 */

/**
 * What `getToken` answers: the bare token, alone or with its lifetime in seconds. A token that is no JWT is accepted
 * only with its lifetime: without, nothing would say when it is stale.
 * @typedef {string | { token: string, expiresIn?: number | null, serverDate?: number | null }} TokenAnswer
 */

/**
 * What a source can do besides; all of it may be absent.
 * @typedef {object} GetTokenTraits
 * @property {boolean} [canRefresh] whether asking again at once may bring another token
 * @property {boolean} [canWidenScope] whether it heeds the scope it is asked for
 * @property {string} [resource] what its tokens are for, as far as tabs share them
 * @property {(signal: AbortSignal) => Promise<string>} [signIn] a name for the sign-in that its tokens come of, so that
 *   no tab takes the token of another person; secret to nobody who can read the page
 * @property {() => void} [forgetSignIn] forgets that name, because somebody signed out
 * @property {() => Promise<void>} [signOut] ends the sign-in
 */

/**
 * Where tokens come from. Asked one question at a time, never more than two for one refresh; it need not cache
 * anything, and had better not.
 * @typedef {((question: TokenQuestion) => TokenAnswer | Promise<TokenAnswer>) & GetTokenTraits} GetToken
 */

/**
 * Asks the source.
 * @param {GetToken} getToken
 * @param {import("./token-lifecycle.js").TokenRequest} request
 * @param {AbortSignal} signal
 * @returns {Promise<import("./access-token.js").IssuedToken>}
 * @throws {MCPClientError} of code `tokenSource`, or the source's own where it throws one
 */
export async function askSource(getToken, request, signal) {
    const { occasion, rejection, scope, serverTime, insteadOf } = request;
    try {
        const reason = rejection?.reason ?? null;
        return readAnswer(await getToken({ occasion, reason, scope, serverTime, insteadOf, signal }));
    } catch (error) {
        throw asSourceError(error);
    }
}

/**
 * What a source throws, as a typed error in one line.
 * @param {unknown} error
 * @returns {MCPClientError}
 */
export function asSourceError(error) {
    if (error instanceof MCPClientError) return error;
    const line = onOneLine(firstLine(error instanceof Error ? error.message : error), 300);
    return new MCPClientError("tokenSource", `the token source failed: ${line}`, { cause: error });
}

/** @param {unknown} answer @returns {import("./access-token.js").IssuedToken} */
function readAnswer(answer) {
    if (answer === null || typeof answer !== "object") return { text: String(answer) };
    const { token, expiresIn, serverDate } = /** @type {Record<string, unknown>} */ (answer);
    return { text: token === undefined ? "[object Object]" : String(token), expiresIn: lifetime(expiresIn),
        serverDate: typeof serverDate === "number" && Number.isFinite(serverDate) ? serverDate : null };
}

/**
 * Seconds, as a number or (against RFC 6749, and common) as its text; null for anything else.
 * @param {unknown} value
 * @returns {number | null}
 */
export function lifetime(value) {
    const seconds = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    return typeof seconds === "number" && seconds >= 0 && seconds <= 1e9 ? seconds : null;
}
