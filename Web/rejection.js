import { isReason, reasons } from "./reasons.js";
import { onOneLine } from "./words.js";

/**
 * A refusal: a stable reason, and one line that a person understands.
 * @typedef {object} Rejection
 * @property {import("./reasons.js").Reason} reason
 * @property {import("./reasons.js").Remedy} remedy
 * @property {string} detail
 * @property {readonly string[]} requiredScope the scope that would be enough, for `scope_insufficient`
 * @property {string | null} requestId the server's id of the request, under which its log and audit hold it
 */

/**
 * @param {import("./reasons.js").Reason} reason
 * @param {string} detail
 * @param {{ requiredScope?: readonly string[], requestId?: string | null }} [more]
 * @returns {Readonly<Rejection>}
 */
export function rejectionOf(reason, detail, more = {}) {
    return Object.freeze({
        reason, remedy: reasons[reason].remedy, detail, requiredScope: Object.freeze([...(more.requiredScope ?? [])]),
        requestId: more.requestId ?? null,
    });
}

/**
 * Reads a refusal from a JSON-RPC error's `data` or from `structuredContent`; null where that is not one of ours. The
 * detail is made fit to be shown, since it is the word of another party.
 * @param {unknown} data
 * @returns {Readonly<Rejection> | null}
 */
export function readRejection(data) {
    if (data === null || typeof data !== "object") return null;
    const { reason, detail, requestId } = /** @type {Record<string, unknown>} */ (data);
    if (!isReason(reason)) return null;
    return rejectionOf(reason, typeof detail === "string" ? onOneLine(detail) : "", {
        requestId: typeof requestId === "string" ? onOneLine(requestId, 128) : null,
    });
}
