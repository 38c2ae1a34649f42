import { clientClosed } from "./errors.js";
import { legacyEra } from "./era-legacy.js";
import { Exchange } from "./exchange.js";
import { requestOf } from "./outgoing.js";
import { Sender } from "./sender.js";
import { Sessions } from "./session.js";
import { FetchTransport } from "./transport.js";

/**
 * What a client hears of its connection.
 * @typedef {object} ConnectionListener
 * @property {(record: import("./request-record.js").RequestRecord) => void} onRecord
 * @property {(change: { error?: unknown, opened?: import("./session.js").Session }) => void} onChange
 */

/** The connection of a client to its server: the parts that send, recover and open sessions, put together. */
export class Connection {
    #era = legacyEra;
    #settings;
    #closing = new AbortController();
    #nextID = 1;
    #exchange;
    /** @type {Sessions} */
    #sessions;

    /**
     * @param {import("./client-options.js").ClientSettings} settings
     * @param {import("./token-manager.js").TokenManager | null} tokens
     * @param {ConnectionListener} listener
     */
    constructor(settings, tokens, { onRecord, onChange }) {
        const { address, ambient, clock, credentials, clientInfo, rules, maximumReplySize } = settings;
        this.#settings = settings;
        const era = this.#era;
        const checkOpen = () => this.checkOpen();
        const newID = () => this.newID();
        const transport = new FetchTransport({ address, ambient, clock, credentials });
        const sender = new Sender({ transport, tokens, clock, era, maximumReplySize, onRecord, checkOpen });
        this.#exchange = new Exchange({
            sender, transport, tokens, clock, rules, checkOpen, newID,
            sessions: {
                any: (signal) => this.#sessions.any(signal), lose: (session) => this.#sessions.lose(session),
            },
        });
        this.#sessions = new Sessions({
            exchange: this.#exchange, sender, era, clock, clientInfo, newID,
            timeout: settings.handshakeTimeout, shown: address.shown, closing: this.#closing.signal, onChange,
        });
    }

    /** The session that is open; null for none. */
    get session() {
        return this.#sessions.current;
    }

    /** Whether a handshake is under way. */
    get isOpening() {
        return this.#sessions.isOpening;
    }

    /** Aborted when the connection is closed. */
    get closing() {
        return this.#closing.signal;
    }

    /** @throws {MCPClientError} where it is closed, or leads nowhere */
    checkOpen() {
        if (this.#closing.signal.aborted) throw clientClosed();
        if (this.#settings.addressError !== null) throw this.#settings.addressError;
    }

    /**
     * The id of the next request.
     * @returns {number}
     */
    newID() {
        const id = this.#nextID;
        this.#nextID += 1;
        return id;
    }

    /**
     * The session; opened where none is.
     * @param {AbortSignal} signal
     */
    open(signal) {
        return this.#sessions.any(signal);
    }

    /**
     * Sends a request and returns its result.
     * @param {string} method
     * @param {Record<string, unknown> | undefined} params
     * @param {{ phase: import("./outgoing.js").Phase, tool?: string }} traits
     * @param {{ signal: AbortSignal, onProgress?: (progress: import("./sender.js").Progress) => void }} options
     * @returns {Promise<unknown>}
     */
    request(method, params, traits, options) {
        const id = this.newID();
        const all = options.onProgress === undefined ? params : { ...params, _meta: { progressToken: id } };
        const outgoing = requestOf(method, id, this.#era.params(all, this.#settings.clientInfo), traits);
        return this.#exchange.result(outgoing, options);
    }

    /** Ends everything that is under way, and forgets the session; it is returned, so that the server can be told. */
    close() {
        this.#closing.abort(clientClosed());
        return this.#sessions.takeAway();
    }

    /**
     * Tells the server that the session is over.
     * @param {import("./session.js").Session} session
     * @param {import("./access-token.js").AccessToken | null} token
     */
    end(session, token) {
        return this.#sessions.end(session, token);
    }
}
