import { maximumTokenLength, readCompactToken } from "./compact-token.js";
import { MCPClientError } from "./errors.js";
import { rejectionOf } from "./rejection.js";
import { sha256 } from "./sha256.js";

/**
 * A token as a source delivers it, not yet judged.
 * @typedef {object} IssuedToken
 * @property {string} text
 * @property {number | null} [expiresIn] how long it lives from now on, in seconds, by the issuer's word
 * @property {number | null} [serverDate] the issuer's time of day, where it told it, in seconds since 1970
 */

/** A token in the client's hands: its text, and what it says of itself. */
export class AccessToken {
    #text;

    /**
     * Reads what a source delivered. White space around it is ignored.
     * @param {IssuedToken} issued
     * @param {number} now this machine's time of day, in seconds since 1970
     * @throws {MCPClientError} of code `tokenSource`, which says what came instead of a token without quoting it
     */
    constructor(issued, now) {
        const text = trimmed(issued.text);
        const expiresIn = issued.expiresIn ?? null;
        const problem = obviousProblem(text);
        if (problem !== null) throw refused(problem);
        let token = null;
        try {
            token = readCompactToken(text);
        } catch (error) {
            if (expiresIn === null || !isOpaqueToken(text)) throw refused(/** @type {Error} */ (error).message);
        }
        this.#text = text;
        /** `kid`, where the token is a JWT that names one. */
        this.keyID = token?.keyID ?? null;
        this.issuedAt = token?.issuedAt ?? null;
        this.expiration = token?.expiration ?? null;
        this.notBefore = token?.notBefore ?? null;
        /** When the source delivered it, by this machine's clock. */
        this.receivedAt = now;
        /** When it ends by the source's word, by this machine's clock. */
        this.endsAt = expiresIn === null ? null : now + expiresIn;
        this.isOpaque = token === null;
        /** The SHA-256 of the token: recognises it, and does not give it away. */
        this.digest = sha256(text);
    }

    /** The token itself. */
    get text() {
        return this.#text;
    }

    /** The first eight hexadecimal digits of its SHA-256, for records and logs. */
    get fingerprint() {
        return this.digest.slice(0, 8);
    }

    toString() {
        return `AccessToken(${this.fingerprint}, kid: ${this.keyID ?? "none"})`;
    }

    /** What JSON shows of it: never the token. */
    toJSON() {
        return { fingerprint: this.fingerprint, keyID: this.keyID };
    }
}

/** @param {string} problem */
function refused(problem) {
    return new MCPClientError("tokenSource", `the token source did not deliver a token: ${problem}`, {
        rejection: rejectionOf("token_malformed", problem),
    });
}

/** @param {string} text */
function trimmed(text) {
    const isSpace = (/** @type {string} */ character) => /[\s\u0085]/.test(character);
    let [start, end] = [0, text.length];
    while (start < end && isSpace(text.charAt(start))) start += 1;
    while (end > start && isSpace(text.charAt(end - 1))) end -= 1;
    return text.slice(start, end);
}

const emptyWords = ["undefined", "null", "nil", "none", "false", "true", "nan", "[object object]"];

/**
 * The mistakes that are made in practice, each by its name.
 * @param {string} text
 * @returns {string | null}
 */
function obviousProblem(text) {
    if (text === "") return "nothing came";
    const lowered = text.slice(0, 16).toLowerCase();
    if (emptyWords.includes(lowered)) {
        return `the word "${lowered}" came, so a variable was empty where the token is made`;
    }
    if (lowered.startsWith("bearer")) {
        return '"Bearer" came before it; deliver the bare token, the client writes the header';
    }
    if (lowered.startsWith("authorization")) return "a whole Authorization header came; deliver the bare token";
    if (/^[{[]/.test(text)) return "JSON came; deliver the token alone";
    if (/^["']/.test(text)) return "it came in quotation marks; deliver the bare token";
    if (text.startsWith("<")) return "HTML or XML came, so another program answered";
    if (/[\s\u0085]/.test(text)) return "more than one word came; deliver the token alone";
    return null;
}

/**
 * `b64token` of RFC 6750 §2.1, within the bound of every reader of tokens.
 * @param {string} text
 */
function isOpaqueToken(text) {
    return text.length <= maximumTokenLength && /^[A-Za-z0-9\-._~+/]+=*$/.test(text);
}
