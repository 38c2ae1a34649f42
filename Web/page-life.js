/**
 * What the life of a page means for a token.
 * @typedef {object} PageListener
 * @property {() => void} wake the page is looked at again, or the network is back
 * @property {() => void} sleep the page is put away, and hears nothing from now on
 * @property {() => void} comeBack the page was put away and is back
 */

/** Watches the page: hidden and shown, frozen and resumed, put into the back button's cache, offline and online. */
export class PageLife {
    /** @type {(() => void)[]} */
    #listeners = [];
    #document;

    /** @param {ReturnType<typeof import("./ambient.js").ambientOf>} ambient @param {PageListener} listener */
    constructor({ document, window }, { wake, sleep, comeBack }) {
        this.#document = document;
        this.#on(document, "visibilitychange", () => {
            if (this.isVisible) wake();
        });
        this.#on(document, "freeze", sleep);
        this.#on(document, "resume", comeBack);
        this.#on(window, "online", wake);
        this.#on(window, "pagehide", (event) => {
            if (/** @type {PageTransitionEvent} */ (event).persisted) sleep();
        });
        this.#on(window, "pageshow", (event) => {
            if (/** @type {PageTransitionEvent} */ (event).persisted) comeBack();
        });
    }

    /** Whether somebody may be looking at the page. */
    get isVisible() {
        return this.#document?.visibilityState !== "hidden";
    }

    /** Stops watching. */
    end() {
        for (const stop of this.#listeners) stop();
        this.#listeners = [];
    }

    /** @param {EventTarget | null} target @param {string} name @param {(event: Event) => void} heed */
    #on(target, name, heed) {
        if (target === null) return;
        target.addEventListener(name, heed);
        this.#listeners.push(() => target.removeEventListener(name, heed));
    }
}
