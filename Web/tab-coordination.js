import { linkedController, unlessAborted } from "./abort.js";

/** @typedef {import("./access-token.js").IssuedToken} IssuedToken */

/** @typedef {{ issued: IssuedToken, scope: readonly string[], signIn: string | null }} SharedToken */

/**
 * What the other tabs said.
 * @typedef {object} TabListener
 * @property {(issued: IssuedToken, scope: readonly string[], signIn: string | null) => boolean} token another tab has a
 *   token, which comes of that sign-in; says whether it is of use here
 * @property {(token: import("./token-judge.js").RefusedToken, reason: unknown, detail: unknown) => void} refusal a
 *   server refused a token
 * @property {() => void} signOut somebody signed out
 * @property {(insteadOf: string | null) => SharedToken | null} wanted another tab wants a token, and not the one of
 *   that digest: a fresh one that is at hand
 */

/** How long another tab has for saying that it has a token, in seconds. */
const answerTime = 0.1;
/** How long a tab waits for the lock before it goes on alone, in seconds: a tab that hangs must not hang all. */
const lockPatience = 10;
/** The version of the messages. Tabs of another version are not understood. */
const version = 1;

/**
 * Makes the tabs of one origin refresh once: a Web Lock lets one of them ask, a BroadcastChannel tells the others what
 * came. Nothing is written anywhere. Without locks (a page that is not secure) tabs that ask at one moment all do so;
 * without channels (a page without an origin) each is on its own.
 */
export class TabCoordination {
    #name;
    #locks;
    #Channel;
    #clock;
    #listener;
    /** @type {BroadcastChannel | null} */
    #channel = null;
    /** @type {Map<string, (found: boolean) => void>} */
    #questions = new Map();
    #nextQuestion = 1;
    #me = Math.random().toString(36).slice(2);
    /** Whether another tab was ever heard, so that asking is worth its time. */
    #isAlone = true;

    /**
     * @param {object} options
     * @param {string} options.name what all tabs that share a token call it
     * @param {ReturnType<typeof import("./ambient.js").ambientOf>} options.ambient
     * @param {import("./clock.js").Clock} options.clock
     * @param {TabListener} options.listener
     */
    constructor({ name, ambient, clock, listener }) {
        this.#name = name;
        this.#locks = ambient.navigator?.locks ?? null;
        this.#Channel = ambient.BroadcastChannel;
        this.#clock = clock;
        this.#listener = listener;
        this.open();
    }

    /** Begins to hear the others, if it does not yet. */
    open() {
        if (this.#channel !== null || this.#Channel === null) return;
        try {
            this.#channel = new this.#Channel(this.#name);
        } catch {
            // A page without an origin of its own has no channel.
            return;
        }
        this.#channel.onmessage = ({ data }) => this.#hear(data);
        // In Node, where there are no tabs, the channel alone must not keep a program running.
        /** @type {any} */ (this.#channel).unref?.();
    }

    /** Stops hearing the others. */
    close() {
        this.#channel?.close();
        this.#channel = null;
    }

    /**
     * Does something while no other tab does the same.
     * @template Value
     * @param {() => Promise<Value>} work
     * @param {AbortSignal} signal
     * @returns {Promise<Value>}
     */
    async alone(work, signal) {
        if (this.#locks === null) return work();
        const patience = linkedController(signal);
        const watch = new AbortController();
        let isGranted = false;
        this.#clock.sleep(lockPatience, { signal: watch.signal }).then(() => patience.abort(), () => {});
        try {
            const whenGranted = () => {
                isGranted = true;
                watch.abort();
                return unlessAborted(work(), signal);
            };
            const result = this.#locks.request(this.#name, { signal: patience.signal }, whenGranted);
            return await /** @type {Promise<Value>} */ (result);
        } catch (error) {
            if (signal.aborted) throw signal.reason;
            // Locks that cannot be had: a page without an origin of its own, or a tab that holds on to it.
            if (!isGranted) return work();
            throw error;
        } finally {
            watch.abort();
            patience.release();
        }
    }

    /** Whether no other tab was heard until now. */
    get isAlone() {
        return this.#isAlone;
    }

    /**
     * Asks the other tabs whether they have a fresh token; one that has tells `listener.token`.
     * @param {string | null} insteadOf the digest of the token that is of no use
     * @param {AbortSignal} signal
     * @returns {Promise<void>} when one has answered with a token that is of use, or nobody did in time
     */
    async ask(insteadOf, signal) {
        if (this.#channel === null) return;
        const id = `${this.#me}-${this.#nextQuestion}`;
        this.#nextQuestion += 1;
        const watch = linkedController(signal);
        try {
            await Promise.race([
                new Promise((resolve) => {
                    this.#questions.set(id, resolve);
                    this.#say({ type: "wanted", id, insteadOf });
                }),
                this.#clock.sleep(answerTime, { signal: watch.signal }),
            ]);
        } finally {
            this.#questions.delete(id);
            watch.abort();
            watch.release();
        }
    }

    /**
     * Tells the others of a token.
     * @param {IssuedToken} issued
     * @param {readonly string[]} scope the scope it was asked for with
     * @param {string | null} signIn the sign-in that it comes of
     */
    share({ text, expiresIn = null }, scope, signIn) {
        this.#say({ type: "token", text, expiresIn, scope: [...scope], signIn });
    }

    /**
     * Tells the others that a server refused a token, by its digest.
     * @param {import("./token-judge.js").RefusedToken} token
     * @param {import("./rejection.js").Rejection} rejection
     */
    shareRefusal({ digest, keyID, issuedAt }, { reason, detail }) {
        this.#say({ type: "refusal", digest, keyID, issuedAt, reason, detail });
    }

    /** Tells the others that somebody signed out. */
    shareSignOut() {
        this.#say({ type: "signed-out" });
    }

    /** @param {Record<string, unknown>} message */
    #say(message) {
        try {
            this.#channel?.postMessage({ version, ...message });
        } catch {
            // A channel that was closed meanwhile reaches nobody.
        }
    }

    /** @param {any} message from another tab of this origin, perhaps of another version of this program */
    #hear(message) {
        if (message?.version !== version) return;
        this.#isAlone = false;
        switch (message.type) {
            case "token": {
                if (!isText(message.text, 64 * 1024) || !isScope(message.scope)) return;
                const expiresIn = typeof message.expiresIn === "number" ? message.expiresIn : null;
                const signIn = isText(message.signIn, 256) ? message.signIn : null;
                const isOfUse = this.#listener.token({ text: message.text, expiresIn }, message.scope, signIn);
                if (isOfUse && isText(message.to, 64)) this.#questions.get(message.to)?.(true);
                return;
            }
            case "wanted": {
                const insteadOf = isText(message.insteadOf, 64) ? message.insteadOf : null;
                const found = isText(message.id, 64) ? this.#listener.wanted(insteadOf) : null;
                if (found === null) return;
                const { issued: { text, expiresIn = null }, scope, signIn } = found;
                this.#say({ type: "token", text, expiresIn, scope: [...scope], signIn, to: message.id });
                return;
            }
            case "refusal": {
                const { digest, keyID, issuedAt, reason, detail } = message;
                if (!isText(digest, 64)) return;
                const token = { digest, keyID: isText(keyID, 16 * 1024) ? keyID : null,
                    issuedAt: typeof issuedAt === "number" ? issuedAt : null };
                this.#listener.refusal(token, reason, detail);
                return;
            }
            case "signed-out": this.#listener.signOut(); return;
        }
    }
}

/** @param {unknown} value @param {number} limit @returns {value is string} */
function isText(value, limit) {
    return typeof value === "string" && value.length <= limit;
}

/** @param {unknown} value @returns {value is string[]} */
function isScope(value) {
    return Array.isArray(value) && value.length <= 256 && value.every((part) => isText(part, 1024));
}
