/** An origin in memory: the locks and channels that its tabs share. */
export class FakeOrigin {
    channels = new Set();
    #queues = new Map();
    granted = 0;
    sent = [];

    /** What one tab sees of it. */
    tab(more = {}) {
        const origin = this;
        const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
        return {
            location: { origin: "https://app.test", href: "https://app.test/", protocol: "https:" },
            navigator: { onLine: true, locks: { request: (...args) => origin.#lock(...args) } },
            document, window: new EventTarget(), console: null,
            localStorage: new FakeStorage(), sessionStorage: new FakeStorage(),
            BroadcastChannel: class {
                onmessage = null;

                constructor(name) {
                    this.name = name;
                    origin.channels.add(this);
                }

                postMessage(data) {
                    origin.sent.push(structuredClone(data));
                    for (const channel of origin.channels) {
                        if (channel === this || channel.name !== this.name) continue;
                        setImmediate(() => origin.channels.has(channel)
                            && channel.onmessage?.({ data: structuredClone(data) }));
                    }
                }

                close() {
                    origin.channels.delete(this);
                }
            },
            ...more,
        };
    }

    #lock(name, { signal }, callback) {
        const before = this.#queues.get(name) ?? Promise.resolve();
        const turn = new Promise((resolve, reject) => {
            if (signal?.aborted) return reject(signal.reason);
            signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
            before.then(resolve);
        });
        const result = turn.then(() => {
            this.granted += 1;
            return callback({ name });
        });
        this.#queues.set(name, before.then(() => result.catch(() => {})));
        return result;
    }
}

export class FakeStorage {
    #entries = new Map();

    get length() {
        return this.#entries.size;
    }

    key = (index) => [...this.#entries.keys()][index] ?? null;
    getItem = (name) => this.#entries.get(name) ?? null;
    setItem = (name, value) => void this.#entries.set(name, String(value));
    removeItem = (name) => void this.#entries.delete(name);
}
