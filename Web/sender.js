import { MCPClientError, TransportError } from "./errors.js";
import { parseHTTPDate } from "./http-date.js";
import { notificationOf } from "./outgoing.js";
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
/** @typedef {import("./era-legacy.js").Era} Era */
/** @typedef {import("./reply-reader.js").RPCMessage} RPCMessage */
/**
 * What goes with a message: who may end it, who is told of progress, and who answers where the server asks in the
 * middle of it. An endless stream is bounded by its events, not in all.
 * @typedef {{ signal: AbortSignal, patience?: Patience, onProgress?: (progress: Progress) => void,
 *   onNotification?: (message: RPCMessage) => void, isEndless?: boolean }} Course
 * @typedef {{ token: AccessToken | null, session: Session | null, era: Era, attempt: Attempt,
 *   onQuestion?: (message: RPCMessage) => Promise<void> | void, onWithdrawal?: (id: unknown) => void }} Way
 */

/** Of a refusal this much is read, in bytes. */
const maximumRefusalSize = 64 * 1024;
/** How long telling the server of an abandoned request may take, in seconds. */
const noticeTime = 1;

/** Sends single HTTP requests, and records what became of each. */
export class Sender {
    #transport;
    #tokens;
    #clock;
    #maximumReplySize;
    #onRecord;
    #onNotification;
    #checkOpen;
    #sequence = 0;

    /**
     * @param {object} options
     * @param {import("./transport.js").FetchTransport} options.transport
     * @param {import("./token-manager.js").TokenManager | null} options.tokens
     * @param {import("./clock.js").Clock} options.clock
     * @param {number} options.maximumReplySize bytes
     * @param {(record: import("./request-record.js").RequestRecord) => void} options.onRecord
     * @param {(message: RPCMessage) => void} options.onNotification hears what the server tells beside the answers
     * @param {() => void} options.checkOpen throws where the client is closed
     */
    constructor({ transport, tokens, clock, maximumReplySize, onRecord, onNotification, checkOpen }) {
        this.#transport = transport;
        this.#tokens = tokens;
        this.#clock = clock;
        this.#maximumReplySize = maximumReplySize;
        this.#onRecord = onRecord;
        this.#onNotification = onNotification;
        this.#checkOpen = checkOpen;
    }

    /**
     * Sends one HTTP request, once, and records what became of it.
     * @param {Outgoing} outgoing
     * @param {Course & Way} course
     * @returns {Promise<{ response: Response, refusal: Refusal | null, answer: Answer | null }>}
     */
    async send(outgoing, course) {
        const { token, session, era, signal } = course;
        // What JSON cannot write is the caller's mistake: nothing is sent.
        const request = requestFor(era.encode(outgoing, session), outgoing, token);
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
                const sent = { token: record.tokenSent, session: record.sessionSent };
                const refusal = readRefusal(response, body, sent);
                note(record, refusal.rejection);
                return { response, refusal, answer: null };
            }
            const isAnswered = outgoing.id !== null || outgoing.listens;
            if (!isAnswered || response.status === 202 || response.status === 204) {
                await beginningOfBody(response, maximumRefusalSize);
                return { response, refusal: null, answer: null };
            }
            const answer = await this.#reader(outgoing, course).read(response);
            note(record, rejectionIn(answer));
            return { response, refusal: null, answer };
        } catch (error) {
            const failure = signal.aborted ? signal.reason : asTransportError(error);
            if (failure instanceof TransportError) failure.isAnswered = record.status !== null;
            record.failure = signal.aborted && !(failure instanceof MCPClientError) ? "cancelled" : lineFor(failure);
            if (signal.aborted) this.#giveNotice(outgoing, session, era, record.failure);
            throw failure;
        } finally {
            record.duration = Math.max(0, (this.#clock.monotonic() - started) * 1000);
            this.#onRecord(Object.freeze(record));
        }
    }

    /**
     * @param {Outgoing} outgoing
     * @param {Way} way
     */
    #newRecord(outgoing, { token, session, era, attempt }) {
        this.#sequence += 1;
        const now = this.#clock.now();
        /** @type {import("./request-record.js").RequestRecord} */
        const record = {
            kind: "request", sequence: this.#sequence, httpMethod: outgoing.httpMethod, method: outgoing.method,
            era: era.name, tool: outgoing.tool, token: tokenRecord(token, this.#tokens?.serverTime ?? now),
            tokenSent: token !== null,
            sessionSent: session !== null && session.id !== null, occasion: attempt.occasion, attempt: attempt.number,
            startedAt: now * 1000, duration: 0, status: null, reason: null, remedy: null, detail: null, failure: null,
            requestId: null,
        };
        return record;
    }

    /** @param {Outgoing} outgoing @param {Course & Way} course */
    #reader({ id, inWords }, { patience, onProgress, onQuestion, onWithdrawal, onNotification, isEndless = false }) {
        return new ReplyReader({
            id, what: inWords, maximumSize: this.#maximumReplySize, isEndless,
            onMessage: (message) => {
                patience?.notice();
                if (message.method === undefined) return;
                if (message.id !== undefined) return onQuestion?.(message);
                if (message.method === "notifications/progress") {
                    const { progressToken, progress } = message.params ?? {};
                    if (progressToken === id && typeof progress === "number") tell(onProgress, message.params);
                } else if (message.method === "notifications/cancelled") {
                    onWithdrawal?.(message.params?.requestId);
                } else {
                    (onNotification ?? this.#onNotification)(message);
                }
            },
        });
    }

    /**
     * Tells the server that nobody waits for the answer any more, so that it need not go on working. Whatever comes of
     * it, the request stays abandoned. `initialize` is never cancelled, and no token is asked for: without one at hand
     * the server would not heed the notification.
     * @param {Outgoing} outgoing
     * @param {Session | null} session
     * @param {Era} era
     * @param {string} reason
     */
    #giveNotice(outgoing, session, era, reason) {
        if (!era.tellsOfCancellation || session === null || outgoing.id === null || outgoing.opens !== null) return;
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
            this.send(notice, { token, session, era, signal, attempt: { number: 1, occasion: "first" } }), null)
            .catch(() => {});
    }
}

/** @param {import("./era-legacy.js").Encoded} encoded @param {Outgoing} outgoing @param {AccessToken | null} token */
function requestFor({ message, headers }, { httpMethod, lastEventID }, token) {
    return {
        method: httpMethod, body: message === null ? null : JSON.stringify(message),
        headers: {
            Accept: httpMethod === "GET" ? "text/event-stream" : "application/json, text/event-stream",
            ...(message !== null && { "Content-Type": "application/json" }),
            ...headers,
            ...(lastEventID !== null && { "Last-Event-ID": lastEventID }),
            ...(token !== null && { Authorization: `Bearer ${token.text}` }),
        },
    };
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
