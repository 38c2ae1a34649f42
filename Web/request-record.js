import { inWords } from "./words.js";

/**
 * Why the request was sent at all.
 * @typedef {"first" | "challenged" | "retry_after_refresh" | "retry_after_clock" | "retry_after_step_up" |
 *   "replay_after_new_session" | "retry_after_wait" | "retry_after_broken_connection" | "retry_with_headers" |
 *   "resumed"} RequestOccasion
 */

/**
 * What is known of a token: its `kid`, how old it is in seconds by its `iat` and the server's clock, and the first
 * eight hexadecimal digits of its SHA-256.
 * @typedef {{ keyID: string | null, age: number | null, fingerprint: string }} RecordToken
 */

/**
 * What became of one HTTP request of a client. Logs, panels and tests read this one record. It names the token by a
 * fingerprint, never by itself.
 * @typedef {object} RequestRecord
 * @property {"request"} kind
 * @property {number} sequence 1 for the client's first request, without gaps
 * @property {string} httpMethod
 * @property {string} method the JSON-RPC method; empty for `GET`, `DELETE` and answers
 * @property {"legacy" | "modern"} era in whose way it was sent
 * @property {string | null} tool the tool, for `tools/call`
 * @property {RecordToken | null} token the token that went with it; null where none did
 * @property {boolean} tokenSent
 * @property {boolean} sessionSent whether the request named a session
 * @property {RequestOccasion} occasion
 * @property {number} attempt 1 for the first try of a call, 2 for the next
 * @property {number} startedAt milliseconds since 1970, by this machine's clock
 * @property {number} duration milliseconds
 * @property {number | null} status the HTTP status; null where no answer came
 * @property {import("./reasons.js").Reason | null} reason why the server refused, if it did and said so
 * @property {import("./reasons.js").Remedy | null} remedy
 * @property {string | null} detail the server's line about it
 * @property {string | null} failure what went wrong other than by a refusal, in one line
 * @property {string | null} requestId the server's id of the request
 */

/**
 * What became of one question to the token source.
 * @typedef {object} TokenRecord
 * @property {"token"} kind
 * @property {import("./token-lifecycle.js").TokenOccasion} occasion
 * @property {number} startedAt milliseconds since 1970
 * @property {number} duration milliseconds
 * @property {RecordToken | null} token
 * @property {string | null} failure
 * @property {boolean} shared whether it came from another tab
 */

/**
 * @param {import("./access-token.js").AccessToken | null} token
 * @param {number} serverTime
 * @returns {RecordToken | null}
 */
export function tokenRecord(token, serverTime) {
    if (token === null) return null;
    return Object.freeze({
        keyID: token.keyID, age: token.issuedAt === null ? null : serverTime - token.issuedAt,
        fingerprint: token.fingerprint,
    });
}

/**
 * One line: `#3 tools/call echo, token 1a2b3c4d kid k1 age 4 s, 401 key_retired first`.
 * @param {RequestRecord | TokenRecord} record
 * @returns {string}
 */
export function describeRecord(record) {
    const token = record.token === null ? "no token" : tokenInWords(record.token);
    if (record.kind === "token") {
        const from = record.shared ? "from another tab" : "from the source";
        return `token (${record.occasion}) ${from}: ${record.failure ?? token}`;
    }
    const name = [record.method === "" ? record.httpMethod : record.method, record.tool].filter(Boolean).join(" ");
    const outcome = [record.status ?? "no answer", record.reason, record.failure && `(${record.failure})`];
    return `#${record.sequence} ${name}, ${token}, ${outcome.filter(Boolean).join(" ")} ${record.occasion}`;
}

/** @param {RecordToken} token */
function tokenInWords({ keyID, age, fingerprint }) {
    return `token ${fingerprint}${keyID === null ? "" : ` kid ${keyID}`}${age === null ? "" : ` age ${inWords(age)}`}`;
}
