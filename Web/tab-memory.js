import { sha256 } from "./sha256.js";

/** @typedef {import("./access-token.js").IssuedToken} IssuedToken */

/** Of so many tokens it is known which sign-in they came of. */
const maximumOrigins = 8;

/**
 * What a tab knows of the tokens that it shares with others: which sign-in each came of, lest one person's token serves
 * another, and the last one that was heard of.
 */
export class TabMemory {
    /**
     * The sign-in that this tab's tokens come of now.
     * @type {string | null}
     */
    signIn = null;
    /** @type {Map<string, string | null>} */
    #origins = new Map();
    /** @type {{ issued: IssuedToken, scope: readonly string[], at: number } | null} */
    #heard = null;

    /**
     * Notes that a token came of the present sign-in.
     * @param {IssuedToken} issued
     */
    noteOrigin(issued) {
        const digest = sha256(issued.text.trim());
        this.#origins.delete(digest);
        this.#origins.set(digest, this.signIn);
        const [oldest] = this.#origins.keys();
        if (this.#origins.size > maximumOrigins && oldest !== undefined) this.#origins.delete(oldest);
    }

    /**
     * The sign-in that a token came of; undefined where that is not known.
     * @param {string} digest
     * @returns {string | null | undefined}
     */
    originOf(digest) {
        return this.#origins.get(digest);
    }

    /**
     * Another tab told of a token of the present sign-in.
     * @param {IssuedToken} issued
     * @param {readonly string[]} scope
     * @param {number} at by the monotonic clock
     */
    hear(issued, scope, at) {
        this.noteOrigin(issued);
        this.#heard = { issued, scope, at };
    }

    /**
     * What was heard since then, with what is left of its lifetime.
     * @param {number} since by the monotonic clock
     * @param {number} now by the same
     * @returns {{ issued: IssuedToken, scope: readonly string[] } | null}
     */
    heardSince(since, now) {
        if (this.#heard === null || this.#heard.at < since) return null;
        const { issued, scope, at } = this.#heard;
        const expiresIn = issued.expiresIn == null ? null : issued.expiresIn - (now - at);
        return { issued: { ...issued, expiresIn }, scope };
    }

    /** Forgets everything, because somebody signed out or the page is left. */
    forget() {
        this.signIn = null;
        this.#heard = null;
        this.#origins.clear();
    }
}
