import { linkedController, unlessAborted } from "./abort.js";
import { MCPClientError } from "./errors.js";
import { inWords } from "./words.js";

/** Time runs out unless there is progress. It goes by the monotonic clock, which nobody sets. */
export class Patience {
    #clock;
    #timeout;
    #maximum;
    #end;
    #lastSign;
    #holders = 0;

    /**
     * @param {import("./clock.js").Clock} clock
     * @param {number} timeout seconds without any sign of progress
     * @param {number} maximum seconds in all, signs or not
     */
    constructor(clock, timeout, maximum) {
        this.#clock = clock;
        this.#timeout = timeout;
        this.#maximum = maximum;
        this.#lastSign = clock.monotonic();
        this.#end = this.#lastSign + maximum;
    }

    /** There is progress. */
    notice() {
        this.#lastSign = this.#clock.monotonic();
    }

    /**
     * The work's result. While it lasts nobody is impatient for want of a sign, since it is this side that takes its
     * time; only the time in all goes on.
     * @template Value
     * @param {() => Promise<Value>} work
     * @returns {Promise<Value>}
     */
    async during(work) {
        this.#holders += 1;
        try {
            return await work();
        } finally {
            this.#holders -= 1;
            this.notice();
        }
    }

    /**
     * The work's result, or an error where patience runs out or the signal is aborted first. The work is then aborted.
     * @template Value
     * @param {string} what for the message
     * @param {(signal: AbortSignal) => Promise<Value>} work
     * @param {AbortSignal | null | undefined} signal
     * @returns {Promise<Value>}
     */
    async limit(what, work, signal) {
        const linked = linkedController(signal);
        const watch = new AbortController();
        this.#runOut(watch.signal).then(() => {
            const isAtEnd = this.#end - this.#clock.monotonic() <= 0.001;
            const time = inWords(isAtEnd ? this.#maximum : this.#timeout);
            linked.abort(new MCPClientError("timeout",
                `${what}: no answer within ${time}; try again, or allow more time`));
        }, () => {});
        try {
            return await unlessAborted(work(linked.signal), linked.signal);
        } finally {
            watch.abort();
            linked.release();
        }
    }

    /** @param {AbortSignal} signal */
    async #runOut(signal) {
        for (;;) {
            if (this.#holders > 0) this.notice();
            const left = Math.min(this.#lastSign + this.#timeout, this.#end) - this.#clock.monotonic();
            // Less than a millisecond is nothing.
            if (left <= 0.001) return;
            await this.#clock.sleep(left, { signal });
        }
    }
}
