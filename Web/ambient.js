/**
 * What a browser's page offers, and a test or Node may replace or lack.
 * @typedef {object} Ambient
 * @property {typeof fetch} [fetch]
 * @property {{ origin: string, href: string, protocol: string } | null} [location]
 * @property {{ onLine?: boolean, locks?: LockManager } | null} [navigator]
 * @property {(EventTarget & { visibilityState?: string }) | null} [document]
 * @property {EventTarget | null} [window] where `online`, `pageshow` and the like happen
 * @property {typeof BroadcastChannel | null} [BroadcastChannel]
 * @property {Storage | null} [localStorage]
 * @property {Storage | null} [sessionStorage]
 * @property {Pick<Console, "debug" | "info" | "warn" | "error"> | null} [console]
 */

/**
 * The page's own surroundings, with some of them replaced.
 * @param {Ambient} [replaced]
 * @returns {Required<Omit<Ambient, "fetch">> & { fetch: typeof fetch }}
 */
export function ambientOf(replaced = {}) {
    const page = /** @type {any} */ (globalThis);
    return {
        // Called later and on its own, since others may replace the page's fetch meanwhile.
        fetch: replaced.fetch ?? ((input, init) => page.fetch(input, init)),
        location: given(replaced.location, () => page.location),
        navigator: given(replaced.navigator, () => page.navigator),
        document: given(replaced.document, () => page.document),
        window: given(replaced.window, () => (typeof page.addEventListener === "function" ? page : null)),
        BroadcastChannel: given(replaced.BroadcastChannel, () => page.BroadcastChannel),
        localStorage: given(replaced.localStorage, () => page.localStorage),
        sessionStorage: given(replaced.sessionStorage, () => page.sessionStorage),
        console: given(replaced.console, () => page.console),
    };
}

/**
 * @template Value
 * @param {Value | null | undefined} replaced
 * @param {() => Value | null | undefined} own
 * @returns {Value | null}
 */
function given(replaced, own) {
    if (replaced !== undefined) return replaced;
    try {
        return own() ?? null;
    } catch {
        // Storage throws where a page may not use it.
        return null;
    }
}
