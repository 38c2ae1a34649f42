import { MCPClientError, TransportError } from "./errors.js";
import { requestOf } from "./outgoing.js";
import { Patience } from "./patience.js";
import { Recovery } from "./recovery.js";
import { readRejection, rejectionOf } from "./rejection.js";
import { isFinalDenial } from "./reasons.js";
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
 */

/**
 * What a message brought in the end: the answer (null for what has none), and whether the server asked for a token on
 * the way.
 * @typedef {{ response: Response, answer: Answer | null, wasChallenged: boolean, tokenSent: boolean }} Delivery
 */

/** Sends messages until they are answered or nothing more can be done about it. */
export class Exchange {
    #sender;
    #transport;
    #tokens;
    #clock;
    #rules;
    #sessions;
    #checkOpen;
    #newID;

    /**
     * @param {object} options
     * @param {import("./sender.js").Sender} options.sender
     * @param {import("./transport.js").FetchTransport} options.transport
     * @param {import("./token-manager.js").TokenManager | null} options.tokens
     * @param {import("./clock.js").Clock} options.clock
     * @param {ExchangeRules} options.rules
     * @param {{ any: (signal: AbortSignal) => Promise<Session>, lose: (session: Session) => void }} options.sessions
     * @param {() => void} options.checkOpen throws where the client is closed
     * @param {() => number} options.newID
     */
    constructor({ sender, transport, tokens, clock, rules, sessions, checkOpen, newID }) {
        this.#sender = sender;
        this.#transport = transport;
        this.#tokens = tokens;
        this.#clock = clock;
        this.#rules = rules;
        this.#sessions = sessions;
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
                outcome = await this.#sender.send(outgoing, { token, session, attempt: { ...attempt }, ...course });
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
            await this.#sender.send(ping, { token: null, session, signal, attempt: { number: 1, occasion: "first" } });
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

