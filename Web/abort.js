// Waiting that can be given up.

/**
 * The promise's result, unless the signal is aborted first. The work behind the promise goes on.
 * @template Value
 * @param {Promise<Value>} promise
 * @param {AbortSignal | null | undefined} signal
 * @returns {Promise<Value>}
 */
export function unlessAborted(promise, signal) {
    if (!signal) return promise;
    return new Promise((resolve, reject) => {
        const giveUp = () => reject(signal.reason);
        if (signal.aborted) {
            promise.catch(() => {});
            giveUp();
            return;
        }
        signal.addEventListener("abort", giveUp, { once: true });
        promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
    });
}

/**
 * A controller that is aborted with any of the signals. `release` lets go of them.
 * @param {...(AbortSignal | null | undefined)} signals
 * @returns {{ signal: AbortSignal, abort: (reason?: unknown) => void, release: () => void }}
 */
export function linkedController(...signals) {
    const controller = new AbortController();
    /** @type {(() => void)[]} */
    const releases = [];
    for (const signal of signals) {
        if (!signal) continue;
        if (signal.aborted) {
            controller.abort(signal.reason);
            break;
        }
        const pass = () => controller.abort(signal.reason);
        signal.addEventListener("abort", pass, { once: true });
        releases.push(() => signal.removeEventListener("abort", pass));
    }
    return {
        signal: controller.signal,
        abort: (reason) => controller.abort(reason),
        release: () => releases.forEach((release) => release()),
    };
}
