import { ageWords, durationWords, occasionWords, shown } from "./words.js";
import { withoutTokens } from "../words.js";

/** @typedef {import("./client-element.js").ClientRecord} ClientRecord */

/**
 * How an answer is to be taken: `good`, `bad` (refused, failed), `warn` (refused in band), `none` (no answer).
 *
 * @param {ClientRecord} record
 * @returns {"good" | "bad" | "warn" | "none"}
 */
export function outcome(record) {
    if (record.kind === "note") return "none";
    if (record.kind === "token") return record.failure ? "bad" : "good";
    if (record.status === null || record.status === undefined) return record.failure ? "bad" : "none";
    if (record.status >= 400) return "bad";
    return record.reason || record.failure ? "warn" : "good";
}

/**
 * @param {ClientRecord} record
 * @returns {string} `tools/call`, `initialize`, `DELETE`
 */
export function methodWords(record) {
    if (record.method) return shown(record.method, 80);
    if (record.httpMethod === "POST") return "answer";
    return shown(record.httpMethod ?? "request", 20);
}

/**
 * @param {ClientRecord} record
 * @param {boolean} [isShort] Without the fingerprint.
 * @returns {string} `own-1 · 4 s · 1a2b3c4d`, or `no token`
 */
export function tokenWords(record, isShort = false) {
    const token = record.token;
    if (!token) return record.tokenSent ? "a token" : "no token";
    const parts = [token.keyID ? shown(token.keyID, 40) : "no kid", ageWords(token.age)];
    if (!isShort) parts.push(shown(token.fingerprint ?? "", 16));
    return parts.filter((part) => part !== "").join(" · ");
}

/**
 * @param {ClientRecord} record
 * @returns {string} `200`, `401 key_retired`, `no answer`
 */
export function answerWords(record) {
    if (record.kind === "token") {
        return record.failure ? withoutTokens(shown(record.failure, 200)) : tokenWords(record);
    }
    if (record.status === null || record.status === undefined) {
        return record.failure ? `no answer: ${withoutTokens(shown(record.failure, 200))}` : "no answer";
    }
    return record.reason ? `${record.status} ${shown(record.reason, 60)}` : String(record.status);
}

/**
 * The whole record as a sentence, for who cannot see the diagram.
 *
 * @param {ClientRecord} record
 * @returns {string}
 */
export function recordSentence(record) {
    if (record.kind === "note") return shown(record.text ?? "");
    const took = durationWords(record.duration);
    if (record.kind === "token") {
        const elsewhere = record.text ? shown(record.text, 60) : record.shared ? "taken over from another tab" : "";
        const whence = `Token ${elsewhere || "fetched"}`;
        const why = record.occasion ? `, ${occasionWords(record.occasion)}` : "";
        return `${whence}${why}: ${answerWords(record)}${took ? `, ${took}` : ""}`;
    }
    const what = record.tool ? `${methodWords(record)} ${shown(record.tool, 80)}` : methodWords(record);
    const bare = record.tokenSent ? "with a token" : "without a token";
    const token = record.token ? `with token ${tokenWords(record)}` : bare;
    const again = record.occasion && record.occasion !== "first" ? `, sent ${occasionWords(record.occasion)}` : "";
    return `${what}, ${token}${again}. Answer: ${answerWords(record)}${took ? `, ${took}` : ""}`;
}

/**
 * What a filter is compared with.
 *
 * @param {ClientRecord} record
 * @returns {string}
 */
export function searchText(record) {
    return [
        record.kind, record.httpMethod, record.method, record.tool, record.status, record.reason, record.remedy,
        record.token?.keyID, record.token?.fingerprint, record.occasion, record.failure, record.text,
        record.tokenSent === false ? "no token" : "",
    ].filter((part) => part !== null && part !== undefined).join(" ").toLowerCase();
}

const exported = /** @type {const} */ ([
    "kind", "sequence", "httpMethod", "method", "tool", "tokenSent", "sessionSent", "occasion", "attempt", "startedAt",
    "duration", "status", "reason", "remedy", "detail", "failure", "requestId", "shared", "text", "era",
]);

/**
 * A record as it may leave the page: known members only, and nothing in them that looks like a token.
 *
 * @param {ClientRecord} record
 * @returns {Record<string, unknown>}
 */
export function redacted(record) {
    /** @type {Record<string, unknown>} */
    const copy = {};
    for (const member of exported) {
        const value = record[member];
        if (value === undefined) continue;
        copy[member] = typeof value === "string" ? withoutTokens(value) : value;
    }
    if (record.token !== undefined) {
        const { keyID = null, age = null, fingerprint = "" } = record.token ?? {};
        copy.token = record.token && {
            keyID: keyID === null ? null : withoutTokens(String(keyID)), age,
            fingerprint: String(fingerprint).slice(0, 16),
        };
    }
    return copy;
}
