// What the token managers of one page tell each other, so that a manager that hands its tokens to another one's
// `getToken` learns what became of them: `new MCPClient({ url, getToken: () => auth.getCurrentToken() })`.

/**
 * @typedef {object} PageMember
 * @property {(digest: string) => boolean} knows whether this manager handed out or holds the token of that digest
 * @property {(token: import("./token-judge.js").RefusedToken, rejection: import("./rejection.js").Rejection) => void}
 *   refused
 * @property {(token: import("./token-judge.js").RefusedToken) => void} accepted
 * @property {(digests: ReadonlySet<string>) => void} discarded
 * @property {(serverDate: number) => void} dated
 * @property {() => void} signedOut
 */

/** How many managers of one page hear of each other; the oldest is left out first. */
const maximumMembers = 200;

/** The managers that go by one clock: those of a page, or those of one test. */
export class PageManagers {
    /** @type {Set<WeakRef<PageMember>>} */
    #members = new Set();
    /**
     * How far any server's clock is ahead of this machine's, as one of them told last.
     * @type {number | null}
     */
    #offset = null;

    /**
     * The managers that go by this clock.
     * @param {import("./clock.js").Clock} clock
     * @returns {PageManagers}
     */
    static of(clock) {
        const page = pages.get(clock) ?? new PageManagers();
        pages.set(clock, page);
        return page;
    }

    /** @param {PageMember} member @param {number} now */
    join(member, now) {
        if (this.#offset !== null) member.dated(now + this.#offset);
        this.#members.add(new WeakRef(member));
        for (const reference of this.#members) {
            if (reference.deref() === undefined || this.#members.size > maximumMembers) this.#members.delete(reference);
        }
    }

    /** @param {PageMember} member */
    leave(member) {
        for (const reference of this.#members) if (reference.deref() === member) this.#members.delete(reference);
    }

    /**
     * Runs `tell` for every other member, or for those that know the token.
     * @param {PageMember} from
     * @param {string | null} digest
     * @param {(member: PageMember) => void} tell
     */
    tellOthers(from, digest, tell) {
        for (const reference of [...this.#members]) {
            const member = reference.deref();
            if (member === undefined || member === from) continue;
            if (digest === null || member.knows(digest)) tell(member);
        }
    }

    /** @param {PageMember} from @param {number} serverDate @param {number} now */
    dated(from, serverDate, now) {
        this.#offset = serverDate - now;
        this.tellOthers(from, null, (member) => member.dated(serverDate));
    }
}

/** @type {WeakMap<import("./clock.js").Clock, PageManagers>} */
const pages = new WeakMap();
