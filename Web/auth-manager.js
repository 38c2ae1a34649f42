import { ambientOf } from "./ambient.js";
import { systemClock } from "./clock.js";
import { endpointToken } from "./endpoint-token.js";
import { removeLegacyTokens } from "./legacy-storage.js";
import { Logger } from "./logger.js";
import { PageLife } from "./page-life.js";
import { isReason } from "./reasons.js";
import { rejectionOf } from "./rejection.js";
import { TabCoordination } from "./tab-coordination.js";
import { TabMemory } from "./tab-memory.js";
import { TokenManager } from "./token-manager.js";
import { onOneLine } from "./words.js";

/** @typedef {import("./access-token.js").IssuedToken} IssuedToken */
/** @typedef {import("./rejection.js").Rejection} Rejection */
/** @typedef {import("./token-judge.js").RefusedToken} RefusedToken */

/**
 * @typedef {object} AuthManagerExtras
 * @property {import("./token-source.js").GetToken} [getToken] where tokens come from; or else:
 * @property {string} [tokenEndpoint] the page's own endpoint for tokens; default `/auth/token`
 * @property {string | URL} [url] of the MCP endpoint that the tokens are for
 * @property {string} [resource] what tabs that share a token have in common; by default `url`, or else the token
 *   endpoint. Where the tokens come from a `getToken` that serves several people, name the person in it
 * @property {readonly (string | RegExp)[]} [legacyStorageKeys] names under which former versions of this front end left
 *   tokens in `localStorage` and `sessionStorage`; what lies there is removed. By default what lies under one of
 *   `defaultLegacyKeys` and holds a JWT
 * @property {boolean} [eager] whether a token is fetched at once; default true
 * @property {typeof fetch} [fetch]
 * @property {import("./ambient.js").Ambient} [ambient]
 * @property {import("./logger.js").LogLevel} [logLevel] default `info`
 */

/**
 * @typedef {Omit<import("./token-manager.js").TokenManagerOptions, "getToken"> & AuthManagerExtras} AuthManagerOptions
 */

/**
 * A token manager for all tabs of a page: one refresh serves all, and so does one sign-out.
 *
 * When it is made, tokens that former versions left in the page's storage are removed, and one fresh token is fetched.
 * A page that comes back from sleep, from the background or from being offline looks whether its token is still fresh.
 */
export class DynamicAuthManager extends TokenManager {
    #tabs;
    #life;
    #clock;
    #getToken;
    #memory = new TabMemory();
    /** Whether somebody signed out, so that whoever signs in in any tab is signed in here. */
    #awaitsSignIn = false;

    /** @param {AuthManagerOptions} [options] */
    constructor(options = {}) {
        const { tokenEndpoint, fetch } = options;
        const ambient = ambientOf({ ...options.ambient, ...(fetch && { fetch }) });
        const getToken = options.getToken ?? endpointToken({ url: tokenEndpoint, ambient });
        super({ ...options, getToken });
        this.#clock = options.clock ?? systemClock;
        this.#getToken = getToken;
        const logger = new Logger(options.logLevel ?? "info", ambient.console);
        const removed = removeLegacyTokens(
            options.legacyStorageKeys ?? null, [ambient.localStorage, ambient.sessionStorage]);
        if (removed.length > 0) {
            logger.write("info", `removed what former versions left in storage: ${onOneLine(removed.join(", "), 300)}`);
        }
        const resource = options.resource ?? absolute(options.url ?? getToken.resource, ambient.location) ?? "default";
        this.#tabs = new TabCoordination({
            name: `vestibule:${ambient.location?.origin ?? ""}:${resource}`, ambient, clock: this.#clock,
            listener: {
                token: (issued, scope, signIn) => this.#hearToken(issued, scope, signIn),
                refusal: (token, reason, detail) => this.#hearRefusal(token, reason, detail),
                signOut: () => this.#hearSignOut(),
                wanted: (insteadOf) => this.#tokenToShare(insteadOf),
            },
        });
        this.#life = new PageLife(ambient, {
            wake: () => this.#wake(),
            sleep: () => this.#tabs.close(),
            comeBack: () => {
                this.#tabs.open();
                // Whatever the others said meanwhile was not heard: a refusal, a sign-out.
                this.distrust();
                this.#wake();
            },
        });
        if (options.eager ?? true) queueMicrotask(() => this.refreshAllData().catch(() => {}));
    }

    /**
     * A token that is fresh: from memory, from another tab, or after one refresh. What `MCPClient` gives `getToken` may
     * be handed on: `getToken: (question) => auth.getCurrentToken(question)`; it works without, too.
     * @param {{ signal?: AbortSignal | null, scope?: readonly string[], insteadOf?: string | null }} [question]
     * @returns {Promise<string>}
     */
    async getCurrentToken(question = {}) {
        const { signal, scope = [], insteadOf = null } = question;
        if (insteadOf !== null) this.discard(new Set([insteadOf]));
        if (scope.length === 0 || !this.canWidenScope) return this.currentToken({ signal });
        return (await this.widerToken(scope, insteadOf ?? "", { signal })).text;
    }

    /** What is known of the sign-in, for a page to show: never the token itself. */
    getAuthStatus() {
        const { name, reason = null, message = null, ...status } = this.getStatus();
        return { state: name, reason, message, isAuthenticated: status.isFresh, ...status };
    }

    /**
     * Signs out in all tabs: the token is forgotten at once, then the source's own sign-in is ended where it has one,
     * then the other tabs and the page (`signedout`) are told. Nothing is fetched again until `refreshAllData()` is
     * called.
     * @returns {Promise<void>}
     */
    async signOut() {
        this.forgetSignIn(true);
        try {
            await this.#getToken.signOut?.();
        } finally {
            this.#forgetOthers();
            this.#tabs.shareSignOut();
            this.saySignedOut();
        }
    }

    /** @override */
    close() {
        this.#life.end();
        this.#tabs.close();
        this.#forgetOthers();
        super.close();
    }

    /**
     * @override
     * @param {RefusedToken} token
     * @param {Rejection} rejection
     */
    learnRefusal(token, rejection) {
        super.learnRefusal(token, rejection);
        this.#tabs.shareRefusal(token, rejection);
    }

    /**
     * One tab asks the source, the others take what it gets.
     * @override
     * @protected
     * @param {import("./token-lifecycle.js").TokenRequest} request
     * @param {AbortSignal} signal
     * @returns {Promise<IssuedToken & { isShared?: boolean }>}
     */
    async issue(request, signal) {
        const began = this.#clock.monotonic();
        // A browser's sign-in may have changed since: what other tabs have is of use only where it is of the same.
        await this.#lookAtSignIn(signal);
        return this.#tabs.alone(async () => {
            // What was sent before the lock was given back may arrive after it: ask for it. A new tab does not know yet
            // whether it is alone. In a hidden tab the clock may stand still for a minute, and others wait for the
            // lock.
            const isWorthAsking = request.occasion === "start" || (!this.#tabs.isAlone && this.#life.isVisible);
            if (isWorthAsking && !request.mustBeNew && this.#takeHeard(request, began) === null) {
                await this.#tabs.ask(request.insteadOf, signal);
            }
            const heard = this.#takeHeard(request, began);
            if (heard !== null) return { ...heard, isShared: true };
            const issued = await super.issue(request, signal);
            await this.#lookAtSignIn(signal);
            this.#memory.noteOrigin(issued);
            if (this.wouldTake(issued, request.scope)) this.#tabs.share(issued, request.scope, this.#memory.signIn);
            return issued;
        }, signal);
    }

    /** @param {AbortSignal} signal */
    async #lookAtSignIn(signal) {
        const signIn = (await this.#getToken.signIn?.(signal)) ?? null;
        // What is in memory is another person's.
        if (this.#memory.signIn !== null && signIn !== this.#memory.signIn) this.distrust();
        this.#memory.signIn = signIn;
        this.#awaitsSignIn = false;
    }

    /** @param {string | null} insteadOf */
    #tokenToShare(insteadOf) {
        const shared = this.sharedToken;
        const signIn = shared === null ? undefined : this.#memory.originOf(shared.digest);
        return shared === null || signIn === undefined || shared.digest === insteadOf ? null : { ...shared, signIn };
    }

    #forgetOthers() {
        this.#getToken.forgetSignIn?.();
        this.#awaitsSignIn = this.#getToken.signIn !== undefined;
        this.#memory.forget();
    }

    /**
     * What another tab told since this was asked for, where it would do.
     * @param {import("./token-lifecycle.js").TokenRequest} request
     * @param {number} since by the monotonic clock
     */
    #takeHeard({ scope }, since) {
        const heard = this.#memory.heardSince(since, this.#clock.monotonic());
        if (heard === null || !scope.every((part) => heard.scope.includes(part))) return null;
        return this.wouldTake(heard.issued, heard.scope) ? heard.issued : null;
    }

    /** @param {IssuedToken} issued @param {readonly string[]} scope @param {string | null} signIn */
    #hearToken(issued, scope, signIn) {
        if (signIn !== this.#memory.signIn) {
            // Whoever signed in in another tab is signed in here; the source knows as whom.
            if (this.#awaitsSignIn) this.refreshAllData().catch(() => {});
            this.#awaitsSignIn = false;
            return false;
        }
        if (!this.wouldTake(issued, scope)) return false;
        this.#memory.hear(issued, scope, this.#clock.monotonic());
        this.offer(issued, scope);
        return true;
    }

    #hearSignOut() {
        this.#forgetOthers();
        this.forgetSignIn(true);
        this.saySignedOut();
    }

    /** @param {RefusedToken} token @param {unknown} reason @param {unknown} detail */
    #hearRefusal(token, reason, detail) {
        if (!isReason(reason)) return;
        const line = typeof detail === "string" ? onOneLine(detail) : "";
        this.passRefusal(token, rejectionOf(reason, line));
    }

    /** The page is in use again: where its token is not fresh any more, one is fetched before somebody waits for it. */
    #wake() {
        this.lookAtClock();
        const { name, reason } = this.state;
        const hadOne = name === "ready" || (name === "failed" && reason !== "token_missing");
        if (hadOne && this.freshToken === null) this.accessToken().catch(() => {});
    }
}

/**
 * The URL as all pages of an origin write it.
 * @param {string | URL | undefined} url
 * @param {{ href: string } | null} location
 * @returns {string | undefined}
 */
function absolute(url, location) {
    try {
        return url === undefined ? undefined : new URL(url, location?.href).href;
    } catch {
        return String(url);
    }
}
