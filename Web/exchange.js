import { MCPClientError, TransportError } from "./errors.js";
import { InputRounds } from "./input-rounds.js";
import { requestAgain, requestOf, restOf } from "./outgoing.js";
import { Patience } from "./patience.js";
import { Questions } from "./questions.js";
import { Recovery } from "./recovery.js";
import { readRejection, rejectionOf } from "./rejection.js";
import { isFinalDenial } from "./reasons.js";
import { Resumption } from "./resumption.js";
import { firstLine, onOneLine } from "./words.js";

/** @typedef {import("./outgoing.js").Outgoing} Outgoing */
/** @typedef {import("./access-token.js").AccessToken} AccessToken */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./refusal.js").Refusal} Refusal */
/** @typedef {import("./reply-reader.js").Answer} Answer */
/** @typedef {import("./sender.js").Attempt} Attempt */
/** @typedef {import("./sender.js").Course} Course */
/** @typedef {import("./sender.js").Progress} Progress */

/**
 * How a client behaves. Every default is meant to be kept.
 * @typedef {object} ExchangeRules
 * @property {"withheld" | "sent"} handshakeToken
 * @property {number} callTimeout seconds without a sign of progress
 * @property {number} maximumCallDuration seconds in all
 * @property {number} maximumWait the longest wait that a server may ask for, in seconds
 * @property {number} maximumBusyRetries
 * @property {number} maximumInputRounds how often the server may want input before it gives a result
 */

/**
 * What an exchange asks of the parts around it.
 * @typedef {object} Surroundings
 * @property {(signal: AbortSignal) => Promise<Session>} session the open one; opened where none is
 * @property {(session: Session, isInDoubt: boolean) => void} lose the server no longer knows the session; or it is in
 *   doubt of which era the server is
 * @property {(signal: AbortSignal) => Promise<unknown>} learnTools lists the tools anew
 */

/**
 * What a message brought in the end: the answer (null for what has none), in which session, and whether the server
 * asked for a token on the way.
 * @typedef {{ response: Response, answer: Answer | null, session: Session | null, wasChallenged: boolean,
 *   tokenSent: boolean }} Delivery
 */

/** Sends messages until they are answered or nothing more can be done about it. */
export class Exchange {
    #sender;
    #transport;
    #tokens;
    #clock;
    #rules;
    #around;
    #answers;
    #checkOpen;
    #newID;

    /**
     * @param {object} options
     * @param {import("./sender.js").Sender} options.sender
     * @param {import("./transport.js").FetchTransport} options.transport
     * @param {import("./token-manager.js").TokenManager | null} options.tokens
     * @param {import("./clock.js").Clock} options.clock
     * @param {ExchangeRules} options.rules
     * @param {Surroundings} options.around
     * @param {import("./answers.js").Answers} options.answers
     * @param {() => void} options.checkOpen throws where the client is closed
     * @param {() => number} options.newID
     */
    constructor({ sender, transport, tokens, clock, rules, around, answers, checkOpen, newID }) {
        this.#sender = sender;
        this.#transport = transport;
        this.#tokens = tokens;
        this.#clock = clock;
        this.#rules = rules;
        this.#around = around;
        this.#answers = answers;
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
        const { callTimeout, maximumCallDuration, maximumInputRounds } = this.#rules;
        const patience = new Patience(this.#clock, callTimeout, Math.max(callTimeout, maximumCallDuration));
        return patience.limit(outgoing.inWords, async (linked) => {
            const rounds = new InputRounds(this.#answers, maximumInputRounds, this.#newID);
            for (let current = outgoing;;) {
                const delivery = await this.deliver(current, null, { signal: linked, patience, onProgress });
                const result = resultOf(delivery.answer, current.inWords);
                const { session } = delivery;
                if (session === null) return result;
                const reading = session.era.readResult(current, result, session);
                if (reading.wanted === null) return reading.result;
                const { wanted } = reading;
                current = await patience.during(() => rounds.next(current, wanted, linked));
            }
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
        const resumption = new Resumption();
        /** @type {Attempt} */
        const attempt = { number: 1, occasion: "first" };
        const again = (/** @type {Attempt["occasion"]} */ occasion) => {
            attempt.number += 1;
            attempt.occasion = occasion;
        };
        let tokenIsDue = false;
        let mayRepeat = outgoing.isRepeatable;
        // What is sent: the message, or the question for the rest of the stream that was to bring its answer.
        let current = outgoing;
        /** @type {Session | null} */
        let streaming = null;
        for (;;) {
            this.#checkOpen();
            /** @type {Session | null} */
            const session = outgoing.opens !== null ? null
                : streaming ?? fixed ?? await this.#around.session(course.signal);
            const era = outgoing.opens ?? /** @type {Session} */ (session).era;
            const token = await this.#tokenFor(outgoing, session, tokenIsDue, course.signal);
            // The client may have been closed while somebody else was asked for session or token.
            this.#checkOpen();
            let outcome;
            try {
                outcome = await this.#send(current, { token, session, era, attempt: { ...attempt } }, course);
            } catch (error) {
                if (!(error instanceof TransportError)) throw error;
                const isStream = era.resumesStreams && (error.brokeAt !== null || streaming !== null);
                const next = isStream ? resumption.next(error.brokeAt, this.#rules.maximumWait) : null;
                if (next !== null && session !== null) {
                    await this.#clock.sleep(next.seconds, course);
                    current = restOf(outgoing, next.lastEventID);
                    streaming = session;
                    again("resumed");
                    continue;
                }
                if (error.progress !== "unknown" || !mayRepeat || this.#transport.isOffline) {
                    throw await this.#explained(error, outgoing);
                }
                mayRepeat = false;
                streaming = null;
                // What became of the former id nobody knows.
                if (outgoing.id !== null) outgoing = requestAgain(outgoing, this.#newID());
                current = outgoing;
                again("retry_after_broken_connection");
                continue;
            }
            course.patience?.notice();
            const { response, refusal, answer } = outcome;
            if (refusal === null) {
                const isAnonymous = response.headers.has("Vestibule-Token");
                if (token !== null && outgoing.phase === "operation" && !isAnonymous) this.#tokens?.accept(token);
                return { response, answer, session, wasChallenged: tokenIsDue, tokenSent: token !== null };
            }
            const isCurable = outgoing.opens === null && fixed === null && streaming === null && !outgoing.listens;
            const step = recovery.step(refusal, {
                ...this.#circumstances(outgoing, token), hint: this.#hint(response, refusal, session),
                cure: isCurable ? era.cure(refusal, outgoing, session) : null,
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
                case "openSession": case "probeAgain":
                    if (session !== null) this.#around.lose(session, step.do === "probeAgain");
                    again("replay_after_new_session");
                    break;
                case "learnTools":
                    await this.#around.learnTools(course.signal);
                    again("retry_with_headers");
                    break;
                case "wait":
                    await this.#clock.sleep(step.seconds, course);
                    course.patience?.notice();
                    again("retry_after_wait");
                    break;
                case "fail": throw streaming === null ? step.error : streamLost(step.error, outgoing);
            }
        }
    }

    /**
     * Sends it once. What the server asks in the middle of it is answered meanwhile.
     * @param {Outgoing} outgoing
     * @param {import("./sender.js").Way} way
     * @param {Course} course
     */
    async #send(outgoing, way, course) {
        const { session, era } = way;
        if (session === null || (outgoing.id === null && !outgoing.listens) || !era.answersQuestions) {
            return this.#sender.send(outgoing, { ...way, ...course });
        }
        const { signal } = course;
        const questions = new Questions(this.#answers, (answer) => this.deliver(answer, session, { signal }), course);
        try {
            return await this.#sender.send(outgoing, {
                ...way, ...course, onQuestion: (question) => questions.hear(question),
                onWithdrawal: (id) => questions.withdraw(id),
            });
        } finally {
            questions.end();
        }
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
     * After sleep, or where the clock was set, nobody knows how far this machine's clock is off: a question without a
     * token tells, before any token is judged by it.
     * @param {Session | null} session
     * @param {AbortSignal} signal
     */
    async #lookAtServerClock(session, signal) {
        if (!this.#tokens?.wantsServerTime || session === null) return;
        const { era } = session;
        const glance = requestOf(era.glance, this.#newID(), undefined, { phase: "handshake" });
        /** @type {Attempt} */
        const attempt = { number: 1, occasion: "first" };
        try {
            await this.#sender.send(glance, { token: null, session, era, signal, attempt });
        } catch (error) {
            // The call itself will tell what is wrong with the connection.
            if (signal.aborted) throw error;
        }
    }

    /** @param {Outgoing} outgoing @param {AccessToken | null} token */
    #circumstances(outgoing, token) {
        return {
            tokenSent: token !== null, isRepeatable: outgoing.isRepeatable, hasTokens: this.#tokens !== null,
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
            ? this.#transport.hidden(response, [...session.era.neededHeaders]) : "";
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
 * The rest of a stream was refused. What was to come on it is the answer of a call that may have run.
 * @param {MCPClientError} error
 * @param {Outgoing} outgoing
 */
function streamLost(error, outgoing) {
    if (outgoing.isRepeatable) return error;
    const line = `the stream with the answer broke, and could not be resumed (${error.message}); nobody knows whether `
        + "it ran, so it was not sent again: look before you repeat it";
    return new MCPClientError("outcomeUnknown", `${outgoing.inWords}: ${line}`, { cause: error });
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

