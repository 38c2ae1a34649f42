import { decodeBase64URL } from "./base64url.js";

// What a JWT in compact serialization (RFC 7515 §7.1) says of itself. Nothing is verified: a client reads the age and
// the key of its own tokens.

/** The longest token that is looked at, in bytes. */
export const maximumTokenLength = 16 * 1024;

/**
 * @typedef {object} CompactToken
 * @property {string | null} keyID `kid`, where it names one
 * @property {number | null} issuedAt `iat`, in seconds since 1970
 * @property {number | null} expiration `exp`
 * @property {number | null} notBefore `nbf`
 */

/**
 * Reads a token.
 * @param {string} text
 * @returns {CompactToken}
 * @throws {Error} with a line that says what is wrong in which part, and does not quote it
 */
export function readCompactToken(text) {
    const length = new TextEncoder().encode(text).length;
    if (length > maximumTokenLength) {
        throw new Error(`the token has ${length} bytes; at most ${maximumTokenLength} are accepted`);
    }
    const parts = text.split(".");
    if (parts.length !== 3) throw new Error(`a token has three parts divided by dots; this has ${parts.length}`);
    const header = readPart(parts[0], "header");
    const claims = readPart(parts[1], "payload");
    if (decodeBase64URL(parts[2] ?? "") === null) throw new Error("the signature is not base64url without padding");
    return {
        keyID: typeof header.kid === "string" ? header.kid : null,
        issuedAt: date(claims.iat), expiration: date(claims.exp), notBefore: date(claims.nbf),
    };
}

/**
 * @param {string | undefined} part
 * @param {string} name
 * @returns {Record<string, unknown>}
 */
function readPart(part, name) {
    const bytes = decodeBase64URL(part ?? "");
    if (bytes === null) throw new Error(`the ${name} is not base64url without padding`);
    let value;
    try {
        value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    } catch {
        // The parser's own error would quote what the token says.
        throw new Error(`the ${name} is not acceptable JSON`);
    }
    if (value === null || typeof value !== "object" || Array.isArray(value)) {
        throw new Error(`the ${name} is JSON, but not an object`);
    }
    return value;
}

/** @param {unknown} claim */
function date(claim) {
    return typeof claim === "number" && Number.isFinite(claim) ? claim : null;
}
