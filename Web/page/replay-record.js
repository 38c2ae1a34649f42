import { readCompactToken } from "../compact-token.js";
import { sha256 } from "../sha256.js";

/** @typedef {import("../devtools/client-element.js").ClientRecord} ClientRecord */

/**
 * One part of the replay as the server recorded it: the same JSON as a part of `vestibule demo --json`.
 *
 * @typedef {object} ReplayReport
 * @property {any[]} requests
 * @property {string[]} [keys] Fingerprints of the secrets, in the order in which they signed.
 * @property {{ name: string, holds: boolean, evidence: string }[]} [criteria]
 * @property {string | null} [failure]
 */

/** The secrets' names, as the heading introduces them. */
const letters = ["A", "B", "C"];

/**
 * @param {string} token
 * @returns {{ keyID: string | null, age: number | null, fingerprint: string }} What may be shown of it.
 */
export function tokenFacts(token) {
    const fingerprint = sha256(token).slice(0, 8);
    try {
        const { keyID, issuedAt } = readCompactToken(token);
        return { keyID, age: issuedAt === null ? null : Date.now() / 1000 - issuedAt, fingerprint };
    } catch {
        return { keyID: null, age: null, fingerprint };
    }
}

/**
 * @param {string} text The body of a refusal.
 * @returns {string | null}
 */
export function reasonIn(text) {
    try {
        const reason = JSON.parse(text)?.error?.data?.reason;
        return typeof reason === "string" ? reason : null;
    } catch {
        return null;
    }
}

/**
 * The server's record in the form that the panel draws, with the secret's letter beside the kid.
 *
 * @param {ReplayReport} report
 * @param {string[]} keys
 * @returns {ClientRecord[]}
 */
export function recordsOf(report, keys) {
    /** @type {ClientRecord[]} */
    const records = [];
    report.requests.forEach((request, index) => {
        if (typeof request.event_before === "string") records.push({ kind: "note", text: request.event_before });
        const letter = letters[keys.indexOf(request.key_fingerprint)];
        records.push({
            kind: "request", sequence: index + 1, httpMethod: request.http_method, method: request.method ?? "",
            tool: request.tool ?? null, tokenSent: request.token === true,
            token: request.token === true
                ? { keyID: [request.kid ?? "no kid", letter && `secret ${letter}`].filter(Boolean).join(" · "), age: request.token_age ?? null, fingerprint: "" }
                : null,
            status: request.status ?? null, reason: request.reason ?? null, detail: request.detail ?? null,
        });
    });
    return records;
}

/** @param {number} index */
export function letterOf(index) {
    return letters[index] ?? "?";
}
