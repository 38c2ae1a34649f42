/** A clock that stands still until it is told to go on. Whoever sleeps by it wakes when its hour has come. */
export class FakeClock {
    #now;
    #monotonic = 1000;
    #sleepers = new Set();
    #watchers = new Set();

    constructor(now = 1_700_000_000) {
        this.#now = now;
    }

    now = () => this.#now;
    monotonic = () => this.#monotonic;

    sleep = (seconds, { signal } = {}) =>
        new Promise((resolve, reject) => {
            if (signal?.aborted) return reject(signal.reason);
            if (seconds <= 1e-5) return resolve();
            const sleeper = { end: this.#monotonic + seconds, resolve };
            this.#sleepers.add(sleeper);
            signal?.addEventListener("abort", () => {
                this.#sleepers.delete(sleeper);
                reject(signal.reason);
            }, { once: true });
            for (const watcher of this.#watchers) watcher();
        });

    /** Time passes. */
    advance(seconds) {
        this.#now += seconds;
        this.#monotonic += seconds;
        const due = [...this.#sleepers].filter(({ end }) => end <= this.#monotonic + 1e-5)
            .sort((one, other) => one.end - other.end);
        for (const sleeper of due) {
            this.#sleepers.delete(sleeper);
            sleeper.resolve();
        }
    }

    /** The time of day jumps, as after sleep or when somebody sets the clock. */
    jump(seconds) {
        this.#now += seconds;
    }

    /** Waits until somebody sleeps who would wake this long from now. */
    untilSomebodySleeps(seconds) {
        const isSo = () =>
            [...this.#sleepers].some(({ end }) => Math.abs(end - this.#monotonic - seconds) <= 1e-5);
        return new Promise((resolve) => {
            const look = () => {
                if (!isSo()) return;
                this.#watchers.delete(look);
                resolve();
            };
            this.#watchers.add(look);
            look();
        });
    }
}

/** A door that is shut until it is opened, so that a test decides when something goes on. */
export class Latch {
    #isOpen = false;
    #waiting = new Set();
    #observers = new Set();

    /** Lets everybody through, now and from now on. */
    open() {
        this.#isOpen = true;
        for (const resolve of this.#waiting) resolve();
        this.#waiting.clear();
    }

    wait(signal) {
        if (this.#isOpen) return Promise.resolve();
        return new Promise((resolve, reject) => {
            if (signal?.aborted) return reject(signal.reason);
            this.#waiting.add(resolve);
            signal?.addEventListener("abort", () => {
                this.#waiting.delete(resolve);
                reject(signal.reason);
            }, { once: true });
            for (const observer of this.#observers) observer();
        });
    }

    /** Waits until that many stand before the latch. */
    untilWaiting(count = 1) {
        return new Promise((resolve) => {
            const look = () => {
                if (this.#waiting.size < count) return;
                this.#observers.delete(look);
                resolve();
            };
            this.#observers.add(look);
            look();
        });
    }
}
