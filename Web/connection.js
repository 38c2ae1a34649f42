import { Answers } from "./answers.js";
import { clientClosed } from "./errors.js";
import { legacyEra } from "./era-legacy.js";
import { modernEra } from "./era-modern.js";
import { Exchange } from "./exchange.js";
import { requestOf } from "./outgoing.js";
import { Sender } from "./sender.js";
import { Sessions } from "./session.js";
import { LegacyListening } from "./listening-legacy.js";
import { ModernListening } from "./listening-modern.js";
import { FetchTransport } from "./transport.js";

/**
 * What a client hears of its connection.
 * @typedef {object} ConnectionListener
 * @property {(record: import("./request-record.js").RequestRecord) => void} onRecord
 * @property {(change: { error?: unknown, opened?: import("./session.js").Session }) => void} onChange
 * @property {(message: import("./reply-reader.js").RPCMessage) => void} onNotification
 * @property {(line: string) => void} warn
 * @property {(signal: AbortSignal) => Promise<unknown>} learnTools lists the tools anew
 */

/** The connection of a client to its server: the parts that send, recover and open sessions, put together. */
export class Connection {
    #settings;
    #profile;
    #closing = new AbortController();
    #nextID = 1;
    #exchange;
    /** @type {Sessions} */
    #sessions;
    #listening;

    /**
     * @param {import("./client-options.js").ClientSettings} settings
     * @param {import("./token-manager.js").TokenManager | null} tokens
     * @param {ConnectionListener} listener
     */
    constructor(settings, tokens, { onRecord, onChange, onNotification, warn, learnTools }) {
        const { address, ambient, clock, credentials, clientInfo, rules, maximumReplySize, verdicts } = settings;
        this.#settings = settings;
        const answers = new Answers(settings.handlers, warn);
        /** @type {import("./era-legacy.js").Profile} */
        const profile = { clientInfo, capabilities: answers.capabilities, logLevel: null };
        this.#profile = profile;
        const checkOpen = () => this.checkOpen();
        const newID = () => this.newID();
        const transport = new FetchTransport({ address, ambient, clock, credentials });
        const sender = new Sender({
            transport, tokens, clock, maximumReplySize, onRecord, checkOpen,
            onNotification: (message) => {
                this.#listening.legacy.hear(message);
                onNotification(message);
            },
        });
        this.#exchange = new Exchange({
            sender, transport, tokens, clock, rules, answers, checkOpen, newID,
            around: {
                session: (signal) => this.#sessions.any(signal), learnTools,
                lose: (session, isInDoubt) => this.#sessions.lose(session, isInDoubt),
            },
        });
        const server = address.key;
        this.#sessions = new Sessions({
            exchange: this.#exchange, sender, clock, newID, choice: settings.era,
            eras: { legacy: legacyEra(profile), modern: modernEra(profile, warn) },
            verdicts: {
                isLegacy: () => verdicts.isLegacy(server, clock.monotonic()),
                noteLegacy: () => verdicts.noteLegacy(server, clock.monotonic()),
                forget: () => verdicts.forget(server),
            },
            timeout: settings.handshakeTimeout, shown: address.shown, closing: this.#closing.signal,
            onChange: (change) => {
                if (change.opened?.era.name === "legacy") this.#listening.legacy.sessionOpened();
                onChange(change);
            },
        });
        const parts = { exchange: this.#exchange, clock, newID };
        const isAttending = Object.keys(profile.capabilities).length > 0;
        this.#listening = {
            legacy: new LegacyListening({ ...parts, isAttending, closing: this.#closing.signal }),
            modern: new ModernListening({ ...parts, timeout: settings.handshakeTimeout }),
        };
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
     * @param {import("./outgoing.js").Traits} traits
     * @param {{ signal: AbortSignal, onProgress?: (progress: import("./sender.js").Progress) => void }} options
     * @returns {Promise<unknown>}
     */
    request(method, params, traits, options) {
        const wantsProgress = options.onProgress !== undefined;
        return this.#exchange.result(requestOf(method, this.newID(), params, { ...traits, wantsProgress }), options);
    }

    /**
     * Asks whether the server is there, as its era does.
     * @param {{ signal: AbortSignal }} options
     */
    async ping(options) {
        const { era } = await this.#sessions.any(options.signal);
        await this.request(era.glance, undefined, { phase: "handshake" }, options);
    }

    /**
     * Listens to what changes at the server, in the way of its era, until it is aborted.
     * @param {import("./changes.js").SubscriptionFilter} filter
     * @param {import("./changes.js").ChangeQueue} queue
     * @param {AbortSignal} signal
     */
    async listen(filter, queue, signal) {
        const { era } = await this.#sessions.any(signal);
        await this.#listening[era.name].listen(filter, queue, signal);
    }

    /**
     * Tells the server from which level on it is to log, in the way of its era.
     * @param {string} level
     * @param {AbortSignal} signal
     */
    async setLogLevel(level, signal) {
        const { era } = await this.#sessions.any(signal);
        this.#profile.logLevel = level;
        if (era.logLevelRequest === null) return;
        await this.request(era.logLevelRequest, { level }, { phase: "operation" }, { signal });
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
