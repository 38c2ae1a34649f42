import { AccessToken } from "./access-token.js";
import { managerClosed, MCPClientError } from "./errors.js";
import { rejectionOf } from "./rejection.js";
import { TokenJudge } from "./token-judge.js";

/** @typedef {import("./rejection.js").Rejection} Rejection */
/** @typedef {import("./access-token.js").IssuedToken} IssuedToken */
/** @typedef {import("./token-judge.js").RefusedToken} RefusedToken */

/**
 * Why a token is wanted: the first one (`start`), because the one in hand is stale or a caller wants a new one
 * (`renewal`), because the server refused it (`refusal`), or wants a wider scope (`widerScope`).
 * @typedef {"start" | "renewal" | "refusal" | "widerScope"} TokenOccasion
 */

/**
 * What a token source is asked for.
 * @typedef {object} TokenRequest
 * @property {TokenOccasion} occasion
 * @property {Rejection | null} rejection the server's refusal, for `refusal`
 * @property {readonly string[]} scope the OAuth scope to ask for; empty where nothing in particular is asked
 * @property {number} serverTime the time of day by the server's clock as far as it is known, in seconds since 1970
 * @property {string | null} insteadOf the SHA-256 of the token that is of no use any more
 * @property {boolean} mustBeNew whether somebody asked for a new one in so many words, though one was fresh
 */

/**
 * Where the token stands: its name, and for `failed` why, by the stable reason where there is one, and in one line.
 * @typedef {object} TokenState
 * @property {"idle" | "initializing" | "ready" | "refreshing" | "failed" | "closed"} name
 * @property {import("./reasons.js").Reason | null} [reason]
 * @property {string} [message]
 */

/**
 * What happens to the machine. The first group is the Swift client's; the second comes of being one page of several.
 * @typedef {{ type: "wanted" | "renewalWanted", waiter: number }
 *   | { type: "widerScopeWanted", waiter: number, scope: readonly string[], insteadOf: string }
 *   | { type: "left", waiter: number }
 *   | { type: "delivered", issued: IssuedToken, flight: number }
 *   | { type: "sourceFailed", error: MCPClientError, flight: number }
 *   | { type: "refused", token: RefusedToken, rejection: Rejection }
 *   | { type: "accepted", keyID: string | null }
 *   | { type: "dated", date: number, isHearsay?: boolean }
 *   | { type: "closed" }
 *   | { type: "offered", issued: IssuedToken, scope: readonly string[] }
 *   | { type: "discarded", digests: ReadonlySet<string> }
 *   | { type: "signedOut", isFinal: boolean }
 *   | { type: "clockJumped", by: number }
 *   | { type: "cleared" }
 * } TokenEvent
 */

/**
 * What the shell is to do: ask the source and answer with `delivered` or `sourceFailed`; stop whatever was begun for a
 * flight that is over; give waiters their token or error; tell the world of a change.
 * @typedef {{ type: "ask", request: TokenRequest, flight: number }
 *   | { type: "endFlight", flight: number }
 *   | { type: "resume", waiters: number[], token: AccessToken }
 *   | { type: "fail", waiters: number[], error: MCPClientError }
 *   | { type: "announce", state: TokenState }
 * } TokenAction
 */

/**
 * @typedef {object} FlightPlan
 * @property {number} id
 * @property {number[]} waiters
 * @property {number} refusalsKnown how many refusals were known when the source was last asked
 * @property {boolean} mayAskAgain
 * @property {boolean} mustBeNew
 */

/** @typedef {{ occasion: TokenOccasion, rejection: Rejection | null }} Cause */

/**
 * The life of a client's token as a pure state machine: events in, actions out. It reads no clock and does no I/O.
 *
 * Legal transitions: `idle → initializing → ready | failed`, `ready | failed → refreshing → ready | failed`,
 * anything → `closed`. At most one flight (a question to the source with everybody who waits for its answer) exists at
 * a time, and one flight asks the source at most twice, so nothing here can loop.
 */
export class TokenLifecycle {
    /** @type {TokenState} */
    #state = { name: "idle" };
    #judge;
    /** @type {AccessToken | null} */
    #held = null;
    /** @type {FlightPlan | null} */
    #flight = null;
    #nextFlight = 1;
    /**
     * The scope that step-ups asked for; every later token is asked for with it, lest the next renewal narrows it.
     * @type {string[]}
     */
    #scope = [];
    /** @type {Rejection | null} */
    #lastRefusal = null;
    #refusalCount = 0;
    #hasAskedBefore = false;
    #sourceCanRefresh;
    /**
     * The token that must not come back.
     * @type {string | null}
     */
    #useless = null;
    /** Whether somebody signed out, so that no token is asked for until that is wanted in so many words. */
    #isSignedOut = false;

    /**
     * @param {import("./token-judge.js").TokenRules} rules
     * @param {boolean} sourceCanRefresh
     */
    constructor(rules, sourceCanRefresh) {
        this.#judge = new TokenJudge(rules);
        this.#sourceCanRefresh = sourceCanRefresh;
    }

    get state() {
        return this.#state;
    }

    /** How far the server's clock is ahead of this machine's, in seconds, once it is known. */
    get serverOffset() {
        return this.#judge.serverOffset;
    }

    /**
     * The scope that step-ups asked for.
     * @returns {readonly string[]}
     */
    get scope() {
        return this.#scope;
    }

    /** The token in memory, fresh or not. */
    get held() {
        return this.#held;
    }

    /** @param {number} now */
    serverTime(now) {
        return this.#judge.serverTime(now);
    }

    /**
     * The token in memory, if it is fresh.
     * @param {number} now
     * @returns {AccessToken | null}
     */
    freshToken(now) {
        return this.#held !== null && this.#judge.objection(this.#held, now) === null ? this.#held : null;
    }

    /**
     * Whether a token from elsewhere would do.
     * @param {IssuedToken} issued
     * @param {readonly string[]} scope the scope it was asked for with
     * @param {number} now
     */
    wouldTake(issued, scope, now) {
        return this.#asUseful(issued, scope, now) !== null;
    }

    /**
     * @param {TokenEvent} event
     * @param {number} now this machine's time of day, in seconds since 1970
     * @returns {TokenAction[]}
     */
    handle(event, now) {
        switch (event.type) {
            case "wanted": return this.#want(event.waiter, now);
            case "renewalWanted": return this.#wantNew(event.waiter, now);
            case "widerScopeWanted": return this.#widen(event, now);
            case "left": return this.#leave(event.waiter);
            case "delivered": return this.#take(event.issued, event.flight, now);
            case "sourceFailed": return this.#flight?.id === event.flight ? this.#fail(event.error, now) : [];
            case "refused": return this.#refuse(event.token, event.rejection, now);
            case "accepted": return this.#accept(event.keyID);
            case "dated": return this.#learn(event.date, now, event.isHearsay ?? false);
            case "closed": return this.#close();
            case "offered": return this.#consider(event.issued, event.scope, now);
            case "discarded": return this.#discard(event.digests);
            case "signedOut": return this.#signOut(event.isFinal);
            case "clockJumped": return this.#jump(event.by);
            case "cleared": return this.#clear();
        }
    }

    /** @returns {Cause} */
    get #cause() {
        if (!this.#hasAskedBefore) return { occasion: "start", rejection: null };
        return { occasion: this.#lastRefusal === null ? "renewal" : "refusal", rejection: this.#lastRefusal };
    }

    /** @param {number} waiter @param {number} now @returns {TokenAction[]} */
    #want(waiter, now) {
        const no = this.#refusalToServe();
        if (no !== null) return [{ type: "fail", waiters: [waiter], error: no }];
        const token = this.freshToken(now);
        if (token !== null) return [{ type: "resume", waiters: [waiter], token }];
        return this.#join(waiter, this.#cause, now);
    }

    /** @param {number} waiter @param {number} now @returns {TokenAction[]} */
    #wantNew(waiter, now) {
        this.#isSignedOut = false;
        const no = this.#refusalToServe();
        if (no !== null) return [{ type: "fail", waiters: [waiter], error: no }];
        return this.#join(waiter, this.#cause, now, this.freshToken(now) !== null);
    }

    #refusalToServe() {
        if (this.#state.name === "closed") return managerClosed();
        return this.#isSignedOut ? signedOut() : null;
    }

    /**
     * @param {number} waiter
     * @param {Cause} cause
     * @param {number} now
     * @param {boolean} [mustBeNew]
     * @returns {TokenAction[]}
     */
    #join(waiter, cause, now, mustBeNew = false) {
        if (this.#flight !== null) {
            this.#flight.waiters.push(waiter);
            return [];
        }
        const id = this.#nextFlight;
        this.#nextFlight += 1;
        this.#flight = {
            id, waiters: [waiter], refusalsKnown: this.#refusalCount, mayAskAgain: this.#sourceCanRefresh,
            mustBeNew,
        };
        const begun = this.#announce({ name: this.#hasAskedBefore ? "refreshing" : "initializing" });
        this.#hasAskedBefore = true;
        if (this.#held !== null) this.#useless = this.#held.digest;
        return [...begun, { type: "ask", request: this.#request(cause, now), flight: id }];
    }

    /** @param {Cause} cause @param {number} now @returns {TokenRequest} */
    #request(cause, now) {
        return {
            ...cause, scope: [...this.#scope], serverTime: this.#judge.serverTime(now), insteadOf: this.#useless,
            mustBeNew: this.#flight?.mustBeNew ?? false,
        };
    }

    /**
     * @param {{ waiter: number, scope: readonly string[], insteadOf: string }} wish
     * @param {number} now
     * @returns {TokenAction[]}
     */
    #widen({ waiter, scope, insteadOf }, now) {
        const no = this.#refusalToServe();
        if (no !== null) return [{ type: "fail", waiters: [waiter], error: no }];
        const missing = scope.filter((part) => !this.#scope.includes(part));
        // Somebody else has stepped up already, and the token that was found wanting is an older one.
        const token = missing.length === 0 ? this.freshToken(now) : null;
        if (token !== null && token.digest !== insteadOf) return [{ type: "resume", waiters: [waiter], token }];
        this.#scope.push(...missing);
        const cause = /** @type {Cause} */ ({ occasion: "widerScope", rejection: null });
        if (missing.length === 0 && this.#flight !== null) return this.#join(waiter, cause, now);
        // A flight that asks for less is of no use here: its waiters take the wider token as well.
        const former = this.#flight;
        this.#flight = null;
        const begun = this.#join(waiter, cause, now);
        this.#currentFlight()?.waiters.push(...(former?.waiters ?? []));
        return former === null ? begun : [{ type: "endFlight", flight: former.id }, ...begun];
    }

    /** By a method, so that the type checker forgets what it believes of the field. */
    #currentFlight() {
        return this.#flight;
    }

    /** @param {number} waiter @returns {TokenAction[]} */
    #leave(waiter) {
        if (this.#flight !== null) this.#flight.waiters = this.#flight.waiters.filter((other) => other !== waiter);
        return [];
    }

    /** @param {IssuedToken} issued @param {number} id @param {number} now @returns {TokenAction[]} */
    #take(issued, id, now) {
        const plan = this.#flight;
        if (plan === null || plan.id !== id) return [];
        // The issuer's clock is the best that is known until the server tells its own.
        if (typeof issued.serverDate === "number") this.#judge.learn(issued.serverDate, now, true);
        let token;
        try {
            token = new AccessToken(issued, now);
        } catch (error) {
            return this.#fail(/** @type {MCPClientError} */ (error), now);
        }
        const objection = this.#judge.objection(token, now, true);
        if (objection === null) {
            this.#flight = null;
            const { waiters } = plan;
            return [...this.#hold(token), { type: "resume", waiters, token }, { type: "endFlight", flight: id }];
        }
        this.#useless = token.digest;
        if (!objection.isRefused) {
            return this.#askAgain(plan, { occasion: "renewal", rejection: null }, now)
                ?? this.#fail(staleToken(objection.rejection), now);
        }
        // The server may have refused the key while the source was still signing with it.
        const cause = /** @type {Cause} */ ({ occasion: "refusal", rejection: objection.rejection });
        const again = this.#refusalCount > plan.refusalsKnown ? this.#askAgain(plan, cause, now) : null;
        return again ?? this.#fail(stillRefused(token, objection), now);
    }

    /** @param {FlightPlan} plan @param {Cause} cause @param {number} now @returns {TokenAction[] | null} */
    #askAgain(plan, cause, now) {
        if (!plan.mayAskAgain) return null;
        plan.mayAskAgain = false;
        plan.refusalsKnown = this.#refusalCount;
        return [{ type: "ask", request: this.#request(cause, now), flight: plan.id }];
    }

    /** @param {AccessToken} token @returns {TokenAction[]} */
    #hold(token) {
        this.#held = token;
        this.#lastRefusal = null;
        this.#useless = null;
        this.#isSignedOut = false;
        return this.#announce({ name: "ready" });
    }

    /** @param {MCPClientError} error @param {number} now @returns {TokenAction[]} */
    #fail(error, now) {
        const plan = this.#flight;
        if (plan === null) return [];
        this.#flight = null;
        const next = this.freshToken(now) === null ? failed(error) : /** @type {TokenState} */ ({ name: "ready" });
        return [...this.#announce(next), ...this.#abandon(plan, error)];
    }

    /** @param {FlightPlan | null} plan @param {MCPClientError} error @returns {TokenAction[]} */
    #abandon(plan, error) {
        if (plan === null) return [];
        return [{ type: "fail", waiters: plan.waiters, error }, { type: "endFlight", flight: plan.id }];
    }

    /** @param {RefusedToken} token @param {Rejection} rejection @param {number} now @returns {TokenAction[]} */
    #refuse(token, rejection, now) {
        this.#judge.remember(token, rejection, now);
        this.#refusalCount += 1;
        this.#lastRefusal = rejection;
        if (this.#held?.digest === token.digest) this.#held = null;
        if (this.#held === null) this.#useless = token.digest;
        return [];
    }

    /** @param {string | null} keyID @returns {TokenAction[]} */
    #accept(keyID) {
        this.#judge.clear(keyID);
        return [];
    }

    /** @param {number} date @param {number} now @param {boolean} isHearsay @returns {TokenAction[]} */
    #learn(date, now, isHearsay) {
        this.#judge.learn(date, now, isHearsay);
        return [];
    }

    /** @returns {TokenAction[]} */
    #close() {
        if (this.#state.name === "closed") return [];
        const plan = this.#flight;
        this.#flight = null;
        this.#held = null;
        return [...this.#announce({ name: "closed" }), ...this.#abandon(plan, managerClosed())];
    }

    /**
     * Another tab has a token: it is taken where it is newer than ours, so that one refresh serves all.
     * @param {IssuedToken} issued
     * @param {readonly string[]} scope
     * @param {number} now
     * @returns {TokenAction[]}
     */
    #consider(issued, scope, now) {
        if (this.#state.name === "closed") return [];
        const token = this.#asUseful(issued, scope, now);
        if (token === null) return [];
        const ours = this.freshToken(now);
        if (ours !== null && (token.issuedAt ?? token.receivedAt) <= (ours.issuedAt ?? ours.receivedAt)) return [];
        this.#hasAskedBefore = true;
        // Where a flight is on, its waiters are served by it; it finds this token before it asks.
        if (this.#flight !== null) {
            this.#held = token;
            return [];
        }
        return this.#hold(token);
    }

    /** @param {IssuedToken} issued @param {readonly string[]} scope @param {number} now */
    #asUseful(issued, scope, now) {
        if (!this.#scope.every((part) => scope.includes(part))) return null;
        try {
            const token = new AccessToken(issued, now);
            return this.#judge.objection(token, now) === null && token.digest !== this.#useless ? token : null;
        } catch {
            return null;
        }
    }

    /** @param {ReadonlySet<string>} digests @returns {TokenAction[]} */
    #discard(digests) {
        if (this.#held === null || !digests.has(this.#held.digest)) return [];
        this.#useless = this.#held.digest;
        this.#held = null;
        return [];
    }

    /** @param {boolean} isFinal @returns {TokenAction[]} */
    #signOut(isFinal) {
        if (this.#state.name === "closed") return [];
        const plan = this.#flight;
        this.#flight = null;
        this.#held = null;
        this.#scope = [];
        this.#isSignedOut = isFinal;
        return [...this.#announce(failed(signedOut())), ...this.#abandon(plan, signedOut())];
    }

    /**
     * The machine slept, or its clock was set. Backward is certainly set: ages by the old clock mean nothing any more.
     * @param {number} by
     * @returns {TokenAction[]}
     */
    #jump(by) {
        if (by < 0) {
            this.#judge.clockWasSet(by);
            this.#held = null;
        }
        return [];
    }

    /** @returns {TokenAction[]} */
    #clear() {
        if (this.#state.name === "closed") return [];
        if (this.#held !== null) this.#useless = this.#held.digest;
        this.#held = null;
        return this.#flight === null ? this.#announce({ name: "idle" }) : [];
    }

    /** @param {TokenState} next @returns {TokenAction[]} */
    #announce(next) {
        const { name, reason, message } = this.#state;
        if (name === next.name && reason === next.reason && message === next.message) return [];
        this.#state = Object.freeze(next);
        return [{ type: "announce", state: this.#state }];
    }
}

/** @param {MCPClientError} error @returns {TokenState} */
function failed(error) {
    return { name: "failed", reason: error.reason, message: error.message };
}

/** Somebody signed out, here or in another tab. */
export function signedOut() {
    return new MCPClientError("tokenSource", "you are signed out; sign in to go on", {
        rejection: rejectionOf("token_missing", "signed out"),
    });
}

/** @param {Rejection} rejection */
function staleToken(rejection) {
    return new MCPClientError("staleToken",
        `the token source delivered a token that must not be sent: ${rejection.detail}; let it make a new one`,
        { rejection });
}

/** @param {AccessToken} token @param {import("./token-judge.js").Objection} objection */
function stillRefused(token, { sameToken, rejection }) {
    const what = sameToken
        ? "the token source delivered the very token that the server refused"
        : `the token source still signs with the key "${token.keyID ?? ""}" that the server refused`;
    return new MCPClientError("unauthorized", `${what}: ${rejection.detail}`, { rejection, status: 401 });
}
