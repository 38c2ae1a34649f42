import { linkedController } from "./abort.js";
import { changeOf } from "./changes.js";
import { MCPClientError } from "./errors.js";
import { resultOf } from "./exchange.js";
import { keepListening } from "./listening.js";
import { requestOf } from "./outgoing.js";

/** @typedef {import("./changes.js").ChangeQueue} ChangeQueue */
/** @typedef {import("./changes.js").SubscriptionFilter} SubscriptionFilter */

const method = "subscriptions/listen";
const subscriptionID = "io.modelcontextprotocol/subscriptionId";

/** Listens to servers of the modern era: each subscription is a request whose answer is a stream. */
export class ModernListening {
    #exchange;
    #clock;
    #newID;
    #timeout;

    /**
     * @param {object} options
     * @param {import("./exchange.js").Exchange} options.exchange
     * @param {import("./clock.js").Clock} options.clock
     * @param {() => number} options.newID
     * @param {number} options.timeout seconds for the server to acknowledge
     */
    constructor({ exchange, clock, newID, timeout }) {
        this.#exchange = exchange;
        this.#clock = clock;
        this.#newID = newID;
        this.#timeout = timeout;
    }

    /**
     * Listens until it is aborted, or refused.
     * @param {SubscriptionFilter} filter
     * @param {ChangeQueue} queue
     * @param {AbortSignal} signal
     * @returns {Promise<never>}
     */
    listen(filter, queue, signal) {
        let isFirst = true;
        return keepListening((heard) => this.#once(filter, signal, {
            acknowledged: (honoured) => {
                queue.push({ kind: isFirst ? "subscribed" : "reconnected", filter: honoured });
                isFirst = false;
            },
            changed: (change) => {
                heard();
                queue.push(change);
            },
        }), this.#clock, signal);
    }

    /**
     * @param {SubscriptionFilter} filter
     * @param {AbortSignal} signal
     * @param {{ acknowledged: (honoured: SubscriptionFilter) => void,
     *   changed: (change: import("./changes.js").Change) => void }} listener
     */
    async #once(filter, signal, { acknowledged, changed }) {
        const id = this.#newID();
        const params = { notifications: filter };
        const request = { ...requestOf(method, id, params, { phase: "listing" }), isRepeatable: false };
        const linked = linkedController(signal);
        const watch = new AbortController();
        this.#clock.sleep(this.#timeout, { signal: watch.signal }).then(() => linked.abort(
            new MCPClientError("timeout", `${method}: the server did not acknowledge it in time`)), () => {});
        /** @type {(message: import("./reply-reader.js").RPCMessage) => void} */
        const onNotification = (message) => {
            const owner = message.params?._meta?.[subscriptionID];
            if (owner !== undefined && owner !== id) return;
            if (message.method === "notifications/subscriptions/acknowledged") {
                watch.abort();
                acknowledged(message.params?.notifications ?? {});
                return;
            }
            const change = changeOf(message, filter);
            if (change !== null) changed(change);
        };
        try {
            const course = { signal: linked.signal, onNotification, isEndless: true };
            const { answer } = await this.#exchange.deliver(request, null, course);
            resultOf(answer, method);
        } finally {
            watch.abort();
            linked.release();
        }
    }
}
