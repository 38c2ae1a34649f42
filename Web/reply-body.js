import { MCPClientError } from "./errors.js";

// The body of an HTTP answer, read in pieces and within a bound.

/**
 * The pieces of a body as they come. Leaving the loop early ends the transfer.
 * @param {Response} response
 * @returns {AsyncGenerator<Uint8Array, void>}
 */
export async function* piecesOf(response) {
    const reader = response.body?.getReader();
    if (!reader) return;
    let isDone = false;
    try {
        for (;;) {
            const { done, value } = await reader.read();
            if (done) {
                isDone = true;
                return;
            }
            yield value;
        }
    } finally {
        if (!isDone) reader.cancel().catch(() => {});
    }
}

/**
 * The whole body.
 * @param {Response} response
 * @param {number} limit bytes
 * @returns {Promise<Uint8Array>}
 * @throws {MCPClientError} of code `replyTooLarge`
 */
export async function wholeBody(response, limit) {
    /** @type {Uint8Array[]} */
    const pieces = [];
    let size = 0;
    for await (const piece of piecesOf(response)) {
        if (piece.length > limit - size) throw replyTooLarge(limit);
        pieces.push(piece);
        size += piece.length;
    }
    return concatenated(pieces, size);
}

/**
 * As much of the body as fits; for what a person will read of an error.
 * @param {Response} response
 * @param {number} limit bytes
 * @returns {Promise<Uint8Array>}
 */
export async function beginningOfBody(response, limit) {
    /** @type {Uint8Array[]} */
    const pieces = [];
    let size = 0;
    try {
        for await (const piece of piecesOf(response)) {
            pieces.push(piece.subarray(0, limit - size));
            size = Math.min(limit, size + piece.length);
            if (size >= limit) break;
        }
    } catch {
        // What has come until now is all there is; the status stands without it.
    }
    return concatenated(pieces, size);
}

/**
 * @param {number} limit
 * @returns {MCPClientError}
 */
export function replyTooLarge(limit) {
    return new MCPClientError("replyTooLarge",
        `the reply has more than ${limit} bytes; raise maximumReplySize if it is meant to`);
}

/** @param {Uint8Array[]} pieces @param {number} size */
function concatenated(pieces, size) {
    const whole = new Uint8Array(size);
    let offset = 0;
    for (const piece of pieces) {
        whole.set(piece, offset);
        offset += piece.length;
    }
    return whole;
}
