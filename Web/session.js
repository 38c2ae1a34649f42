import { clientClosed } from "./errors.js";
import { resultOf } from "./exchange.js";
import { notificationOf, deletion, requestOf } from "./outgoing.js";
import { Patience } from "./patience.js";
import { SingleFlight } from "./single-flight.js";

/**
 * An open session.
 * @typedef {import("./era-legacy.js").SessionFacts & {
 *   wantedToken: boolean, tokenSent: boolean, hasCarriedToken: boolean }} Session
 *   with whether the server asked for a token to open it, whether one went with the handshake, and whether one has gone
 *   with anything since, so that the session may be bound to its subject
 */

/** Opens the client's session when it is first needed, once for however many wait, and again when it is lost. */
export class Sessions {
    #exchange;
    #sender;
    #era;
    #clock;
    #clientInfo;
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
     * @param {import("./era-legacy.js").Era} options.era
     * @param {import("./clock.js").Clock} options.clock
     * @param {import("./era-legacy.js").Implementation} options.clientInfo
     * @param {() => number} options.newID
     * @param {number} options.timeout seconds for a handshake
     * @param {string} options.shown the server's URL for messages
     * @param {AbortSignal} options.closing aborted when the client is closed
     * @param {(change: { error?: unknown, opened?: Session }) => void} options.onChange
     */
    constructor({ exchange, sender, era, clock, clientInfo, newID, timeout, shown, closing, onChange }) {
        this.#exchange = exchange;
        this.#sender = sender;
        this.#era = era;
        this.#clock = clock;
        this.#clientInfo = clientInfo;
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
     */
    lose(session) {
        if (this.#session === session) this.#session = null;
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
            const course = { token: session.hasCarriedToken ? token : null, session, attempt };
            await patience.limit("DELETE", (signal) => this.#sender.send(deletion(), { ...course, signal }), null);
        } catch {
            // A server that is gone has ended it too.
        }
    }

    #openWithin() {
        const patience = new Patience(this.#clock, this.#timeout, this.#timeout);
        return patience.limit(`the handshake with ${this.#shown}`, (signal) => this.#open(signal), this.#closing);
    }

    /** @param {AbortSignal} signal @returns {Promise<Session>} */
    async #open(signal) {
        const { method, params } = this.#era.opening(this.#clientInfo);
        const opening = requestOf(method, this.#newID(), params, { phase: "handshake", opensSession: true });
        const { answer, response, wasChallenged, tokenSent } = await this.#exchange.deliver(opening, null, { signal });
        const facts = this.#era.readOpening(resultOf(answer, method), response.headers);
        if (this.#closing.aborted) throw clientClosed();
        const session = { ...facts, wantedToken: wasChallenged, tokenSent, hasCarriedToken: false };
        this.#session = session;
        try {
            const { confirmation } = this.#era;
            if (confirmation !== null) {
                await this.#exchange.deliver(notificationOf(confirmation.method), session, { signal });
            }
        } catch (error) {
            this.lose(session);
            throw error;
        }
        return session;
    }
}
