import { MCPClientError, TransportError } from "./errors.js";
import { piecesOf, replyTooLarge, wholeBody } from "./reply-body.js";
import { readRPCError } from "./refusal.js";
import { ServerSentEventParser } from "./server-sent-events.js";
import { firstLine, onOneLine } from "./words.js";

/** @typedef {{ id?: unknown, method?: string, params?: any, result?: any, error?: any }} RPCMessage */

/**
 * What answers a request: its result, or an error of the server.
 * @typedef {{ result: unknown, error: null } | { result: null, error: import("./errors.js").RPCError }} Answer
 */

/** How many requests of the server are answered while one of ours waits. */
const maximumServerRequests = 100;

/** Finds the answer to one request in what the server sends back, as JSON or as a stream of events. */
export class ReplyReader {
    #id;
    #what;
    #maximumSize;
    #isEndless;
    #onMessage;

    /**
     * @param {object} options
     * @param {number | string | null} options.id of the request; null where nothing is answered, only told
     * @param {string} options.what `tools/call of echo`, for messages
     * @param {number} options.maximumSize bytes
     * @param {boolean} [options.isEndless] whether a stream is bounded by its events only, not in all
     * @param {(message: RPCMessage) => Promise<void> | void} options.onMessage called for every other message that
     *   comes before the answer; where it returns a promise, the next one waits for it
     */
    constructor({ id, what, maximumSize, isEndless = false, onMessage }) {
        this.#id = id;
        this.#what = what;
        this.#maximumSize = maximumSize;
        this.#isEndless = isEndless;
        this.#onMessage = onMessage;
    }

    /**
     * The answer.
     * @param {Response} response
     * @returns {Promise<Answer>}
     * @throws {MCPClientError | TransportError} `protocolViolation`, `replyTooLarge`, or that the connection broke
     */
    async read(response) {
        const type = (response.headers.get("Content-Type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
        if (type === "application/json") {
            for (const message of this.#messages(await wholeBody(response, this.#maximumSize))) {
                const answer = this.#answer(message);
                if (answer !== null) return answer;
            }
            throw this.#violation("the reply answers another request");
        }
        if (type === "text/event-stream") return this.#readEvents(response);
        const shown = type === "" ? "of no type" : onOneLine(firstLine(type), 100);
        throw this.#violation(`the reply is ${shown}, neither JSON nor an event stream; `
            + "something other than an MCP server seems to answer: check the URL");
    }

    /** @param {Response} response @returns {Promise<Answer>} */
    async #readEvents(response) {
        const limits = { maximumLineLength: this.#maximumSize, maximumEventSize: this.#maximumSize };
        const parser = new ServerSentEventParser(limits);
        try {
            return await this.#answerIn(response, parser);
        } catch (error) {
            if (error instanceof MCPClientError || error instanceof RangeError) throw error;
            const lost = error instanceof TransportError ? error
                : new TransportError("unknown", `the event stream broke: ${lineOf(error)}`, { cause: error });
            lost.brokeAt = { lastEventID: parser.lastEventID || null, retry: parser.reconnectionTime };
            throw lost;
        }
    }

    /** @param {Response} response @param {ServerSentEventParser} parser @returns {Promise<Answer>} */
    async #answerIn(response, parser) {
        let [size, questions] = [0, 0];
        for await (const piece of piecesOf(response)) {
            size += this.#isEndless ? 0 : piece.length;
            if (size > this.#maximumSize) throw replyTooLarge(this.#maximumSize);
            for (const event of parser.push(piece)) {
                if (event.event !== "message" || event.data === "") continue;
                for (const message of this.#messages(event.data)) {
                    const answer = this.#answer(message);
                    if (answer !== null) return answer;
                    if (!this.#isEndless && message.method !== undefined && message.id !== undefined) questions += 1;
                    if (questions > maximumServerRequests) {
                        throw this.#violation(
                            `the server asks more than ${maximumServerRequests} times before it answers`);
                    }
                    await this.#onMessage(message);
                }
            }
        }
        throw new TransportError("unknown", "the event stream ended before the answer came");
    }

    /**
     * One message, or several: revision 2025-03-26 still knows batches.
     * @param {Uint8Array | string} text
     * @returns {RPCMessage[]}
     */
    #messages(text) {
        let json;
        try {
            json = JSON.parse(typeof text === "string" ? text : new TextDecoder("utf-8", { fatal: true }).decode(text));
        } catch {
            throw this.#violation("the reply is not acceptable JSON");
        }
        const values = Array.isArray(json) ? json : [json];
        if (values.length === 0 || !values.every(isMessage)) {
            throw this.#violation(
                "the reply is JSON, but not JSON-RPC; no MCP server seems to answer: check the URL");
        }
        return values;
    }

    /** @param {RPCMessage} message @returns {Answer | null} */
    #answer(message) {
        if (message.method !== undefined || this.#id === null) return null;
        const error = readRPCError(message.error);
        if (error !== null && (message.id === this.#id || message.id == null)) return { result: null, error };
        return message.result !== undefined && message.id === this.#id ? { result: message.result, error: null } : null;
    }

    /** @param {string} problem */
    #violation(problem) {
        return new MCPClientError("protocolViolation", `${this.#what}: ${problem}`);
    }
}

/** @param {unknown} error */
function lineOf(error) {
    return onOneLine(firstLine(error instanceof Error ? error.message : error), 300);
}

/**
 * Whether the value is a JSON-RPC 2.0 message as MCP allows it.
 * @param {any} value
 */
function isMessage(value) {
    if (value === null || typeof value !== "object" || Array.isArray(value) || value.jsonrpc !== "2.0") return false;
    const { id, method, params, result, error } = value;
    const isID = typeof id === "string" || Number.isSafeInteger(id);
    if (method !== undefined) {
        return typeof method === "string" && method !== "" && result === undefined && error === undefined
            && (id === undefined || isID) && (params === undefined || (params !== null && typeof params === "object"));
    }
    if (result !== undefined) return error === undefined && isID;
    return readRPCError(error) !== null && (id === undefined || id === null || isID);
}
