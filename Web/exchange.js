import { MCPClientError, TransportError } from "./errors.js";
import { parseHTTPDate } from "./http-date.js";
import { answerOf, notificationOf, requestOf } from "./outgoing.js";
import { Patience } from "./patience.js";
import { Recovery } from "./recovery.js";
import { readRefusal } from "./refusal.js";
import { readRejection, rejectionOf } from "./rejection.js";
import { isFinalDenial } from "./reasons.js";
import { beginningOfBody } from "./reply-body.js";
import { ReplyReader } from "./reply-reader.js";
import { tokenRecord } from "./request-record.js";
import { firstLine, onOneLine } from "./words.js";

/** @typedef {import("./outgoing.js").Outgoing} Outgoing */
/** @typedef {import("./access-token.js").AccessToken} AccessToken */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./refusal.js").Refusal} Refusal */
/** @typedef {import("./reply-reader.js").Answer} Answer */

/**
 * How a client behaves. Every default is meant to be kept.
 * @typedef {object} ExchangeRules
 * @property {"withheld" | "sent"} handshakeToken
 * @property {number} callTimeout seconds without a sign of progress
 * @property {number} maximumCallDuration seconds in all
 * @property {number} maximumReplySize bytes
 * @property {number} maximumWait the longest wait that a server may ask for, in seconds
 * @property {number} maximumBusyRetries
 */

/**
 * What a message brought in the end: the answer (null for what has none), and whether the server asked for a token on
 * the way.
 * @typedef {{ response: Response, answer: Answer | null, wasChallenged: boolean, tokenSent: boolean }} Delivery
 */

/** @typedef {{ number: number, occasion: import("./request-record.js").RequestOccasion }} Attempt */
/** @typedef {{ progress: number, total?: number, message?: string }} Progress */
/** @typedef {{ signal: AbortSignal, patience?: Patience, onProgress?: (progress: Progress) => void }} Course */

/** Of a refusal this much is read, in bytes. */
const maximumRefusalSize = 64 * 1024;
/** How long telling the server of an abandoned request may take, in seconds. */
const noticeTime = 1;

/** Sends messages until they are answered or nothing more can be done about it, and records every request. */
export class Exchange {
    #transport;
    #tokens;
    #clock;
    #era;
    #rules;
    #sessions;
    #onRecord;
    #checkOpen;
    #newID;
    #sequence = 0;

    /**
     * @param {object} options
     * @param {import("./transport.js").FetchTransport} options.transport
     * @param {import("./token-manager.js").TokenManager | null} options.tokens
     * @param {import("./clock.js").Clock} options.clock
     * @param {import("./era-legacy.js").Era} options.era
     * @param {ExchangeRules} options.rules
     * @param {{ any: (signal: AbortSignal) => Promise<Session>, lose: (session: Session) => void }} options.sessions
     * @param {(record: import("./request-record.js").RequestRecord) => void} options.onRecord
     * @param {() => void} options.checkOpen throws where the client is closed
     * @param {() => number} options.newID
     */
    constructor({ transport, tokens, clock, era, rules, sessions, onRecord, checkOpen, newID }) {
        this.#transport = transport;
        this.#tokens = tokens;
        this.#clock = clock;
        this.#era = era;
        this.#rules = rules;
        this.#sessions = sessions;
        this.#onRecord = onRecord;
        this.#checkOpen = checkOpen;
        this.#newID = newID;
    }

    /**
     * Sends a request within the times of the configuration, and returns its result.
     * @param {Outgoing} outgoing
     * @param {{ signal?: AbortSignal | null, onProgress?: (progress: Progress) => void }} options
     * @returns {Promise<unknown>}
     */
    result(outgoing, { signal, onProgress }) {
        const { callTimeout, maximumCallDuration } = this.#rules;
        const patience = new Patience(this.#clock, callTimeout, Math.max(callTimeout, maximumCallDuration));
        return patience.limit(outgoing.inWords, async (linked) => {
            const delivery = await this.deliver(outgoing, null, { signal: linked, patience, onProgress });
            return resultOf(delivery.answer, outgoing.inWords);
        }, signal);
    }

    /**
     * Sends a message until it is answered or nothing more can be done about it.
     * @param {Outgoing} outgoing
     * @param {Session | null} fixed the session to use; by default the client's, and a new one where that is lost
     * @param {Course} course
     * @returns {Promise<Delivery>}
     */
    async deliver(outgoing, fixed, course) {
        const recovery = new Recovery();
        /** @type {Attempt} */
        const attempt = { number: 1, occasion: "first" };
        const again = (/** @type {Attempt["occasion"]} */ occasion) => {
            attempt.number += 1;
            attempt.occasion = occasion;
        };
        let tokenIsDue = false;
        let mayReconnect = outgoing.isRepeatable;
        for (;;) {
            this.#checkOpen();
            const session = outgoing.opensSession ? null : fixed ?? await this.#sessions.any(course.signal);
            const token = await this.#tokenFor(outgoing, session, tokenIsDue, course.signal);
            // The client may have been closed while somebody else was asked for session or token.
            this.#checkOpen();
            let outcome;
            try {
                outcome = await this.send(outgoing, { token, session, attempt: { ...attempt }, ...course });
            } catch (error) {
                if (!(error instanceof TransportError)) throw error;
                if (error.progress !== "unknown" || !mayReconnect || this.#transport.isOffline) {
                    throw await this.#explained(error, outgoing);
                }
                mayReconnect = false;
                again("retry_after_broken_connection");
                continue;
            }
            course.patience?.notice();
            const { response, refusal, answer } = outcome;
            if (refusal === null) {
                const isAnonymous = response.headers.has("Vestibule-Token");
                if (token !== null && outgoing.phase === "operation" && !isAnonymous) this.#tokens?.accept(token);
                return { response, answer, wasChallenged: tokenIsDue, tokenSent: token !== null };
            }
            const sessionSent = session !== null && session.id !== null && fixed === null;
            const step = recovery.step(refusal, {
                ...this.#circumstances(outgoing, token), sessionSent, hint: this.#hint(response, refusal, session),
            });
            if (token !== null && refusal.status === 401) {
                const unnamed = rejectionOf("token_malformed", "the server refused it");
                this.#tokens?.refuse(token, refusal.rejection ?? unnamed);
            }
            switch (step.do) {
                case "obtainToken": tokenIsDue = true; again("challenged"); break;
                case "replaceToken": tokenIsDue = true; again("retry_after_refresh"); break;
                case "adoptClock": tokenIsDue = true; again("retry_after_clock"); break;
                case "widenScope":
                    await this.#tokens?.widerToken(step.scope, token?.digest ?? "", course);
                    tokenIsDue = true;
                    again("retry_after_step_up");
                    break;
                case "openSession":
                    if (session !== null) this.#sessions.lose(session);
                    again("replay_after_new_session");
                    break;
                case "wait":
                    await this.#clock.sleep(step.seconds, course);
                    course.patience?.notice();
                    again("retry_after_wait");
                    break;
                case "fail": throw step.error;
            }
        }
    }

    /**
     * Sends one HTTP request, once, and records what became of it.
     * @param {Outgoing} outgoing
     * @param {Course & { token: AccessToken | null, session: Session | null, attempt: Attempt }} course
     * @returns {Promise<{ response: Response, refusal: Refusal | null, answer: Answer | null }>}
     */
    async send(outgoing, course) {
        const { token, session, signal } = course;
        if (token !== null && session !== null) session.hasCarriedToken = true;
        const record = this.#newRecord(outgoing, course);
        const started = this.#clock.monotonic();
        try {
            const response = await this.#transport.send(this.#request(outgoing, token, session), signal);
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
            id, what: outgoing.inWords, maximumSize: this.#rules.maximumReplySize,
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
        await this.send(outgoing, { token, session, signal, attempt: { number: 1, occasion: "first" } });
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

    /**
     * The token to send with it. A token that is merely welcome is done without where it cannot be had.
     * @param {Outgoing} outgoing
     * @param {Session | null} session
     * @param {boolean} isDue
     * @param {AbortSignal} signal
     * @returns {Promise<AccessToken | null>}
     */
    async #tokenFor(outgoing, session, isDue, signal) {
        const tokens = this.#tokens;
        if (tokens === null) return null;
        if (isDue) return tokens.accessToken({ signal });
        switch (outgoing.phase) {
            case "handshake":
                if (this.#rules.handshakeToken === "withheld" && !session?.wantedToken) return null;
                return tokens.accessToken({ signal });
            case "listing":
                try {
                    await this.#lookAtServerClock(session, signal);
                    return await tokens.accessToken({ signal });
                } catch {
                    if (signal.aborted) throw signal.reason;
                    return null;
                }
            case "operation":
                await this.#lookAtServerClock(session, signal);
                return tokens.accessToken({ signal });
            case "closing":
                return tokens.freshToken;
        }
    }

    /**
     * After sleep, or where the clock was set, nobody knows how far this machine's clock is off: a ping without a token
     * tells, before any token is judged by it.
     * @param {Session | null} session
     * @param {AbortSignal} signal
     */
    async #lookAtServerClock(session, signal) {
        if (!this.#tokens?.wantsServerTime || session === null) return;
        const ping = requestOf("ping", this.#newID(), undefined, { phase: "handshake" });
        try {
            await this.send(ping, { token: null, session, signal, attempt: { number: 1, occasion: "first" } });
        } catch (error) {
            // The call itself will tell what is wrong with the connection.
            if (signal.aborted) throw error;
        }
    }

    /** @param {Outgoing} outgoing @param {AccessToken | null} token */
    #circumstances(outgoing, token) {
        return {
            tokenSent: token !== null, hasTokens: this.#tokens !== null,
            canWidenScope: this.#tokens?.canWidenScope ?? false,
            serverTime: this.#tokens?.serverTime ?? this.#clock.now(), maximumWait: this.#rules.maximumWait,
            maximumBusyRetries: this.#rules.maximumBusyRetries, what: outgoing.inWords,
        };
    }

    /** @param {Response} response @param {Refusal} refusal @param {Session | null} session */
    #hint(response, refusal, session) {
        if (refusal.status === 401 && !refusal.hasChallenge) {
            return this.#transport.hidden(response, ["WWW-Authenticate"]);
        }
        const isAboutSession = refusal.status === 400 || refusal.status === 404;
        return isAboutSession && session !== null && session.id === null
            ? this.#transport.hidden(response, ["Mcp-Session-Id"]) : "";
    }

    /** @param {TransportError} error @param {Outgoing} outgoing */
    async #explained(error, outgoing) {
        const line = `${outgoing.inWords}: ${await this.#transport.explain(error)}`;
        if (error.progress === "unknown" && !outgoing.isRepeatable) {
            return new MCPClientError("outcomeUnknown",
                `${line}; nobody knows whether it ran, so it was not sent again: look before you repeat it`,
                { cause: error });
        }
        return new MCPClientError("connection", line, { cause: error });
    }
}

/**
 * The answer's result.
 * @param {Answer | null} answer
 * @param {string} what
 * @returns {unknown}
 * @throws {MCPClientError} `toolDenied` where the server says why in our words, else `serverError`
 */
export function resultOf(answer, what) {
    if (answer === null) {
        throw new MCPClientError("protocolViolation", `${what}: the server accepted the request without an answer`);
    }
    if (answer.error === null) return answer.result;
    const rejection = readRejection(answer.error.data);
    const line = rejection?.detail ?? `${onOneLine(firstLine(answer.error.message), 300)} (${answer.error.code})`;
    throw new MCPClientError(rejection !== null && isFinalDenial(rejection.reason) ? "toolDenied" : "serverError",
        `${what}: ${line}`, { rejection, rpcError: answer.error, status: 200 });
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
