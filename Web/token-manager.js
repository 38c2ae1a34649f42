import { AccessToken } from "./access-token.js";
import { unlessAborted } from "./abort.js";
import { ClockWatch, systemClock } from "./clock.js";
import { MCPClientError } from "./errors.js";
import { PageManagers } from "./page-managers.js";
import { isReason } from "./reasons.js";
import { rejectionOf } from "./rejection.js";
import { tokenRecord } from "./request-record.js";
import { defaultTokenRules } from "./token-judge.js";
import { TokenLifecycle } from "./token-lifecycle.js";
import { TokenQuestions } from "./token-questions.js";
import { askSource } from "./token-source.js";

/** @typedef {import("./token-lifecycle.js").TokenEvent} TokenEvent */
/** @typedef {import("./token-lifecycle.js").TokenAction} TokenAction */
/** @typedef {import("./token-lifecycle.js").TokenRequest} TokenRequest */
/** @typedef {import("./rejection.js").Rejection} Rejection */
/** @typedef {{ signal?: AbortSignal | null }} Abortable */

/**
 * @typedef {object} TokenManagerOptions
 * @property {import("./token-source.js").GetToken} getToken where tokens come from
 * @property {boolean} [canRefresh] whether asking again at once may bring another token; default true
 * @property {boolean} [canWidenScope] whether `getToken` heeds the scope it is asked for; default false
 * @property {number | null} [maximumAge] seconds a token may be old; null for any age; default 300
 * @property {number} [margin] seconds before its end at which a token is renewed; default 30
 * @property {number} [leeway] seconds by which a token may begin ahead of the server's clock; default 5
 * @property {number} [refusedKeyMemory] seconds for which the tokens of a refused key are not even sent; default 60
 * @property {number} [refreshTimeout] seconds that one refresh may take, the wait for other tabs included; default 30
 * @property {import("./clock.js").Clock} [clock]
 */

/** How many tokens that were handed out are recognised, by their digests. */
const maximumIssued = 32;

/**
 * Keeps one access token fresh, so that nobody else has to think about tokens.
 *
 * Nothing is sent that is not known to be fresh: a token is judged by its key, its `exp` and `nbf`, its age, the
 * server's clock, and by what the server has refused. However many callers wait, the source is asked once. Nothing is
 * written anywhere.
 *
 * Events: `state` (detail: the state), `record` (detail: a record of a question to the source), `signedout`.
 */
export class TokenManager extends EventTarget {
    #lifecycle;
    #getToken;
    #clock;
    #watch;
    #page;
    /** @type {import("./page-managers.js").PageMember} */
    #member;
    #questions;
    #canWidenScope;
    /** @type {Map<number, { resolve: (token: AccessToken) => void, reject: (error: unknown) => void }>} */
    #waiting = new Map();
    #nextWaiter = 1;
    /** @type {string[]} */
    #issued = [];
    #clockIsSuspect = false;

    /** @param {TokenManagerOptions} options */
    constructor(options) {
        super();
        const { getToken, clock = systemClock } = options;
        if (typeof getToken !== "function") throw new TypeError("getToken must be a function that returns a token");
        this.#getToken = getToken;
        this.#clock = clock;
        this.#watch = new ClockWatch(clock);
        this.#canWidenScope = options.canWidenScope ?? getToken.canWidenScope ?? false;
        const { maximumAge, margin, leeway, refusedKeyMemory } = { ...defaultTokenRules, ...defined(options) };
        this.#lifecycle = new TokenLifecycle(
            { maximumAge, margin, leeway, refusedKeyMemory }, options.canRefresh ?? getToken.canRefresh ?? true);
        this.#questions = new TokenQuestions(clock, options.refreshTimeout ?? 30, {
            issue: (request, signal) => this.issue(request, signal), giveUp: (digest) => this.#giveUp(digest),
            received: ({ digest }) => {
                this.#issued = [...this.#issued.slice(1 - maximumIssued), digest];
            },
            handle: (event) => this.#handle(event), serverTime: () => this.serverTime,
            onRecord: (detail) => this.dispatchEvent(new CustomEvent("record", { detail })),
        });
        this.#page = PageManagers.of(clock);
        this.#member = this.#asMember();
        this.#page.join(this.#member, clock.now());
    }

    /** Where the token stands: `{ name, reason, message }`. */
    get state() {
        return this.#lifecycle.state;
    }

    /**
     * A token that is fresh: from memory, or after one refresh. A caller whose signal is aborted leaves at once; the
     * refresh goes on for the others.
     * @param {Abortable} [options]
     * @returns {Promise<string>}
     * @throws {MCPClientError} `tokenSource`, `staleToken`, `unauthorized` where the source can only repeat what the
     *   server refused, `timeout`, `closed`
     */
    async currentToken(options = {}) {
        return (await this.accessToken(options)).text;
    }

    /**
     * Fetches a new token now, whatever is in memory; joins a refresh that is under way. After a sign-out, it is this
     * that asks again.
     * @param {Abortable} [options]
     * @returns {Promise<void>}
     */
    async refreshAllData(options = {}) {
        await this.#wait((waiter) => ({ type: "renewalWanted", waiter }), options);
    }

    /**
     * Says that the server refused this very token. It is never sent again; if it is the one in memory, the next caller
     * gets a new one. A token that was replaced in the meantime is left alone.
     * @param {string} token
     * @param {Rejection | import("./reasons.js").Reason} because
     */
    invalidate(token, because) {
        const rejection = typeof because === "string" || !isReason(because?.reason)
            ? rejectionOf(isReason(because) ? because : "token_malformed", "the server refused it")
            : because;
        let refused;
        try {
            refused = new AccessToken({ text: token, expiresIn: 0 }, this.#clock.now());
        } catch {
            return;
        }
        this.refuse(refused, rejection);
    }

    /** Forgets the token. The next caller gets a new one. */
    clearCache() {
        this.#handle({ type: "cleared" });
        this.#tellIssued((member, digests) => member.discarded(digests));
    }

    /**
     * What is known, for a person or a log: never the token itself.
     * @returns {import("./token-lifecycle.js").TokenState & { token: import("./request-record.js").RecordToken | null,
     *   isFresh: boolean, expiresIn: number | null, clockOffset: number | null }}
     */
    getStatus() {
        const now = this.#now();
        const held = this.#lifecycle.held;
        const serverTime = this.#lifecycle.serverTime(now);
        const ends = held === null ? [] : [
            ...(held.expiration === null ? [] : [held.expiration - serverTime]),
            ...(held.endsAt === null ? [] : [held.endsAt - now])];
        return {
            ...this.#lifecycle.state, token: tokenRecord(held, serverTime),
            isFresh: this.#lifecycle.freshToken(now) !== null, expiresIn: ends.length === 0 ? null : Math.min(...ends),
            clockOffset: this.#lifecycle.serverOffset,
        };
    }

    /**
     * Learns the server's clock from the `Date` header of an answer that came this moment.
     * @param {number} serverDate in seconds since 1970
     */
    observe(serverDate) {
        const now = this.#now();
        this.#clockIsSuspect = false;
        this.#handle({ type: "dated", date: serverDate });
        this.#page.dated(this.#member, serverDate, now);
    }

    /** How far the server's clock is ahead of this machine's, in seconds (negative: behind); null until it is known. */
    get clockOffset() {
        return this.#lifecycle.serverOffset;
    }

    /** Ends it: whoever waits gets an error, and the token is forgotten. */
    close() {
        this.#handle({ type: "closed" });
        this.#page.leave(this.#member);
    }

    // What follows is for `MCPClient` and `DynamicAuthManager`.

    /**
     * A fresh token with what is known of it.
     * @param {Abortable} [options]
     * @returns {Promise<AccessToken>}
     */
    accessToken(options = {}) {
        return this.#wait((waiter) => ({ type: "wanted", waiter }), options);
    }

    /**
     * A token of at least this scope instead of one that the server found wanting.
     * @param {readonly string[]} scope
     * @param {string} insteadOf the digest of that one
     * @param {Abortable} [options]
     * @returns {Promise<AccessToken>}
     */
    widerToken(scope, insteadOf, options = {}) {
        return this.#wait((waiter) => ({ type: "widerScopeWanted", waiter, scope, insteadOf }), options);
    }

    /** The token in memory where it is fresh, without asking anybody. */
    get freshToken() {
        return this.#lifecycle.freshToken(this.#now());
    }

    get canWidenScope() {
        return this.#canWidenScope;
    }

    /** The time of day by the server's clock as far as it is known. */
    get serverTime() {
        return this.#lifecycle.serverTime(this.#now());
    }

    /** Whether this machine's clock jumped since a server last told the time, so that a look at that is due. */
    get wantsServerTime() {
        this.#now();
        return this.#clockIsSuspect;
    }

    /**
     * Says that the server took this token for an operation, and so knows its key.
     * @param {AccessToken} token
     */
    accept(token) {
        this.#handle({ type: "accepted", keyID: token.keyID });
        this.#page.tellOthers(this.#member, token.digest, (member) => member.accepted(token));
    }

    /** @param {AccessToken} token @param {Rejection} rejection */
    refuse(token, rejection) {
        this.learnRefusal(token, rejection);
        this.#tellOfRefusal(token, rejection);
    }

    /**
     * Learns a refusal that everybody else who must know it knows already, except for this page.
     * @param {import("./token-judge.js").RefusedToken} token
     * @param {Rejection} rejection
     */
    passRefusal(token, rejection) {
        this.#handle({ type: "refused", token, rejection });
        this.#tellOfRefusal(token, rejection);
    }

    /**
     * @param {import("./token-judge.js").RefusedToken} token
     * @param {Rejection} rejection
     */
    #tellOfRefusal(token, rejection) {
        this.#page.tellOthers(this.#member, token.digest, (member) => member.refused(token, rejection));
    }

    /**
     * Learns what a server refused, from whomever.
     * @param {import("./token-judge.js").RefusedToken} token
     * @param {Rejection} rejection
     */
    learnRefusal(token, rejection) {
        this.#handle({ type: "refused", token, rejection });
    }

    /**
     * Gives up tokens of these digests, if one of them is in memory.
     * @param {ReadonlySet<string>} digests
     */
    discard(digests) {
        this.#handle({ type: "discarded", digests });
    }

    /**
     * Takes a token that another tab fetched, where it is of use here.
     * @param {import("./access-token.js").IssuedToken} issued
     * @param {readonly string[]} scope the scope it was asked for with
     */
    offer(issued, scope) {
        this.#handle({ type: "offered", issued, scope });
    }

    /**
     * Whether it would.
     * @param {import("./access-token.js").IssuedToken} issued
     * @param {readonly string[]} scope
     */
    wouldTake(issued, scope) {
        return this.#lifecycle.wouldTake(issued, scope, this.#now());
    }

    /**
     * Forgets the token because somebody signed out.
     * @param {boolean} isFinal whether nothing is asked for until `refreshAllData()` is called
     */
    forgetSignIn(isFinal) {
        if (this.state.name === "closed") return;
        this.#handle({ type: "signedOut", isFinal });
        this.#tellIssued((member) => member.signedOut());
    }

    /**
     * A fresh token that is at hand, for another tab.
     * @returns {{ issued: import("./access-token.js").IssuedToken, digest: string, scope: readonly string[] } | null}
     */
    get sharedToken() {
        const token = this.freshToken;
        if (token === null) return null;
        const expiresIn = token.endsAt === null ? null : token.endsAt - this.#clock.now();
        return { issued: { text: token.text, expiresIn }, digest: token.digest, scope: this.#lifecycle.scope };
    }

    /** Gives up the token in memory, because it may have been refused or given back unheard. */
    distrust() {
        const held = this.#lifecycle.held;
        if (held !== null) this.discard(new Set([held.digest]));
        this.#tellIssued((member, digests) => member.discarded(digests));
    }

    /** Tells the page that somebody signed out. */
    saySignedOut() {
        this.dispatchEvent(new CustomEvent("signedout"));
    }

    /** Looks at the clock: a jump is noticed here at the latest. */
    lookAtClock() {
        this.#now();
    }

    // The shell around the machine: waiting, asking, announcing.

    /** @returns {import("./page-managers.js").PageMember} */
    #asMember() {
        return {
            knows: (digest) => this.#issued.includes(digest) || this.#lifecycle.held?.digest === digest,
            refused: (token, rejection) => this.learnRefusal(token, rejection),
            accepted: (token) => this.#handle({ type: "accepted", keyID: token.keyID }),
            discarded: (digests) => this.discard(digests),
            dated: (date) => this.#hear(date),
            signedOut: () => {
                this.forgetSignIn(false);
                this.saySignedOut();
            },
        };
    }

    /**
     * A server told the time, if not our own.
     * @param {number} date
     */
    #hear(date) {
        this.#clockIsSuspect = false;
        this.#handle({ type: "dated", date, isHearsay: true });
    }

    /**
     * Tells those who hold a token of ours.
     * @param {(member: import("./page-managers.js").PageMember, digests: ReadonlySet<string>) => void} tell
     */
    #tellIssued(tell) {
        const digests = new Set(this.#issued);
        this.#issued = [];
        /** @type {Set<import("./page-managers.js").PageMember>} */
        const told = new Set();
        for (const digest of digests) {
            this.#page.tellOthers(this.#member, digest, (member) => {
                if (!told.has(member)) tell(member, digests);
                told.add(member);
            });
        }
    }

    /**
     * @param {(waiter: number) => TokenEvent} event
     * @param {Abortable} options
     * @returns {Promise<AccessToken>}
     */
    #wait(event, { signal }) {
        if (signal?.aborted) return Promise.reject(signal.reason);
        const waiter = this.#nextWaiter;
        this.#nextWaiter += 1;
        /** @type {Promise<AccessToken>} */
        const promise = new Promise((resolve, reject) => this.#waiting.set(waiter, { resolve, reject }));
        this.#handle(event(waiter));
        return unlessAborted(promise, signal).catch((error) => {
            if (this.#waiting.delete(waiter)) this.#handle({ type: "left", waiter });
            throw error;
        });
    }

    /** The time of day; a jump of the clock is noticed first. */
    #now() {
        const by = this.#watch.jump();
        const now = this.#clock.now();
        if (by !== 0) {
            this.#clockIsSuspect = this.#lifecycle.serverOffset !== null;
            this.#perform(this.#lifecycle.handle({ type: "clockJumped", by }, now));
        }
        return now;
    }

    /** @param {TokenEvent} event */
    #handle(event) {
        const now = this.#now();
        this.#perform(this.#lifecycle.handle(event, now));
    }

    /** @param {TokenAction[]} actions */
    #perform(actions) {
        for (const action of actions) {
            switch (action.type) {
                case "ask": this.#questions.ask(action.request, action.flight); break;
                case "endFlight": this.#questions.end(action.flight); break;
                case "resume": this.#settle(action.waiters, ({ resolve }) => resolve(action.token)); break;
                case "fail": this.#settle(action.waiters, ({ reject }) => reject(action.error)); break;
                case "announce": this.dispatchEvent(new CustomEvent("state", { detail: action.state })); break;
            }
        }
    }

    /**
     * @param {number[]} waiters
     * @param {(promise: { resolve: (token: AccessToken) => void, reject: (error: unknown) => void }) => void} settle
     */
    #settle(waiters, settle) {
        for (const waiter of waiters) {
            const promise = this.#waiting.get(waiter);
            this.#waiting.delete(waiter);
            if (promise) settle(promise);
        }
    }

    /**
     * The token is of no use: whoever handed it to us must not do so again.
     * @param {string} digest
     */
    #giveUp(digest) {
        this.#page.tellOthers(this.#member, digest, (member) => member.discarded(new Set([digest])));
    }

    /**
     * Asks the source; a manager for all tabs asks them first.
     * @protected
     * @param {TokenRequest} request
     * @param {AbortSignal} signal
     * @returns {Promise<import("./access-token.js").IssuedToken & { isShared?: boolean }>}
     */
    issue(request, signal) {
        return askSource(this.#getToken, request, signal);
    }
}

/**
 * The members that are not undefined.
 * @template {object} Value
 * @param {Value} options
 * @returns {Partial<Value>}
 */
function defined(options) {
    return /** @type {Partial<Value>} */ (
        Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));
}
