import { linkedController } from "./abort.js";
import { changeOf } from "./changes.js";
import { MCPClientError } from "./errors.js";
import { keepListening } from "./listening.js";
import { listening, requestOf } from "./outgoing.js";

/** @typedef {import("./changes.js").ChangeQueue} ChangeQueue */
/** @typedef {import("./changes.js").SubscriptionFilter} SubscriptionFilter */
/** @typedef {{ filter: SubscriptionFilter, queue: ChangeQueue, fail: (error: unknown) => void }} Listener */

/**
 * Listens to servers with sessions: one stream (`GET`) for all who want to hear, and `resources/subscribe` for each
 * resource. What comes on the streams of other requests is heard, too. A client that offers answers listens from the
 * beginning, since servers may ask on that stream.
 */
export class LegacyListening {
    #exchange;
    #clock;
    #newID;
    #isAttending;
    #closing;
    #sessionCount = 0;
    /** @type {Set<Listener>} */
    #listeners = new Set();
    /** @type {{ abort: (reason?: unknown) => void } | null} */
    #stream = null;
    /** @type {{ abort: (reason?: unknown) => void } | null} */
    #attempt = null;

    /**
     * @param {object} options
     * @param {import("./exchange.js").Exchange} options.exchange
     * @param {import("./clock.js").Clock} options.clock
     * @param {() => number} options.newID
     * @param {boolean} options.isAttending whether it listens to every session from its beginning
     * @param {AbortSignal} options.closing aborted when the client is closed
     */
    constructor({ exchange, clock, newID, isAttending, closing }) {
        this.#exchange = exchange;
        this.#clock = clock;
        this.#newID = newID;
        this.#isAttending = isAttending;
        this.#closing = closing;
    }

    /**
     * Listens until it is aborted, or refused.
     * @param {SubscriptionFilter} filter
     * @param {ChangeQueue} queue
     * @param {AbortSignal} signal
     * @returns {Promise<void>}
     */
    async listen(filter, queue, signal) {
        const failing = new AbortController();
        const linked = linkedController(signal, failing.signal);
        const listener = { filter, queue, fail: (/** @type {unknown} */ error) => failing.abort(error) };
        this.#listeners.add(listener);
        try {
            this.#begin();
            await this.#subscribe(filter, linked.signal);
            queue.push({ kind: "subscribed", filter });
            await new Promise((_, reject) => {
                if (linked.signal.aborted) reject(linked.signal.reason);
                linked.signal.addEventListener("abort", () => reject(linked.signal.reason), { once: true });
            });
        } finally {
            linked.release();
            this.#listeners.delete(listener);
            this.#unsubscribe(filter);
            if (this.#listeners.size === 0 && !this.#isAttending) this.#stream?.abort();
        }
    }

    /**
     * What came on any stream of the server.
     * @param {import("./reply-reader.js").RPCMessage} message
     */
    hear(message) {
        for (const { filter, queue } of this.#listeners) {
            const change = changeOf(message, filter);
            if (change !== null) queue.push(change);
        }
    }

    /** There is a new session, which knows of no subscription. */
    sessionOpened() {
        this.#sessionCount += 1;
        this.#attempt?.abort(new MCPClientError("connection", "the session is another now"));
        if (this.#isAttending) this.#begin();
        for (const { filter, queue, fail } of this.#listeners) {
            const { signal } = new AbortController();
            this.#subscribe(filter, signal).then(() => queue.push({ kind: "reconnected", filter }), fail);
        }
    }

    /** Opens the stream, if it is not open, for as long as somebody listens. */
    #begin() {
        if (this.#stream !== null) return;
        const stream = linkedController(this.#closing);
        this.#stream = stream;
        keepListening((heard) => this.#once(stream.signal, heard), this.#clock, stream.signal).catch((error) => {
            if (this.#stream === stream) this.#stream = null;
            if (stream.signal.aborted) return;
            for (const { fail } of this.#listeners) fail(error);
        });
        stream.signal.addEventListener("abort", () => {
            if (this.#stream === stream) this.#stream = null;
        }, { once: true });
    }

    /** @param {AbortSignal} signal @param {() => void} heard */
    async #once(signal, heard) {
        const attempt = linkedController(signal);
        this.#attempt = attempt;
        try {
            await this.#exchange.deliver(listening(), null, {
                signal: attempt.signal, isEndless: true,
                onNotification: (message) => {
                    heard();
                    this.hear(message);
                },
            });
        } catch (error) {
            if (!(error instanceof MCPClientError)) throw error;
            if (error.status === 404) await this.#lookForSession(error, signal);
            throw error.status === 405 ? noStream(error) : error;
        } finally {
            attempt.release();
            if (this.#attempt === attempt) this.#attempt = null;
        }
    }

    /**
     * The stream is not there. Either the session is lost, which any request brings to light and cures, or there is no
     * stream.
     * @param {MCPClientError} error
     * @param {AbortSignal} signal
     */
    async #lookForSession(error, signal) {
        const before = this.#sessionCount;
        await this.#exchange.result(requestOf("ping", this.#newID(), undefined, { phase: "handshake" }), { signal });
        if (this.#sessionCount === before) throw noStream(error);
    }

    /** @param {SubscriptionFilter} filter @param {AbortSignal} signal */
    async #subscribe({ resourceSubscriptions = [] }, signal) {
        for (const uri of resourceSubscriptions) {
            await this.#exchange.result(this.#about("resources/subscribe", uri), { signal });
        }
    }

    /**
     * Tells the server that nobody listens any more, where nobody does. It may know already.
     * @param {SubscriptionFilter} filter
     */
    #unsubscribe({ resourceSubscriptions = [] }) {
        const others = [...this.#listeners].flatMap((listener) => listener.filter.resourceSubscriptions ?? []);
        for (const uri of resourceSubscriptions) {
            if (others.includes(uri)) continue;
            this.#exchange.result(this.#about("resources/unsubscribe", uri), {}).catch(() => {});
        }
    }

    /** @param {string} method @param {string} uri */
    #about(method, uri) {
        return requestOf(method, this.#newID(), { uri }, { phase: "operation", subject: uri });
    }
}

/** @param {MCPClientError} error */
function noStream(error) {
    return new MCPClientError("serverError", "this server offers no stream on which it tells of changes",
        { status: 405, cause: error });
}
