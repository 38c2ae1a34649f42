import { unlessAborted } from "./abort.js";

/**
 * One piece of work however many want its result. A waiter that is aborted leaves at once and disturbs nobody; the work
 * goes on.
 * @template Value
 */
export class SingleFlight {
    /** @type {Promise<Value> | null} */
    #work = null;
    #onValue;
    #onError;

    /**
     * Both are called when the work has ended, before any waiter hears of it.
     * @param {(value: Value) => void} onValue
     * @param {(error: unknown) => void} onError
     */
    constructor(onValue, onError) {
        this.#onValue = onValue;
        this.#onError = onError;
    }

    /** Whether the work is under way. */
    get isFlying() {
        return this.#work !== null;
    }

    /**
     * The result of the work that is under way, or of `work`, which is begun where none is.
     * @param {() => Promise<Value>} work
     * @param {AbortSignal | null | undefined} signal
     * @returns {Promise<Value>}
     */
    value(work, signal) {
        if (signal?.aborted) return Promise.reject(signal.reason);
        if (this.#work === null) {
            this.#work = work().then((value) => {
                this.#work = null;
                this.#onValue(value);
                return value;
            }, (error) => {
                this.#work = null;
                this.#onError(error);
                throw error;
            });
            // Waiters may all be gone when it fails.
            this.#work.catch(() => {});
        }
        return unlessAborted(this.#work, signal);
    }
}
