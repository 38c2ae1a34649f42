import { MCPClientError, TransportError } from "./errors.js";
import { parseHTTPDate } from "./http-date.js";
import { answerOf, notificationOf } from "./outgoing.js";
import { Patience } from "./patience.js";
import { readRefusal } from "./refusal.js";
import { readRejection } from "./rejection.js";
import { beginningOfBody } from "./reply-body.js";
import { ReplyReader } from "./reply-reader.js";
import { tokenRecord } from "./request-record.js";
import { firstLine, onOneLine } from "./words.js";

/** @typedef {import("./outgoing.js").Outgoing} Outgoing */
/** @typedef {import("./access-token.js").AccessToken} AccessToken */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./refusal.js").Refusal} Refusal */
/** @typedef {import("./reply-reader.js").Answer} Answer */

/** @typedef {{ number: number, occasion: import("./request-record.js").RequestOccasion }} Attempt */
/** @typedef {{ progress: number, total?: number, message?: string }} Progress */
/** @typedef {{ signal: AbortSignal, patience?: Patience, onProgress?: (progress: Progress) => void }} Course */

/** Of a refusal this much is read, in bytes. */
const maximumRefusalSize = 64 * 1024;
/** How long telling the server of an abandoned request may take, in seconds. */
const noticeTime = 1;

/** Sends single HTTP requests, and records what became of each. */
export class Sender {
    #transport;
    #tokens;
    #clock;
    #era;
    #maximumReplySize;
    #onRecord;
    #checkOpen;
    #sequence = 0;

    /**
     * @param {object} options
     * @param {import("./transport.js").FetchTransport} options.transport
     * @param {import("./token-manager.js").TokenManager | null} options.tokens
     * @param {import("./clock.js").Clock} options.clock
     * @param {import("./era-legacy.js").Era} options.era
     * @param {number} options.maximumReplySize bytes
     * @param {(record: import("./request-record.js").RequestRecord) => void} options.onRecord
     * @param {() => void} options.checkOpen throws where the client is closed
     */
    constructor({ transport, tokens, clock, era, maximumReplySize, onRecord, checkOpen }) {
        this.#transport = transport;
        this.#tokens = tokens;
        this.#clock = clock;
        this.#era = era;
        this.#maximumReplySize = maximumReplySize;
        this.#onRecord = onRecord;
        this.#checkOpen = checkOpen;
    }

    /**
     * Sends one HTTP request, once, and records what became of it.
     * @param {Outgoing} outgoing
     * @param {Course & { token: AccessToken | null, session: Session | null, attempt: Attempt }} course
     * @returns {Promise<{ response: Response, refusal: Refusal | null, answer: Answer | null }>}
     */
    async send(outgoing, course) {
        const { token, session, signal } = course;
        // What JSON cannot write is the caller's mistake: nothing is sent.
        const request = this.#request(outgoing, token, session);
        if (token !== null && session !== null) session.hasCarriedToken = true;
        const record = this.#newRecord(outgoing, course);
        const started = this.#clock.monotonic();
        try {
            const response = await this.#transport.send(request, signal);
            record.status = response.status;
            record.requestId = response.headers.get("Vestibule-Request-Id")?.slice(0, 128) ?? null;
            const date = parseHTTPDate(response.headers.get("Date"));
            if (date !== null) this.#tokens?.observe(date);
            if (response.status < 200 || response.status > 299) {
                const body = await beginningOfBody(response, maximumRefusalSize);
                const refusal = readRefusal(response, body, token !== null);
                note(record, refusal.rejection);
                return { response, refusal, answer: null };
            }
            if (outgoing.id === null || response.status === 202 || response.status === 204) {
                await beginningOfBody(response, maximumRefusalSize);
                return { response, refusal: null, answer: null };
            }
            const answer = await this.#reader(outgoing, outgoing.id, course).read(response);
            note(record, rejectionIn(answer));
            return { response, refusal: null, answer };
        } catch (error) {
            const failure = signal.aborted ? signal.reason : asTransportError(error);
            if (failure instanceof TransportError) failure.isAnswered = record.status !== null;
            record.failure = signal.aborted && !(failure instanceof MCPClientError) ? "cancelled" : lineFor(failure);
            if (signal.aborted) this.#giveNotice(outgoing, session, record.failure);
            throw failure;
        } finally {
            record.duration = Math.max(0, (this.#clock.monotonic() - started) * 1000);
            this.#onRecord(Object.freeze(record));
        }
    }

    /**
     * @param {Outgoing} outgoing
     * @param {{ token: AccessToken | null, session: Session | null, attempt: Attempt }} course
     */
    #newRecord(outgoing, { token, session, attempt }) {
        this.#sequence += 1;
        const now = this.#clock.now();
        /** @type {import("./request-record.js").RequestRecord} */
        const record = {
            kind: "request", sequence: this.#sequence, httpMethod: outgoing.httpMethod, method: outgoing.method,
            tool: outgoing.tool, token: tokenRecord(token, this.#tokens?.serverTime ?? now), tokenSent: token !== null,
            sessionSent: session !== null && session.id !== null, occasion: attempt.occasion, attempt: attempt.number,
            startedAt: now * 1000, duration: 0, status: null, reason: null, remedy: null, detail: null, failure: null,
            requestId: null,
        };
        return record;
    }

    /** @param {Outgoing} outgoing @param {AccessToken | null} token @param {Session | null} session */
    #request(outgoing, token, session) {
        const { httpMethod, message, method, tool } = outgoing;
        return {
            method: httpMethod, body: message === null ? null : JSON.stringify(message),
            headers: {
                Accept: "application/json, text/event-stream",
                ...(message !== null && { "Content-Type": "application/json" }),
                ...this.#era.headers(session, method, tool),
                ...(token !== null && { Authorization: `Bearer ${token.text}` }),
            },
        };
    }

    /** @param {Outgoing} outgoing @param {number} id @param {Course & { session: Session | null }} course */
    #reader(outgoing, id, { session, patience, onProgress, signal }) {
        return new ReplyReader({
            id, what: outgoing.inWords, maximumSize: this.#maximumReplySize,
            onMessage: async (message) => {
                patience?.notice();
                if (message.method === "notifications/progress") {
                    const { progressToken, progress } = message.params ?? {};
                    if (progressToken === id && typeof progress === "number") tell(onProgress, message.params);
                } else if (message.method !== undefined && message.id !== undefined) {
                    await this.#answer(message.id, message.method, session, signal);
                }
            },
        });
    }

    /**
     * Answers a request of the server: a ping; nothing else is offered.
     * @param {unknown} id
     * @param {string} method
     * @param {Session | null} session
     * @param {AbortSignal} signal
     */
    async #answer(id, method, session, signal) {
        const refusal = { code: -32601, message: `this client does not offer ${method.slice(0, 128)}` };
        const outgoing = answerOf(method === "ping" ? { result: {} } : { error: refusal }, id);
        const token = this.#tokens?.freshToken ?? null;
        try {
            await this.send(outgoing, { token, session, signal, attempt: { number: 1, occasion: "first" } });
        } catch (error) {
            // The server does without it; the call that it interrupted goes on.
            if (signal.aborted) throw error;
        }
    }

    /**
     * Tells the server that nobody waits for the answer any more, so that it need not go on working. Whatever comes of
     * it, the request stays abandoned. `initialize` is never cancelled, and no token is asked for: without one at hand
     * the server would not heed the notification.
     * @param {Outgoing} outgoing
     * @param {Session | null} session
     * @param {string} reason
     */
    #giveNotice(outgoing, session, reason) {
        if (session === null || outgoing.id === null || outgoing.opensSession) return;
        const token = this.#tokens?.freshToken ?? null;
        if (this.#tokens !== null && token === null) return;
        try {
            this.#checkOpen();
        } catch {
            return;
        }
        const notice = notificationOf("notifications/cancelled", { requestId: outgoing.id, reason });
        const patience = new Patience(this.#clock, noticeTime, noticeTime);
        patience.limit(notice.inWords, (signal) =>
            this.send(notice, { token, session, signal, attempt: { number: 1, occasion: "first" } }), null)
            .catch(() => {});
    }
}

/**
 * Tells of progress. What the listener throws is its own affair and breaks no call.
 * @param {((progress: Progress) => void) | undefined} onProgress
 * @param {Progress} progress
 */
function tell(onProgress, progress) {
    try {
        onProgress?.(progress);
    } catch (error) {
        queueMicrotask(() => {
            throw error;
        });
    }
}

/** @param {Answer} answer */
function rejectionIn(answer) {
    if (answer.error !== null) return readRejection(answer.error.data);
    const { isError, structuredContent } = /** @type {any} */ (answer.result ?? {});
    return isError === true ? readRejection(structuredContent) : null;
}

/**
 * @param {import("./request-record.js").RequestRecord} record
 * @param {import("./rejection.js").Rejection | null} rejection
 */
function note(record, rejection) {
    record.reason = rejection?.reason ?? null;
    record.remedy = rejection?.remedy ?? null;
    record.detail = rejection?.detail ?? null;
    record.requestId ??= rejection?.requestId ?? null;
}

/**
 * What a body throws whose connection breaks is the browser's own.
 * @param {unknown} error
 */
function asTransportError(error) {
    if (error instanceof MCPClientError || error instanceof TransportError) return error;
    if (error instanceof RangeError) return new MCPClientError("replyTooLarge", error.message);
    return new TransportError("unknown", `the connection broke: ${lineFor(error)}`, { cause: error });
}

/** @param {unknown} error */
function lineFor(error) {
    return onOneLine(firstLine(error instanceof Error ? error.message : error), 300);
}
