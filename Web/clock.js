/**
 * The time of day and the time that passes, replaceable in tests.
 * @typedef {object} Clock
 * @property {() => number} now the time of day as this machine believes it to be, in seconds since 1970
 * @property {() => number} monotonic seconds since some moment; no correction of the clock moves it, and on some
 *   machines it stands still while they sleep
 * @property {(seconds: number, options?: { signal?: AbortSignal | null }) => Promise<void>} sleep waits; rejects with
 *   the signal's reason where that is aborted first. A machine that sleeps meanwhile makes it late, so nothing that
 *   must be true is decided by it
 */

/**
 * The clock of this machine.
 * @type {Clock}
 */
export const systemClock = {
    now: () => Date.now() / 1000,
    monotonic: () => performance.now() / 1000,
    sleep: (seconds, options = {}) =>
        new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
            const signal = options.signal ?? null;
            if (signal?.aborted) {
                reject(signal.reason);
                return;
            }
            const giveUp = () => {
                clearTimeout(timer);
                reject(signal?.reason);
            };
            const timer = setTimeout(() => {
                signal?.removeEventListener("abort", giveUp);
                resolve();
            }, Math.min(seconds * 1000, 0x7fffffff));
            signal?.addEventListener("abort", giveUp, { once: true });
        }),
};

/**
 * Notices that the time of day moved otherwise than time passed: the machine slept, or its clock was set.
 */
export class ClockWatch {
    /** Less than this, in seconds, is no jump: clocks are adjusted gently all the time. */
    static threshold = 2;
    #clock;
    #difference;

    /** @param {Clock} clock */
    constructor(clock) {
        this.#clock = clock;
        this.#difference = clock.now() - clock.monotonic();
    }

    /**
     * By how many seconds the time of day has jumped since it was last looked at; 0 for no jump. Forward may be sleep
     * or a clock that was set, backward is always a clock that was set.
     * @returns {number}
     */
    jump() {
        const difference = this.#clock.now() - this.#clock.monotonic();
        const jump = difference - this.#difference;
        this.#difference = difference;
        return Math.abs(jump) > ClockWatch.threshold ? jump : 0;
    }
}
