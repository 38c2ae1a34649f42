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
 * The server's record in the form that the panel draws, with the secret's letter beside the kid, and between the
 * requests what only the page knows: where its tokens came from.
 *
 * @param {ReplayReport} report
 * @param {string[]} keys
 * @param {readonly ClientRecord[]} own The page's record of the same requests.
 * @returns {ClientRecord[]}
 */
export function recordsOf(report, keys, own) {
    const requests = report.requests.map((request, index) => requestRecord(request, index, keys));
    // Where the two records are not of the same requests, the server's stands alone.
    const isSame = own.filter((record) => record.kind === "request").length === requests.length;
    /** @type {ClientRecord[]} */
    const records = [];
    const ownOrder = isSame ? own : requests;
    let index = 0;
    for (const record of ownOrder) {
        if (record.kind !== "request") {
            records.push(record);
            continue;
        }
        const request = requests[index];
        const event = report.requests[index]?.event_before;
        if (typeof event === "string") records.push({ kind: "note", text: event });
        const { duration = null, startedAt, occasion } = record;
        if (request) records.push({ ...request, duration, startedAt, occasion });
        index++;
    }
    return records;
}

/**
 * @param {any} request
 * @param {number} index
 * @param {string[]} keys
 * @returns {ClientRecord}
 */
function requestRecord(request, index, keys) {
    const letter = letters[keys.indexOf(request.key_fingerprint)];
    return {
        kind: "request", sequence: index + 1, httpMethod: request.http_method, method: request.method ?? "",
        tool: request.tool ?? null, tokenSent: request.token === true,
        token: request.token === true
            ? {
                keyID: [letter && `secret ${letter}`, request.kid ?? "no kid"].filter(Boolean).join(" · "),
                age: request.token_age ?? null, fingerprint: "",
            }
            : null,
        status: request.status ?? null, reason: request.reason ?? null, detail: request.detail ?? null,
    };
}

/** @param {number} index */
export function letterOf(index) {
    return letters[index] ?? "?";
}
