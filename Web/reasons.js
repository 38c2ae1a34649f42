// Why a request was refused, in the words that server, logs, documentation and every client share.

/**
 * @typedef {"refresh" | "sign_in" | "request_scope" | "fix_clock" | "reinitialize" | "wait" | "none"} Remedy
 * What a client should do about a refusal.
 */

/**
 * @typedef {object} ReasonEntry
 * @property {number} status the HTTP status of the refusal, where it is refused over HTTP
 * @property {Remedy} remedy
 * @property {string} sentence for the person at the screen
 */

/** Every reason, with its status, its remedy and a sentence for the person at the screen. */
export const reasons = Object.freeze({
    token_missing: entry(401, "sign_in", "You are not signed in. Sign in to use this."),
    token_malformed: entry(401, "refresh",
        "The server could not read this page's pass. A new one is fetched; if it stays, reload the page."),
    algorithm_not_allowed: entry(401, "refresh",
        "This page's pass was signed in a way that the server does not accept. A new one is fetched."),
    key_unknown: entry(401, "refresh",
        "This page's pass was signed with a key that the server does not know, perhaps of another environment."),
    key_retired: entry(401, "refresh",
        "This page's pass was signed with a key that has been replaced since. A new one is fetched by itself."),
    signature_invalid: entry(401, "refresh",
        "The signature of this page's pass does not fit: sign-in and server hold different keys. Tell the operator."),
    token_expired: entry(401, "refresh", "This page's pass has expired. A new one is fetched by itself."),
    token_not_yet_valid: entry(401, "refresh",
        "This page's pass is meant for later. Something is wrong with the clock of the sign-in; tell the operator."),
    token_too_old: entry(401, "refresh", "This page's pass is older than the server allows. A new one is fetched."),
    clock_skew: entry(401, "fix_clock", "Two clocks disagree. Check the date and time of this device."),
    issuer_unknown: entry(401, "sign_in", "The server does not know the sign-in that you used. Sign in again."),
    audience_mismatch: entry(401, "sign_in", "You are signed in for another service. Sign in to this one."),
    claim_missing: entry(401, "sign_in",
        "What you signed in with does not say who you are in the way this server needs. Sign in again."),
    token_revoked: entry(401, "sign_in", "Your sign-in was ended by the operator or from elsewhere. Sign in again."),
    scope_insufficient: entry(403, "request_scope",
        "Your sign-in does not cover this yet. More access has to be granted."),
    tool_forbidden: entry(403, "none", "You may not use this tool. Ask the operator if you need it."),
    argument_forbidden: entry(403, "none", "You may use this tool, but not with what was asked for."),
    session_unknown: entry(404, "reinitialize",
        "The server does not remember this session, perhaps after a restart. A new one is opened by itself."),
    session_subject_mismatch: entry(404, "reinitialize",
        "This session belongs to another person. A new one is opened."),
    origin_forbidden: entry(403, "none",
        "The server does not allow this web site. Its operator has to add the site to allowedOrigins."),
    host_forbidden: entry(403, "none",
        "The server does not know itself by this address. Its operator has to allow it."),
    rate_limited: entry(429, "wait", "Too many refused attempts. Wait a little, then try again."),
    issuer_unavailable: entry(503, "wait",
        "The sign-in service does not answer, so nobody can tell who you are. Wait a little, then try again."),
});

/** @typedef {keyof typeof reasons} Reason */

/**
 * @param {number} status
 * @param {Remedy} remedy
 * @param {string} sentence
 * @returns {Readonly<ReasonEntry>}
 */
function entry(status, remedy, sentence) {
    return Object.freeze({ status, remedy, sentence });
}

/**
 * Whether a text from outside is one of the reasons.
 * @param {unknown} name
 * @returns {name is Reason}
 */
export function isReason(name) {
    return typeof name === "string" && Object.prototype.hasOwnProperty.call(reasons, name);
}

/**
 * What the person at the screen should read of a reason.
 * @param {string | null | undefined} reason
 * @returns {string}
 */
export function reasonSentence(reason) {
    return isReason(reason) ? reasons[reason].sentence : "Something went wrong that has no name yet. Try again.";
}

/**
 * Where the documentation speaks of a reason.
 * @param {string} reason
 * @param {string} [base] where the documentation lies
 * @returns {string}
 */
export function reasonLink(reason, base = "docs/troubleshooting.md") {
    return isReason(reason) ? `${base}#${reason}` : base;
}

/**
 * Whether the refusal is of the key, so that every other token which that key signed would be refused too.
 * @param {Reason} reason
 * @returns {boolean}
 */
export function blamesTheKey(reason) {
    return reason === "key_retired" || reason === "key_unknown" || reason === "signature_invalid";
}

/**
 * Whether a verified principal was told no in a way that no new token could change.
 * @param {Reason} reason
 * @returns {boolean}
 */
export function isFinalDenial(reason) {
    return reason === "tool_forbidden" || reason === "argument_forbidden";
}
