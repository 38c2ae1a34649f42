import { sheet, baseRules } from "./style.js";

/**
 * What the elements look at in a client; `MCPClient` has it.
 *
 * @typedef {EventTarget & {
 *     state: string,
 *     failure: { code?: string, reason?: string | null, remedy?: string | null, message?: string,
 *         detail?: string | null } | null,
 *     clockOffset: number | null,
 *     records: readonly ClientRecord[],
 *     tokens?: { state?: { name: string, reason?: string | null, message?: string | null } } | null,
 *     url?: string,
 * }} WatchedClient
 */

/**
 * One line of a client's record: a request, a fetched token, or a note between them.
 *
 * @typedef {object} ClientRecord
 * @property {string} kind `request`, `token` or `note`
 * @property {number} [sequence]
 * @property {string} [httpMethod]
 * @property {string} [method]
 * @property {string | null} [tool]
 * @property {Readonly<{ keyID: string | null, age: number | null, fingerprint: string }> | null} [token]
 * @property {boolean} [tokenSent]
 * @property {boolean} [sessionSent]
 * @property {string} [era] in whose way it was sent: `legacy` or `modern`
 * @property {string} [occasion]
 * @property {number} [attempt]
 * @property {number} [startedAt] Milliseconds since 1970.
 * @property {number | null} [duration] Milliseconds.
 * @property {number | null} [status]
 * @property {string | null} [reason]
 * @property {string | null} [remedy]
 * @property {string | null} [detail]
 * @property {string | null} [failure]
 * @property {string | null} [requestId]
 * @property {boolean} [shared]
 * @property {string} [text] Of a note; of a token, where it came from if from no source.
 */

/** Outside a browser there are no elements; the module can be loaded there nevertheless. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

const livingClients = Symbol.for("vestibule.clients");

/**
 * An element that watches a client: the one it is given as `client`, else the first one of the page, now or later.
 */
export class ClientElement extends Base {
    /** @type {WatchedClient | null} */
    #client = null;
    #isChosen = false;
    /** @type {AbortController | null} */
    #watch = null;
    #areSheetsSet = false;

    /** The client that is watched; `null` while there is none. Setting `null` goes back to the page's first. */
    get client() {
        return this.#client;
    }

    set client(client) {
        this.#isChosen = client !== null && client !== undefined;
        this.#adopt(client ?? firstClient());
    }

    /** @param {string} rules The element's own style. */
    furnish(rules) {
        const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
        if (!this.#areSheetsSet) root.adoptedStyleSheets = [sheet(baseRules), sheet(rules)];
        this.#areSheetsSet = true;
        return root;
    }

    connectedCallback() {
        if (Object.hasOwn(this, "client")) {
            // Set before the element was defined: hand it to the accessor.
            const given = this.client;
            delete (/** @type {any} */ (this).client);
            this.client = given;
        }
        if (!this.#isChosen) this.#client = firstClient();
        globalThis.addEventListener("vestibule:client", this.#clientAppeared);
        this.#adopt(this.#client);
    }

    disconnectedCallback() {
        globalThis.removeEventListener("vestibule:client", this.#clientAppeared);
        this.#watch?.abort();
        this.#watch = null;
    }

    /**
     * Called when another client is watched; what is listened to ends with the signal.
     *
     * @param {WatchedClient | null} _client
     * @param {AbortSignal} _signal
     */
    clientChanged(_client, _signal) {}

    #clientAppeared = () => {
        if (this.#isChosen || (this.#client && this.#client.state !== "closed")) return;
        this.#adopt(firstClient());
    };

    /** How the client stands, and what is in the way where something is. */
    get standing() {
        return standingOf(this.#client);
    }

    /** @param {WatchedClient | null} client */
    #adopt(client) {
        this.#client = client;
        this.#watch?.abort();
        this.#watch = null;
        if (!this.isConnected) return;
        this.#watch = new AbortController();
        this.clientChanged(client, this.#watch.signal);
    }
}

/**
 * @param {WatchedClient | null} client
 * @returns {{ state: string, code: string | null, reason: string | null, message: string | null }}
 */
function standingOf(client) {
    const state = client?.state ?? "idle";
    const isTrouble = state === "failed" || state === "signed-out";
    if (!client || !isTrouble) return { state, code: null, reason: null, message: null };
    const tokens = client.tokens?.state;
    const failure = client.failure;
    const isTokens = tokens?.name === "failed";
    return {
        state, code: isTokens ? "tokenSource" : failure?.code ?? null,
        reason: (isTokens ? tokens.reason : failure?.reason) ?? null,
        message: (isTokens ? tokens.message : failure?.detail ?? failure?.message) ?? null,
    };
}

/** @returns {WatchedClient | null} */
function firstClient() {
    const clients = /** @type {any} */ (globalThis)[livingClients];
    if (!clients) return null;
    /** @type {WatchedClient | null} */
    let last = null;
    for (const client of clients) {
        if (client.state !== "closed") return client;
        last = client;
    }
    return last;
}
