import { linkedController } from "./abort.js";
import { ChangeQueue } from "./changes.js";
import { clientLight, isSameLight } from "./client-light.js";
import { clientSettings } from "./client-options.js";
import { forgetClient, registerClient } from "./client-registry.js";
import { Connection } from "./connection.js";
import { clientClosed, MCPClientError } from "./errors.js";
import { listKinds, wholeList } from "./listing.js";
import { Logger } from "./logger.js";
import { readRejection } from "./rejection.js";
import { describeRecord } from "./request-record.js";
import { TokenManager } from "./token-manager.js";

/** @typedef {import("./request-record.js").RequestRecord} RequestRecord */
/** @typedef {import("./request-record.js").TokenRecord} TokenRecord */
/** @typedef {{ signal?: AbortSignal | null }} Abortable */
/**
 * Asking for progress also makes the time-out count from the last of it.
 * @typedef {Abortable & { onProgress?: (progress: import("./sender.js").Progress) => void }} CallOptions
 */
/** @typedef {{ name: string, title?: string, description?: string, inputSchema: Record<string, unknown>,
 *   outputSchema?: Record<string, unknown>, annotations?: Record<string, unknown> }} Tool */

/**
 * What a tool answers, its own failures included (`isError`). `structuredContent` is an object or null, and with modern
 * servers any JSON value. Where the server denied the call in band, `denial` says why.
 * @typedef {{ content: Record<string, any>[], structuredContent: any, isError: boolean,
 *   denial: import("./rejection.js").Rejection | null }} ToolResult
 */

/** @typedef {{ uri: string, name: string, title?: string, description?: string, mimeType?: string }} Resource */
/** @typedef {{ uriTemplate: string, name: string, title?: string, description?: string, mimeType?: string
 * }} ResourceTemplate */
/** @typedef {{ uri: string, mimeType?: string, text?: string, blob?: string }} ResourceContents */
/** @typedef {{ name: string, title?: string, description?: string,
 *   arguments?: { name: string, description?: string, required?: boolean }[] }} Prompt */
/** @typedef {{ description?: string, messages: { role: string, content: Record<string, any> }[] }} PromptResult */
/** @typedef {{ type: "ref/prompt", name: string } | { type: "ref/resource", uri: string }} CompletionReference */
/** @typedef {{ values: string[], total?: number, hasMore?: boolean }} Completion */

/** How many records are kept. */
const maximumRecords = 500;

/**
 * A client of one MCP server, whose token cannot go stale.
 *
 * The session is opened when it is first needed, without a token; every operation carries one that is known to be
 * fresh; a token that is refused is replaced once, a session that is lost is opened again once, and what then still
 * fails is an `MCPClientError` with the server's reason.
 *
 * Servers are spoken to in the era that they are of: with a session (2025-03-26 to 2025-11-25), or without one
 * (2026-07-28), where "session" in what follows means what the server said of itself.
 *
 * Events: `record` (detail: the record of a request or of a question to the token source), `state` (detail:
 * `{ state, reason, message }`), `log` (detail: `{ level, logger, data }`, the server's), `notification` (detail: any
 * other notification of the server, as it came).
 */
export class MCPClient extends EventTarget {
    #settings;
    #tokens;
    #ownsTokens;
    /** @type {Connection} */
    #connection;
    #logger;
    /** @type {(RequestRecord | TokenRecord)[]} */
    #records = [];
    /** @type {MCPClientError | null} */
    #failure = null;
    /** @type {import("./client-light.js").ClientLight} */
    #announced = { state: "idle", reason: null, message: null };
    #forgetListeners = () => {};

    /** @param {import("./client-options.js").MCPClientOptions} options */
    constructor(options) {
        super();
        const settings = clientSettings(options);
        const { getToken, tokens, canRefresh, canWidenScope, maximumAge, refusedKeyMemory } = options;
        const { clock, refreshTimeout } = settings;
        this.#settings = settings;
        this.#logger = new Logger(settings.logLevel, settings.ambient.console);
        this.#ownsTokens = tokens === undefined;
        this.#tokens = tokens ?? (getToken === undefined ? null : new TokenManager({
            getToken, canRefresh, canWidenScope, maximumAge, refusedKeyMemory, refreshTimeout, clock,
        }));
        this.#connection = new Connection(settings, this.#tokens, {
            onRecord: (record) => this.#add(record), onChange: (change) => this.#sessionChanged(change),
            onNotification: (message) => this.#hear(message), warn: (line) => this.#logger.write("warn", line),
            learnTools: (signal) => this.#list(listKinds.tools, (method, params) =>
                this.#connection.request(method, params, { phase: "listing" }, { signal })),
        });
        this.#listen(settings.ambient.window, options.signal);
        registerClient(this);
    }

    /** The server's URL. */
    get url() {
        return this.#settings.address.url;
    }

    /** Whether a session is open. */
    get isInitialized() {
        return this.#connection.session !== null;
    }

    /** What the server said of itself when the session was opened; null without a session. */
    get server() {
        const { session } = this.#connection;
        if (session === null) return null;
        const { protocolVersion, capabilities, serverInfo, instructions } = session;
        return {
            era: session.era.name, protocolVersion, capabilities, serverInfo, instructions,
            hasSessionID: session.id !== null,
        };
    }

    /**
     * The era that the server is spoken to in; null until that is known.
     * @returns {"legacy" | "modern" | null}
     */
    get era() {
        return this.#connection.session?.era.name ?? null;
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
     * @returns {import("./client-light.js").ClientState}
     */
    get state() {
        return this.#light.state;
    }

    /**
     * Opens the session, if none is open, and nothing else.
     * @param {Abortable} [options]
     * @returns {Promise<NonNullable<MCPClient["server"]>>} what the server says of itself
     */
    async initialize(options = {}) {
        await this.#within(options.signal, (signal) => this.#connection.open(signal));
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
     * All tools, from every page of the list. With a token at hand the server shows what its principal may call. Tools
     * of a modern server whose `x-mcp-header` is invalid are left out, and the console says why.
     * @param {Abortable} [options]
     * @returns {Promise<Tool[]>}
     */
    listTools(options = {}) {
        return this.#listed(listKinds.tools, options);
    }

    /**
     * All resources, from every page of the list.
     * @param {Abortable} [options]
     * @returns {Promise<Resource[]>}
     */
    listResources(options = {}) {
        return this.#listed(listKinds.resources, options);
    }

    /**
     * All resource templates, from every page of the list.
     * @param {Abortable} [options]
     * @returns {Promise<ResourceTemplate[]>}
     */
    listResourceTemplates(options = {}) {
        return this.#listed(listKinds.resourceTemplates, options);
    }

    /**
     * All prompts, from every page of the list.
     * @param {Abortable} [options]
     * @returns {Promise<Prompt[]>}
     */
    listPrompts(options = {}) {
        return this.#listed(listKinds.prompts, options);
    }

    /**
     * Calls a tool.
     * @param {string} name
     * @param {Record<string, unknown>} [args]
     * @param {CallOptions} [options]
     * @returns {Promise<ToolResult>}
     * @throws {MCPClientError} `outcomeUnknown` where the connection broke and the call may have run
     */
    async callTool(name, args = {}, options = {}) {
        const result = /** @type {any} */ (await this.#request(
            "tools/call", { name, arguments: args }, { phase: "operation", tool: name }, options));
        if (!Array.isArray(result?.content)) throw without("content", "tools/call", name);
        const structuredContent = result.structuredContent ?? null;
        const isError = result.isError === true;
        return { content: result.content, structuredContent, isError,
            denial: isError ? readRejection(structuredContent) : null };
    }

    /**
     * Reads a resource.
     * @param {string} uri
     * @param {CallOptions} [options]
     * @returns {Promise<ResourceContents[]>}
     */
    async readResource(uri, options = {}) {
        const traits = /** @type {const} */ ({ phase: "operation", subject: uri });
        const result = /** @type {any} */ (await this.#request("resources/read", { uri }, traits, options));
        if (!Array.isArray(result?.contents)) throw without("contents", "resources/read", uri);
        return result.contents;
    }

    /**
     * A prompt, filled in.
     * @param {string} name
     * @param {Record<string, string>} [args]
     * @param {CallOptions} [options]
     * @returns {Promise<PromptResult>}
     */
    async getPrompt(name, args = {}, options = {}) {
        const traits = /** @type {const} */ ({ phase: "operation", subject: name });
        const params = { name, arguments: args };
        const result = /** @type {any} */ (await this.#request("prompts/get", params, traits, options));
        if (!Array.isArray(result?.messages)) throw without("messages", "prompts/get", name);
        return result;
    }

    /**
     * What a person may mean who has begun to write an argument of a prompt or of a resource template.
     * @param {CompletionReference} ref
     * @param {{ name: string, value: string }} argument
     * @param {CallOptions & { context?: Record<string, string> }} [options] `context`: arguments that are filled in
     *   already
     * @returns {Promise<Completion>}
     */
    async complete(ref, argument, options = {}) {
        const { context } = options;
        const params = { ref, argument, ...(context && { context: { arguments: context } }) };
        const subject = ref.type === "ref/prompt" ? ref.name : ref.uri;
        const result = /** @type {any} */ (await this.#request(
            "completion/complete", params, { phase: "operation", subject }, options));
        if (!Array.isArray(result?.completion?.values)) throw without("values", "completion/complete", subject);
        return result.completion;
    }

    /**
     * What changes at the server, as it happens: a loop over it (`for await`) listens until it is left, or the signal
     * is aborted. A stream that is lost is opened again, which `reconnected` tells. In a loop that takes its time a
     * change that is told twice is one.
     * @param {import("./changes.js").SubscriptionFilter} filter
     * @param {Abortable} [options]
     * @returns {AsyncGenerator<import("./changes.js").Change, void>}
     */
    async *subscribe(filter, options = {}) {
        this.#connection.checkOpen();
        const leaving = new AbortController();
        const linked = linkedController(options.signal, this.#connection.closing, leaving.signal);
        const queue = new ChangeQueue();
        this.#connection.listen(filter, queue, linked.signal).catch((error) => queue.fail(error));
        try {
            yield* queue;
        } catch (error) {
            if (!options.signal?.aborted) throw error;
        } finally {
            leaving.abort(new DOMException("nobody listens any more", "AbortError"));
            linked.release();
        }
    }

    /**
     * From which level on the server is to tell of what it does (event `log`): a request of its own to a server with
     * sessions, which forgets it with the session; part of every later request to a modern one.
     * @param {"debug" | "info" | "notice" | "warning" | "error" | "critical" | "alert" | "emergency"} level
     * @param {Abortable} [options]
     */
    async setServerLogLevel(level, options = {}) {
        await this.#within(options.signal, (signal) => this.#connection.setLogLevel(level, signal));
    }

    /**
     * Asks whether the server is there.
     * @param {Abortable} [options]
     */
    async ping(options = {}) {
        await this.#noted(options.signal, (signal) => this.#connection.ping({ signal }));
    }

    /**
     * Any other request of MCP. It is treated as an operation: it carries a token, and is never sent again when nobody
     * knows whether it ran.
     * @param {string} method
     * @param {Record<string, unknown>} [params]
     * @param {CallOptions} [options]
     * @returns {Promise<unknown>} the result
     */
    request(method, params, options = {}) {
        return this.#request(method, params, { phase: "operation" }, options);
    }

    /** Ends the session and everything that is under way. That the server is gone is no failure. */
    async close() {
        if (this.#connection.closing.aborted) return;
        this.#forgetListeners();
        const token = this.#tokens?.freshToken ?? null;
        const session = this.#connection.close();
        if (this.#ownsTokens) this.#tokens?.close();
        this.#announce();
        forgetClient(this);
        if (session !== null) await this.#connection.end(session, token);
    }

    /** @param {import("./listing.js").ListKind} kind @param {Abortable} options */
    #listed(kind, options) {
        return this.#list(kind, (method, params) => this.#request(method, params, { phase: "listing" }, options));
    }

    /** @param {import("./listing.js").ListKind} kind @param {Parameters<typeof wholeList>[1]} ask */
    #list(kind, ask) {
        return wholeList(kind, ask, this.#settings);
    }

    /**
     * @param {string} method
     * @param {Record<string, unknown> | undefined} params
     * @param {import("./outgoing.js").Traits} traits
     * @param {CallOptions} options
     */
    #request(method, params, traits, { signal, onProgress }) {
        return this.#noted(signal, (linked) =>
            this.#connection.request(method, params, traits, { signal: linked, onProgress }));
    }

    /**
     * Notes whether it says that something stands in the way, or that nothing does any more.
     * @template Value
     * @param {AbortSignal | null | undefined} signal
     * @param {(signal: AbortSignal) => Promise<Value>} work
     */
    async #noted(signal, work) {
        try {
            const result = await this.#within(signal, work);
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
        this.#connection.checkOpen();
        const linked = linkedController(signal, this.#connection.closing);
        try {
            return await work(linked.signal);
        } finally {
            linked.release();
        }
    }

    /** @param {RequestRecord | TokenRecord} record */
    #add(record) {
        this.#records.push(record);
        if (this.#records.length > maximumRecords) this.#records.shift();
        const isTrouble = record.failure !== null || (record.kind === "request" && record.reason !== null);
        this.#logger.write(isTrouble ? "warn" : "debug", describeRecord(record));
        this.dispatchEvent(new CustomEvent("record", { detail: record }));
    }

    /**
     * What the server tells beside its answers. What listeners throw is their own affair.
     * @param {import("./reply-reader.js").RPCMessage} message
     */
    #hear({ method, params }) {
        if (method === "notifications/message") {
            const { level, logger = null, data } = params ?? {};
            if (typeof level !== "string") return;
            this.dispatchEvent(new CustomEvent("log", { detail: { level, logger, data } }));
        } else {
            this.dispatchEvent(new CustomEvent("notification", { detail: { method, params } }));
        }
    }

    /** @param {{ error?: unknown, opened?: import("./session.js").Session }} change */
    #sessionChanged({ error, opened }) {
        if (opened) {
            const greeting = opened.era.greeting(opened);
            this.#logger.write("info", `${greeting} (token sent: ${opened.tokenSent ? "yes" : "no"})`);
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

    get #light() {
        const { closing, isOpening, session } = this.#connection;
        return clientLight({
            isClosed: closing.aborted, isOpening, isOpen: session !== null, token: this.#tokens?.state ?? null,
            failure: this.#failure,
        });
    }

    /** Tells of the state where it is another than before. */
    #announce() {
        const light = this.#light;
        if (isSameLight(light, this.#announced)) return;
        this.#announced = light;
        this.#logger.write("debug", `state: ${light.state}${light.reason === null ? "" : ` (${light.reason})`}`);
        this.dispatchEvent(new CustomEvent("state", { detail: light }));
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

/** @param {string} member @param {string} method @param {string} subject */
function without(member, method, subject) {
    const what = `${method} of ${subject.slice(0, 128)}`;
    return new MCPClientError("protocolViolation", `${what}: the result has no ${member}`);
}
