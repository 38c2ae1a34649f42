import { verdictOfFailure, verdictOfResult } from "./era-probe.js";
import { clientClosed, MCPClientError } from "./errors.js";
import { resultOf } from "./exchange.js";
import { notificationOf, deletion, requestOf } from "./outgoing.js";
import { Patience } from "./patience.js";
import { SingleFlight } from "./single-flight.js";

/**
 * An open session, or in the modern era what the server said of itself.
 * @typedef {import("./era-legacy.js").SessionFacts & {
 *   era: Era, wantedToken: boolean, tokenSent: boolean, hasCarriedToken: boolean }} Session
 *   with the era that it is of, whether the server asked for a token to open it, whether one went with the handshake,
 *   and whether one has gone with anything since, so that the session may be bound to its subject
 */

/** @typedef {import("./era-legacy.js").Era} Era */
/** @typedef {import("./exchange.js").Delivery} Delivery */
/** @typedef {"automatic" | "legacy" | "modern"} EraChoice */
/** @typedef {{ noteLegacy: () => void, isLegacy: () => boolean, forget: () => void }} Verdicts of this server */

/** Opens the client's session when it is first needed, once for however many wait, and again when it is lost. */
export class Sessions {
    #exchange;
    #sender;
    #eras;
    #choice;
    #verdicts;
    #clock;
    #newID;
    #timeout;
    #shown;
    #closing;
    #onChange;
    /** @type {SingleFlight<Session>} */
    #handshake;
    /** @type {Session | null} */
    #session = null;

    /**
     * @param {object} options
     * @param {import("./exchange.js").Exchange} options.exchange
     * @param {import("./sender.js").Sender} options.sender
     * @param {{ legacy: Era, modern: Era }} options.eras
     * @param {EraChoice} options.choice
     * @param {Verdicts} options.verdicts
     * @param {import("./clock.js").Clock} options.clock
     * @param {() => number} options.newID
     * @param {number} options.timeout seconds for a handshake
     * @param {string} options.shown the server's URL for messages
     * @param {AbortSignal} options.closing aborted when the client is closed
     * @param {(change: { error?: unknown, opened?: Session }) => void} options.onChange
     */
    constructor({ exchange, sender, eras, choice, verdicts, clock, newID, timeout, shown, closing, onChange }) {
        this.#exchange = exchange;
        this.#sender = sender;
        this.#eras = eras;
        this.#choice = choice;
        this.#verdicts = verdicts;
        this.#clock = clock;
        this.#newID = newID;
        this.#timeout = timeout;
        this.#shown = shown;
        this.#closing = closing;
        this.#onChange = onChange;
        this.#handshake = new SingleFlight((opened) => onChange({ opened }), (error) => onChange({ error }));
    }

    /** The session that is open; null for none. */
    get current() {
        return this.#session;
    }

    /** Whether a handshake is under way. */
    get isOpening() {
        return this.#handshake.isFlying;
    }

    /**
     * The session; opened where none is. The handshake goes on where a waiter is aborted: others wait for it too.
     * @param {AbortSignal | null | undefined} signal
     * @returns {Promise<Session>}
     */
    async any(signal) {
        if (signal?.aborted) throw signal.reason;
        if (this.#session !== null && !this.isOpening) return this.#session;
        const flight = this.#handshake.value(() => this.#openWithin(), signal);
        this.#onChange({});
        return flight;
    }

    /**
     * Forgets a session that the server no longer knows; one that was opened since is kept.
     * @param {Session} session
     * @param {boolean} [isInDoubt] whether the server seems to be of another era than before
     */
    lose(session, isInDoubt = false) {
        if (this.#session !== session) return;
        this.#session = null;
        if (isInDoubt) this.#verdicts.forget();
    }

    /** Forgets the session, and returns it. */
    takeAway() {
        const session = this.#session;
        this.#session = null;
        return session;
    }

    /**
     * Tells the server that the session is over. Whatever it answers, it is over.
     * @param {Session} session
     * @param {import("./access-token.js").AccessToken | null} token
     */
    async end(session, token) {
        if (session.id === null) return;
        const patience = new Patience(this.#clock, this.#timeout, this.#timeout);
        /** @type {{ number: number, occasion: "first" }} */
        const attempt = { number: 1, occasion: "first" };
        try {
            const course = { token: session.hasCarriedToken ? token : null, session, era: session.era, attempt };
            await patience.limit("DELETE", (signal) => this.#sender.send(deletion(), { ...course, signal }), null);
        } catch {
            // A server that is gone has ended it too.
        }
    }

    #openWithin() {
        const patience = new Patience(this.#clock, this.#timeout, this.#timeout);
        return patience.limit(`the handshake with ${this.#shown}`, (signal) => this.#open(signal), this.#closing);
    }

    /**
     * In the era that was chosen, or that the server is of: asked once, and where it is of the legacy era not again
     * for a while.
     * @param {AbortSignal} signal
     * @returns {Promise<Session>}
     */
    async #open(signal) {
        const { legacy } = this.#eras;
        if (this.#choice === "legacy") return this.#openIn(legacy, signal);
        /** @type {unknown} */
        let former = null;
        if (this.#choice === "automatic" && this.#verdicts.isLegacy()) {
            try {
                return await this.#openIn(legacy, signal);
            } catch (error) {
                if (!mayBeOfAnotherEra(error)) throw error;
                this.#verdicts.forget();
                former = error;
            }
        }
        const session = await this.#probe(signal);
        if (session !== null) return session;
        if (former !== null) throw former;
        if (this.#choice === "modern") {
            throw new MCPClientError("protocolViolation", `${this.#shown} does not speak MCP ${
                this.#eras.modern.versions.at(-1)}, and this client was told to speak nothing older`);
        }
        const opened = await this.#openIn(legacy, signal);
        this.#verdicts.noteLegacy();
        return opened;
    }

    /**
     * Asks in the modern way what the server is.
     * @param {AbortSignal} signal
     * @returns {Promise<Session | null>} null where it is one of sessions
     */
    async #probe(signal) {
        const { modern } = this.#eras;
        for (let isAgain = false;; isAgain = true) {
            /** @type {Delivery} */
            let delivery;
            let result;
            try {
                delivery = await this.#deliverOpening(modern, signal);
                result = resultOf(delivery.answer, modern.opening.method);
            } catch (error) {
                if (signal.aborted) throw error;
                const verdict = verdictOfFailure(error);
                if (verdict === "legacy") {
                    // Why nothing can be read is more than that it is not modern.
                    if (this.#choice === "modern" && !hasAnswered(error)) throw error;
                    return null;
                }
                if (isAgain) throw contradiction(error);
                continue;
            }
            return verdictOfResult(result) === "legacy" ? null : this.#begin(modern, result, delivery);
        }
    }

    /** @param {Era} era @param {AbortSignal} signal @returns {Promise<Session>} */
    async #openIn(era, signal) {
        const delivery = await this.#deliverOpening(era, signal);
        const session = this.#begin(era, resultOf(delivery.answer, era.opening.method), delivery);
        try {
            if (era.confirmation !== null) {
                await this.#exchange.deliver(notificationOf(era.confirmation.method), session, { signal });
            }
        } catch (error) {
            this.lose(session);
            throw error;
        }
        return session;
    }

    /** @param {Era} era @param {AbortSignal} signal */
    #deliverOpening(era, signal) {
        const { method, params } = era.opening;
        const opening = requestOf(method, this.#newID(), params, { phase: "handshake", opens: era });
        return this.#exchange.deliver(opening, null, { signal });
    }

    /** @param {Era} era @param {unknown} result @param {Delivery} delivery @returns {Session} */
    #begin(era, result, { response, wasChallenged, tokenSent }) {
        const facts = era.readOpening(result, response.headers);
        if (this.#closing.aborted) throw clientClosed();
        const session = { ...facts, era, wantedToken: wasChallenged, tokenSent, hasCarriedToken: false };
        this.#session = session;
        return session;
    }
}

/**
 * Whether what was taken for a server of sessions answered `initialize` as none would.
 * @param {unknown} error
 */
function mayBeOfAnotherEra(error) {
    return error instanceof MCPClientError && [400, 404, 405].includes(error.status ?? 0);
}

/** @param {unknown} error */
function hasAnswered(error) {
    return !(error instanceof MCPClientError && error.code === "connection");
}

/** @param {unknown} error */
function contradiction(error) {
    return new MCPClientError("protocolViolation",
        "server/discover: the server refuses the very revision that it offers", { cause: error });
}
