import { unlessAborted } from "./abort.js";

/**
 * One piece of work however many want its result. A waiter that is aborted leaves at once and disturbs nobody; the work
 * goes on.
 * @template Value
 */
export class SingleFlight {
    /** @type {Promise<Value> | null} */
    #work = null;

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
            const flight = work().finally(() => {
                if (this.#work === flight) this.#work = null;
            });
            flight.catch(() => {});
            this.#work = flight;
        }
        return unlessAborted(this.#work, signal);
    }
}
