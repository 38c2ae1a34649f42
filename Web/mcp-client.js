import { ambientOf } from "./ambient.js";
import { linkedController } from "./abort.js";
import { systemClock } from "./clock.js";
import { legacyEra } from "./era-legacy.js";
import { clientClosed, MCPClientError } from "./errors.js";
import { Exchange } from "./exchange.js";
import { Logger } from "./logger.js";
import { requestOf } from "./outgoing.js";
import { readRejection } from "./rejection.js";
import { describeRecord } from "./request-record.js";
import { ServerAddress } from "./server-address.js";
import { Sessions } from "./session.js";
import { TokenManager } from "./token-manager.js";
import { FetchTransport } from "./transport.js";

/** @typedef {import("./request-record.js").RequestRecord} RequestRecord */
/** @typedef {import("./request-record.js").TokenRecord} TokenRecord */
/** @typedef {{ signal?: AbortSignal | null }} Abortable */
/** @typedef {{ name: string, title?: string, description?: string, inputSchema: Record<string, unknown>,
 *   outputSchema?: Record<string, unknown>, annotations?: Record<string, unknown> }} Tool */

/**
 * What a tool answers, its own failures included (`isError`). Where the server denied the call in band, `denial` says
 * why.
 * @typedef {{ content: Record<string, any>[], structuredContent: Record<string, unknown> | null, isError: boolean,
 *   denial: import("./rejection.js").Rejection | null }} ToolResult
 */

/**
 * One light for a person.
 * @typedef {"idle" | "initializing" | "ready" | "refreshing" | "signed-out" | "failed" | "closed"} ClientState
 */

/**
 * @typedef {object} MCPClientOptions
 * @property {string | URL} url of the MCP endpoint; relative to the page where there is one
 * @property {import("./token-source.js").GetToken} [getToken] where tokens come from
 * @property {TokenManager} [tokens] a token manager that is shared with others, instead of `getToken`; it is left open
 * @property {boolean} [canRefresh] whether asking `getToken` again at once may bring another token; default true
 * @property {boolean} [canWidenScope] whether `getToken` heeds the scope it is asked for; default false
 * @property {import("./era-legacy.js").Implementation} [clientInfo] who we are, as `initialize` tells the server
 * @property {"withheld" | "sent"} [handshakeToken] whether the handshake carries a token; default `withheld`: a server
 *   that asks for one gets a fresh one at once
 * @property {number | null} [maximumAge] seconds a token may be old; null for any age; default 300
 * @property {number} [refusedKeyMemory] seconds for which the tokens of a refused key are not even sent; default 60
 * @property {{ handshake?: number, call?: number, maximumCall?: number, refresh?: number, maximumWait?: number }}
 *   [timeouts] in seconds: a handshake (30), a call without progress (60) and in all (600), a token (30), and the
 *   longest wait that a server may ask for (30)
 * @property {number} [maximumReplySize] bytes; default 16 MiB
 * @property {number} [maximumBusyRetries] how often a request is sent again because the server was busy; default 2
 * @property {number} [maximumPages] how many pages of one list are read; default 100
 * @property {number} [maximumListLength] how many tools of one list are kept; default 10,000
 * @property {RequestCredentials} [credentials] whether cookies go along; default `omit`
 * @property {typeof fetch} [fetch]
 * @property {import("./clock.js").Clock} [clock]
 * @property {import("./ambient.js").Ambient} [ambient] what the page offers, replaced in tests
 * @property {import("./logger.js").LogLevel} [logLevel] what is written to the console; default `info`
 * @property {AbortSignal} [signal] closes the client when it is aborted
 */

/** How many records are kept. */
const maximumRecords = 500;

/**
 * A client of one MCP server, whose token cannot go stale.
 *
 * The session is opened when it is first needed, without a token; every operation carries one that is known to be
 * fresh; a token that is refused is replaced once, a session that is lost is opened again once, and what then still
 * fails is an `MCPClientError` with the server's reason.
 *
 * Events: `record` (detail: the record of a request or of a question to the token source), `state` (detail:
 * `{ state, reason, message }`).
 */
export class MCPClient extends EventTarget {
    #address;
    #tokens;
    #ownsTokens;
    /** @type {Exchange} */
    #exchange;
    /** @type {Sessions} */
    #sessions;
    #logger;
    #limits;
    /** @type {import("./era-legacy.js").Era} */
    #era = legacyEra;
    #clientInfo;
    #closing = new AbortController();
    /** @type {(RequestRecord | TokenRecord)[]} */
    #records = [];
    /** @type {MCPClientError | null} */
    #failure = null;
    #nextID = 1;
    /** @type {{ state: ClientState, reason: string | null, message: string | null }} */
    #announced = { state: "idle", reason: null, message: null };
    #forgetListeners = () => {};

    /** @param {MCPClientOptions} options */
    constructor(options) {
        super();
        const ambient = ambientOf({ ...options.ambient, ...(options.fetch && { fetch: options.fetch }) });
        const clock = options.clock ?? systemClock;
        const { handshake = 30, call = 60, maximumCall = 600, refresh = 30, maximumWait = 30 } = options.timeouts ?? {};
        this.#address = addressOf(options.url, ambient.location);
        this.#logger = new Logger(options.logLevel ?? "info", ambient.console);
        this.#limits = { pages: options.maximumPages ?? 100, tools: options.maximumListLength ?? 10_000 };
        this.#ownsTokens = options.tokens === undefined;
        this.#tokens = options.tokens ?? (options.getToken === undefined ? null : new TokenManager({
            getToken: options.getToken, canRefresh: options.canRefresh, canWidenScope: options.canWidenScope,
            maximumAge: options.maximumAge, refusedKeyMemory: options.refusedKeyMemory, refreshTimeout: refresh, clock,
        }));
        this.#clientInfo = options.clientInfo ?? { name: "vestibule-js", version: "0.1.0" };
        const newID = () => this.#nextID++;
        const era = this.#era;
        this.#exchange = new Exchange({
            transport: new FetchTransport({
                address: this.#address.known, ambient, clock, credentials: options.credentials,
            }),
            tokens: this.#tokens, clock, era, newID,
            rules: {
                handshakeToken: options.handshakeToken ?? "withheld", callTimeout: call,
                maximumCallDuration: maximumCall, maximumReplySize: options.maximumReplySize ?? 16 << 20, maximumWait,
                maximumBusyRetries: options.maximumBusyRetries ?? 2,
            },
            sessions: {
                any: (signal) => this.#sessions.any(signal), lose: (session) => this.#sessions.lose(session),
            },
            onRecord: (record) => this.#add(record),
            checkOpen: () => this.#checkOpen(),
        });
        this.#sessions = new Sessions({
            exchange: this.#exchange, era, clock, newID, timeout: handshake, shown: this.#address.known.shown,
            clientInfo: this.#clientInfo, closing: this.#closing.signal,
            onChange: (change) => this.#sessionChanged(change),
        });
        this.#listen(ambient.window, options.signal);
        register(this);
    }

    /** The server's URL. */
    get url() {
        return this.#address.known.url;
    }

    /** Whether a session is open. */
    get isInitialized() {
        return this.#sessions.current !== null;
    }

    /** What the server said of itself when the session was opened; null without a session. */
    get server() {
        const session = this.#sessions.current;
        if (session === null) return null;
        const { protocolVersion, capabilities, serverInfo, instructions } = session;
        return { protocolVersion, capabilities, serverInfo, instructions, hasSessionID: session.id !== null };
    }

    /** The token's keeper; null for a client that stays anonymous. */
    get tokens() {
        return this.#tokens;
    }

    /**
     * The newest 500 records, in the order in which they ended.
     * @returns {(RequestRecord | TokenRecord)[]}
     */
    get records() {
        return [...this.#records];
    }

    /** What stands in the way, if something does: the last failure that no success followed. */
    get failure() {
        return this.#failure;
    }

    /** How far the server's clock is ahead of this machine's, in seconds; null until it is known. */
    get clockOffset() {
        return this.#tokens?.clockOffset ?? null;
    }

    /**
     * Where the client stands, as one light.
     * @returns {ClientState}
     */
    get state() {
        if (this.#closing.signal.aborted) return "closed";
        if (this.#sessions.isOpening) return "initializing";
        const { name, reason } = this.#tokens?.state ?? { name: "idle" };
        if (name === "initializing" || name === "refreshing") return name;
        if (name === "failed" && reason === "token_missing") return "signed-out";
        if (this.#failure !== null || name === "failed") return "failed";
        return this.isInitialized ? "ready" : "idle";
    }

    /**
     * Opens the session, if none is open, and nothing else.
     * @param {Abortable} [options]
     * @returns {Promise<NonNullable<MCPClient["server"]>>} what the server says of itself
     */
    async initialize(options = {}) {
        await this.#within(options.signal, (signal) => this.#sessions.any(signal));
        const { server } = this;
        if (server === null) throw clientClosed();
        return server;
    }

    /**
     * Opens the session now and fetches the first token. Calls do both by themselves where it was not done. A token
     * that cannot be had is no failure of the connection: the first operation that needs one tells, and so does
     * `tokens.state`.
     * @param {Abortable} [options]
     */
    async connect(options = {}) {
        const server = await this.initialize(options);
        if (this.#tokens !== null && this.#tokens.freshToken === null) {
            try {
                await this.#tokens.refreshAllData(options);
            } catch (error) {
                if (options.signal?.aborted) throw error;
            }
        }
        return server;
    }

    /**
     * All tools, from every page of the list. With a token at hand the server shows what its principal may call.
     * @param {Abortable} [options]
     * @returns {Promise<Tool[]>}
     */
    async listTools(options = {}) {
        /** @type {Tool[]} */
        const tools = [];
        /** @type {string | undefined} */
        let cursor;
        for (let page = 0; page < this.#limits.pages; page += 1) {
            const params = cursor === undefined ? undefined : { cursor };
            const traits = /** @type {const} */ ({ phase: "listing" });
            const result = /** @type {any} */ (await this.#request("tools/list", params, traits, options));
            if (!Array.isArray(result?.tools) || !result.tools.every(isTool)) {
                throw listProblem("the result holds no list of tools");
            }
            tools.push(...result.tools);
            if (tools.length > this.#limits.tools) throw listProblem(`more than ${this.#limits.tools} tools`);
            if (typeof result.nextCursor !== "string") return tools;
            if (result.nextCursor === cursor) throw listProblem("the server gives the same page again and again");
            cursor = result.nextCursor;
        }
        throw listProblem(`more than ${this.#limits.pages} pages`);
    }

    /**
     * Calls a tool.
     * @param {string} name
     * @param {Record<string, unknown>} [args]
     * @param {Abortable & { onProgress?: (progress: import("./exchange.js").Progress) => void }} [options] asking for
     *   progress also makes the call's time-out count from the last of it
     * @returns {Promise<ToolResult>}
     * @throws {MCPClientError} `outcomeUnknown` where the connection broke and the call may have run
     */
    async callTool(name, args = {}, options = {}) {
        const result = /** @type {any} */ (await this.#request(
            "tools/call", { name, arguments: args }, { phase: "operation", tool: name }, options));
        if (!Array.isArray(result?.content)) {
            const what = `tools/call of ${name.slice(0, 128)}`;
            throw new MCPClientError("protocolViolation", `${what}: the result has no content`);
        }
        const isObject = typeof result.structuredContent === "object" && !Array.isArray(result.structuredContent);
        const structuredContent = isObject ? result.structuredContent ?? null : null;
        const isError = result.isError === true;
        return { content: result.content, structuredContent, isError,
            denial: isError ? readRejection(structuredContent) : null };
    }

    /**
     * Asks whether the server is there.
     * @param {Abortable} [options]
     */
    async ping(options = {}) {
        await this.#request("ping", undefined, { phase: "handshake" }, options);
    }

    /**
     * Any other request of MCP. It is treated as an operation: it carries a token, and is never sent again when nobody
     * knows whether it ran.
     * @param {string} method
     * @param {Record<string, unknown>} [params]
     * @param {Abortable} [options]
     * @returns {Promise<unknown>} the result
     */
    request(method, params, options = {}) {
        return this.#request(method, params, { phase: "operation" }, options);
    }

    /** Ends the session and everything that is under way. That the server is gone is no failure. */
    async close() {
        if (this.#closing.signal.aborted) return;
        this.#forgetListeners();
        const token = this.#tokens?.freshToken ?? null;
        this.#closing.abort(clientClosed());
        const session = this.#sessions.takeAway();
        if (this.#ownsTokens) this.#tokens?.close();
        this.#announce();
        clients.delete(this);
        if (session !== null) await this.#sessions.end(session, token);
    }

    /**
     * @param {string} method
     * @param {Record<string, unknown> | undefined} params
     * @param {{ phase: import("./outgoing.js").Phase, tool?: string }} traits
     * @param {Abortable & { onProgress?: (progress: import("./exchange.js").Progress) => void }} options
     */
    async #request(method, params, traits, { signal, onProgress }) {
        const id = this.#nextID++;
        const all = onProgress === undefined ? params : { ...params, _meta: { progressToken: id } };
        const outgoing = requestOf(method, id, this.#era.params(all, this.#clientInfo), traits);
        try {
            const result = await this.#within(signal, (linked) =>
                this.#exchange.result(outgoing, { signal: linked, onProgress }));
            this.#setFailure(null);
            return result;
        } catch (error) {
            if (error instanceof MCPClientError && standsInTheWay.has(error.code)) this.#setFailure(error);
            throw error;
        }
    }

    /**
     * @template Value
     * @param {AbortSignal | null | undefined} signal
     * @param {(signal: AbortSignal) => Promise<Value>} work
     */
    async #within(signal, work) {
        this.#checkOpen();
        const linked = linkedController(signal, this.#closing.signal);
        try {
            return await work(linked.signal);
        } finally {
            linked.release();
        }
    }

    #checkOpen() {
        if (this.#closing.signal.aborted) throw clientClosed();
        if (this.#address.error !== null) throw this.#address.error;
    }

    /** @param {RequestRecord | TokenRecord} record */
    #add(record) {
        this.#records.push(record);
        if (this.#records.length > maximumRecords) this.#records.shift();
        const isTrouble = record.failure !== null || (record.kind === "request" && record.reason !== null);
        this.#logger.write(isTrouble ? "warn" : "debug", describeRecord(record));
        this.dispatchEvent(new CustomEvent("record", { detail: record }));
    }

    /** @param {{ error?: unknown, opened?: import("./session.js").Session }} change */
    #sessionChanged({ error, opened }) {
        if (opened) {
            this.#logger.write("info", `MCP session established (token sent: ${opened.tokenSent ? "yes" : "no"})`);
            this.#failure = null;
        }
        if (error instanceof MCPClientError && error.code !== "closed") {
            this.#logger.write("error", `MCP session not established: ${error}`);
            this.#failure = error;
        }
        this.#announce();
    }

    /** @param {MCPClientError | null} failure */
    #setFailure(failure) {
        this.#failure = failure;
        this.#announce();
    }

    /** Tells of the state where it is another than before. */
    #announce() {
        const { state } = this;
        const tokens = this.#tokens?.state;
        const isTrouble = state === "failed" || state === "signed-out";
        const failed = tokens?.name === "failed" ? tokens : null;
        const reason = isTrouble ? failed?.reason ?? this.#failure?.reason ?? null : null;
        const message = isTrouble ? failed?.message ?? this.#failure?.message ?? null : null;
        const { state: before, reason: reasonBefore, message: messageBefore } = this.#announced;
        if (state === before && reason === reasonBefore && message === messageBefore) return;
        this.#announced = { state, reason, message };
        this.#logger.write("debug", `state: ${state}${reason === null ? "" : ` (${reason})`}`);
        this.dispatchEvent(new CustomEvent("state", { detail: this.#announced }));
    }

    /** @param {EventTarget | null} page @param {AbortSignal | undefined} signal */
    #listen(page, signal) {
        const onState = () => this.#announce();
        const onRecord = (/** @type {Event} */ event) => this.#add(/** @type {CustomEvent} */ (event).detail);
        const onOnline = () => this.#lookAgain();
        const onAbort = () => void this.close();
        this.#tokens?.addEventListener("state", onState);
        this.#tokens?.addEventListener("record", onRecord);
        page?.addEventListener("online", onOnline);
        this.#forgetListeners = () => {
            this.#tokens?.removeEventListener("state", onState);
            this.#tokens?.removeEventListener("record", onRecord);
            page?.removeEventListener("online", onOnline);
            signal?.removeEventListener("abort", onAbort);
        };
        if (signal?.aborted) onAbort();
        else signal?.addEventListener("abort", onAbort, { once: true });
    }

    /** The network is back: where its absence stood in the way, see whether the server is there again. */
    #lookAgain() {
        const code = this.#failure?.code;
        if (code === "connection" || code === "outcomeUnknown" || code === "timeout") this.ping().catch(() => {});
    }
}

/** Failures that say something of the connection or the identity, not only of one call. */
const standsInTheWay = new Set(
    ["connection", "outcomeUnknown", "timeout", "unauthorized", "sessionLost", "protocolViolation"]);

/**
 * The clients of this page that are not closed, for elements that show one.
 * @type {Set<MCPClient>}
 */
const clients = (/** @type {any} */ (globalThis)[Symbol.for("vestibule.clients")] ??= new Set());

/** @param {MCPClient} client */
function register(client) {
    clients.add(client);
    if (typeof globalThis.dispatchEvent === "function") {
        globalThis.dispatchEvent(new CustomEvent("vestibule:client", { detail: client }));
    }
}

/**
 * The address, or what is wrong with it: told by the first request, as every other failure.
 * @param {string | URL} url
 * @param {{ origin: string, href: string, protocol: string } | null} location
 * @returns {{ known: ServerAddress, error: MCPClientError | null }}
 */
function addressOf(url, location) {
    try {
        return { known: new ServerAddress(url, location), error: null };
    } catch (error) {
        const known = new ServerAddress("http://invalid.invalid/", null);
        return { known, error: /** @type {MCPClientError} */ (error) };
    }
}

/** @param {any} tool */
function isTool(tool) {
    return typeof tool?.name === "string" && typeof tool.inputSchema === "object" && tool.inputSchema !== null;
}

/** @param {string} problem */
function listProblem(problem) {
    return new MCPClientError("protocolViolation", `tools/list: ${problem}`);
}
