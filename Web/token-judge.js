import { blamesTheKey } from "./reasons.js";
import { rejectionOf } from "./rejection.js";
import { inWords } from "./words.js";

/** @typedef {import("./rejection.js").Rejection} Rejection */

/**
 * @typedef {object} TokenRules
 * @property {number | null} maximumAge how old a token may be by its `iat` (by its arrival where it names none), in
 *   seconds; null for any age
 * @property {number} margin how long before its `exp` a token is renewed, in seconds; a tenth of its lifetime if less
 * @property {number} leeway how far `nbf` and `iat` may lie ahead of the server's clock, in seconds
 * @property {number} refusedKeyMemory how long tokens that name a refused key are not even sent, in seconds
 */

/**
 * When a token counts as fresh, unless it is said otherwise.
 * @type {Readonly<TokenRules>}
 */
export const defaultTokenRules = Object.freeze({ maximumAge: 300, margin: 30, leeway: 5, refusedKeyMemory: 60 });

/**
 * What is remembered of a token that the server refused; the token itself is forgotten.
 * @typedef {object} RefusedToken
 * @property {string} digest
 * @property {string | null} keyID
 * @property {number | null} issuedAt
 */

/**
 * The refusal of a token: why, when, and whether it still speaks against other tokens that name this key.
 * @typedef {RefusedToken & { rejection: Rejection, at: number, blamesKey: boolean }} KnownRefusal
 */

/**
 * What stands against a token: by its own claims it must not be sent, or the server refused it or its key.
 * @typedef {{ isRefused: boolean, sameToken: boolean, rejection: Rejection }} Objection
 */

/** How many refusals are remembered; the oldest is forgotten first. */
const maximumRefusals = 32;

/** Judges tokens: by the rules, the server's clock and what the server refused. */
export class TokenJudge {
    #rules;
    /** @type {KnownRefusal[]} */
    #refusals = [];
    /** @type {number | null} */
    #serverOffset = null;
    #offsetIsHearsay = false;

    /** @param {TokenRules} rules */
    constructor(rules) {
        this.#rules = rules;
    }

    /** How far the server's clock is ahead of this machine's, in seconds; null until it is known. */
    get serverOffset() {
        return this.#serverOffset;
    }

    /** @param {number} now */
    serverTime(now) {
        return now + (this.#serverOffset ?? 0);
    }

    /**
     * Learns the server's clock from a `Date` header, which counts whole seconds and spent some time on its way: a
     * difference that this explains is none.
     * @param {number} serverDate
     * @param {number} now
     * @param {boolean} [isHearsay] whether another server told it; it counts until our own tells
     */
    learn(serverDate, now, isHearsay = false) {
        if (isHearsay && this.#serverOffset !== null && !this.#offsetIsHearsay) return;
        const difference = serverDate - now;
        this.#serverOffset = difference > -2 && difference < 1 ? 0 : difference + 0.5;
        this.#offsetIsHearsay = isHearsay;
    }

    /**
     * This machine's clock was set, by so many seconds.
     * @param {number} by
     */
    clockWasSet(by) {
        if (this.#serverOffset !== null) this.#serverOffset -= by;
    }

    /**
     * @param {RefusedToken} token
     * @param {Rejection} rejection
     * @param {number} now
     */
    remember(token, rejection, now) {
        const { digest, keyID, issuedAt } = token;
        this.#refusals = this.#refusals.filter((refusal) => refusal.digest !== digest).slice(1 - maximumRefusals);
        this.#refusals.push({ digest, keyID, issuedAt, rejection, at: now, blamesKey: blamesTheKey(rejection.reason) });
    }

    /**
     * Learns that the server took a token: whatever it refused before under that `kid` was another key.
     * @param {string | null} keyID
     */
    clear(keyID) {
        if (keyID === null) return;
        for (const refusal of this.#refusals) if (refusal.keyID === keyID) refusal.blamesKey = false;
    }

    /**
     * What stands against sending the token; null for nothing.
     * @param {import("./access-token.js").AccessToken} token
     * @param {number} now
     * @param {boolean} [isNew] whether it was delivered this moment. Its `exp` then counts without the margin: a source
     *   whose tokens are short-lived is still better than none
     * @returns {Objection | null}
     */
    objection(token, now, isNew = false) {
        const refusal = this.#refusalOf(token, now);
        if (refusal !== null) return refusal;
        const rejection = this.#staleness(token, now, isNew);
        return rejection === null ? null : { isRefused: false, sameToken: false, rejection };
    }

    /**
     * @param {import("./access-token.js").AccessToken} token
     * @param {number} now
     * @returns {Objection | null}
     */
    #refusalOf(token, now) {
        const same = this.#refusals.find((refusal) => refusal.digest === token.digest);
        if (same) return { isRefused: true, sameToken: true, rejection: same.rejection };
        if (token.keyID === null) return null;
        const blamed = this.#refusals.filter(
            (refusal) => refusal.blamesKey && refusal.keyID === token.keyID
                && now - refusal.at < this.#rules.refusedKeyMemory);
        const last = blamed.at(-1);
        if (!last) return null;
        // A secret may have changed under its `kid`, and nothing but the server can tell. So one newer token of that
        // name is tried; where it is refused as well, the key is what is wrong.
        const isOlder = token.issuedAt !== null && last.issuedAt !== null && token.issuedAt < last.issuedAt;
        if (blamed.length === 1 && !isOlder) return null;
        return { isRefused: true, sameToken: false, rejection: last.rejection };
    }

    /**
     * @param {import("./access-token.js").AccessToken} token
     * @param {number} now
     * @param {boolean} isNew
     */
    #staleness(token, now, isNew) {
        const serverNow = this.serverTime(now);
        return this.#prematurity(token, serverNow) ?? this.#expiry(token, now, serverNow, isNew)
            ?? this.#excessOfAge(token, now, serverNow);
    }

    /**
     * @param {import("./access-token.js").AccessToken} token
     * @param {number} serverNow
     */
    #prematurity(token, serverNow) {
        const start = token.notBefore ?? token.issuedAt;
        const { leeway } = this.#rules;
        if (start !== null && start - serverNow > leeway) {
            const ahead = inWords(start - serverNow);
            // An hour divides two clocks that disagree from a token that is meant for later, as on the server.
            return start - serverNow < 3600
                ? rejectionOf("clock_skew",
                    `the token begins ${ahead} ahead of the server's clock; correct the issuer's clock`)
                : rejectionOf("token_not_yet_valid", `the token begins ${ahead} from now`);
        }
        if (token.issuedAt !== null && token.issuedAt - serverNow > leeway) {
            const ahead = inWords(token.issuedAt - serverNow);
            return rejectionOf("clock_skew",
                `the token was issued ${ahead} ahead of the server's clock; correct the issuer's clock`);
        }
        return null;
    }

    /**
     * @param {import("./access-token.js").AccessToken} token
     * @param {number} now
     * @param {number} serverNow
     * @param {boolean} isNew
     */
    #expiry(token, now, serverNow, isNew) {
        const begin = token.issuedAt ?? token.receivedAt;
        const late = this.#overdue(token.expiration, begin, serverNow, isNew)
            ?? this.#overdue(token.endsAt, token.receivedAt, now, isNew);
        return late === null ? null : rejectionOf("token_expired", late);
    }

    /**
     * @param {number | null} end
     * @param {number} start
     * @param {number} now
     * @param {boolean} isNew
     */
    #overdue(end, start, now, isNew) {
        if (end === null) return null;
        const left = end - now;
        if (left <= 0) return `the token expired ${inWords(-left)} ago`;
        const margin = isNew ? 0 : Math.min(this.#rules.margin, Math.max(0, (end - start) / 10));
        return left <= margin ? `the token expires in ${inWords(left)}` : null;
    }

    /**
     * @param {import("./access-token.js").AccessToken} token
     * @param {number} now
     * @param {number} serverNow
     */
    #excessOfAge(token, now, serverNow) {
        const { maximumAge } = this.#rules;
        if (maximumAge === null || token.isOpaque) return null;
        const age = token.issuedAt === null ? now - token.receivedAt : serverNow - token.issuedAt;
        if (age <= maximumAge) return null;
        return rejectionOf("token_too_old",
            `the token is ${inWords(age)} old by its iat; at most ${inWords(maximumAge)} is allowed here`);
    }
}
