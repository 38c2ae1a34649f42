import { AccessToken } from "./access-token.js";
import { MCPClientError } from "./errors.js";
import { tokenRecord } from "./request-record.js";
import { asSourceError } from "./token-source.js";
import { inWords } from "./words.js";

/** @typedef {import("./token-lifecycle.js").TokenEvent} TokenEvent */
/** @typedef {import("./token-lifecycle.js").TokenRequest} TokenRequest */
/** @typedef {import("./access-token.js").IssuedToken & { isShared?: boolean }} SharedOrIssued */

/**
 * What the questions need of their manager.
 * @typedef {object} QuestionHost
 * @property {(request: TokenRequest, signal: AbortSignal) => Promise<SharedOrIssued>} issue asks the source
 * @property {(digest: string) => void} giveUp says that a token is of no use any more
 * @property {(token: AccessToken) => void} received what the source delivered, before it is judged
 * @property {(event: TokenEvent) => void} handle
 * @property {(record: import("./request-record.js").TokenRecord) => void} onRecord
 * @property {() => number} serverTime
 */

/**
 * The questions to the source, each in the name of a flight and in nobody's else: a refresh outlives the caller that
 * began it, because others wait for it too. It ends with its flight, at the latest after the refresh's time.
 */
export class TokenQuestions {
    #clock;
    #timeout;
    #host;
    /** @type {Map<number, AbortController>} */
    #running = new Map();

    /**
     * @param {import("./clock.js").Clock} clock
     * @param {number} timeout seconds for all questions of one flight
     * @param {QuestionHost} host
     */
    constructor(clock, timeout, host) {
        this.#clock = clock;
        this.#timeout = timeout;
        this.#host = host;
    }

    /**
     * Asks; the first question of a flight starts its clock.
     * @param {TokenRequest} request
     * @param {number} flight
     */
    ask(request, flight) {
        let controller = this.#running.get(flight);
        if (controller === undefined) {
            controller = new AbortController();
            this.#running.set(flight, controller);
            this.#limit(flight, controller.signal);
        }
        this.#question(request, flight, controller.signal);
    }

    /**
     * Stops what runs for a flight.
     * @param {number} flight
     */
    end(flight) {
        this.#running.get(flight)?.abort(new DOMException("nobody waits for the token any more", "AbortError"));
        this.#running.delete(flight);
    }

    /** @param {number} flight @param {AbortSignal} signal */
    #limit(flight, signal) {
        this.#clock.sleep(this.#timeout, { signal }).then(() => {
            const line = `the token source did not answer within ${inWords(this.#timeout)}; `
                + "see what it waits for, or allow more time";
            this.#host.handle({ type: "sourceFailed", error: new MCPClientError("timeout", line), flight });
        }, () => {});
    }

    /** @param {TokenRequest} request @param {number} flight @param {AbortSignal} signal */
    async #question(request, flight, signal) {
        const [startedAt, started] = [this.#clock.now(), this.#clock.monotonic()];
        if (request.insteadOf !== null) this.#host.giveUp(request.insteadOf);
        /** @type {TokenEvent} */
        let event;
        /** @type {Pick<import("./request-record.js").TokenRecord, "token" | "failure" | "shared">} */
        let outcome;
        try {
            const issued = await this.#host.issue(request, signal);
            event = { type: "delivered", issued, flight };
            outcome = this.#outcomeOf(issued);
        } catch (thrown) {
            const error = asSourceError(thrown);
            event = { type: "sourceFailed", error, flight };
            outcome = { token: null, failure: error.message, shared: false };
        }
        if (signal.aborted) return;
        this.#host.onRecord(Object.freeze({
            kind: "token", occasion: request.occasion, startedAt: startedAt * 1000,
            duration: Math.max(0, (this.#clock.monotonic() - started) * 1000), ...outcome,
        }));
        this.#host.handle(event);
    }

    /** @param {SharedOrIssued} issued */
    #outcomeOf(issued) {
        const shared = issued.isShared ?? false;
        try {
            const token = new AccessToken(issued, this.#clock.now());
            this.#host.received(token);
            return { token: tokenRecord(token, this.#host.serverTime()), failure: null, shared };
        } catch (error) {
            return { token: null, failure: /** @type {Error} */ (error).message, shared };
        }
    }
}
