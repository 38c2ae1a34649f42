/**
 * One light for a person.
 * @typedef {"idle" | "initializing" | "ready" | "refreshing" | "signed-out" | "failed" | "closed"} ClientState
 */

/**
 * What the light shows: the state, and for `failed` and `signed-out` why, by the stable reason where there is one, and
 * in one line.
 * @typedef {{ state: ClientState, reason: import("./reasons.js").Reason | null, message: string | null }} ClientLight
 */

/**
 * Puts together what is known of session, token and last failure.
 * @param {object} facts
 * @param {boolean} facts.isClosed
 * @param {boolean} facts.isOpening whether a handshake is under way
 * @param {boolean} facts.isOpen whether a session is open
 * @param {import("./token-lifecycle.js").TokenState | null} facts.token
 * @param {import("./errors.js").MCPClientError | null} facts.failure the last failure that no success followed
 * @returns {ClientLight}
 */
export function clientLight({ isClosed, isOpening, isOpen, token, failure }) {
    if (isClosed) return { state: "closed", reason: null, message: null };
    if (isOpening) return { state: "initializing", reason: null, message: null };
    if (token?.name === "initializing" || token?.name === "refreshing") {
        return { state: token.name, reason: null, message: null };
    }
    if (token?.name === "failed") {
        const { reason = null, message = null } = token;
        return { state: reason === "token_missing" ? "signed-out" : "failed", reason, message };
    }
    if (failure !== null) return { state: "failed", reason: failure.reason, message: failure.message };
    return { state: isOpen ? "ready" : "idle", reason: null, message: null };
}

/**
 * Whether two lights show the same.
 * @param {ClientLight} one
 * @param {ClientLight} other
 * @returns {boolean}
 */
export function isSameLight(one, other) {
    return one.state === other.state && one.reason === other.reason && one.message === other.message;
}
