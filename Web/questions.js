import { protocolCodes } from "./protocol-codes.js";
import { answerOf } from "./outgoing.js";

/** @typedef {import("./outgoing.js").Outgoing} Outgoing */

/** How many questions of one stream are thought about at once. */
const maximumOpen = 100;

/**
 * Answers what a server of sessions asks in the middle of a request, each by a request of its own. A handler that takes
 * its time holds up neither the stream nor the patience of the call; when the call is over, it is told so.
 */
export class Questions {
    #answers;
    #post;
    #course;
    /** @type {Map<unknown, AbortController>} */
    #open = new Map();

    /**
     * @param {import("./answers.js").Answers} answers
     * @param {(answer: Outgoing) => Promise<unknown>} post
     * @param {import("./sender.js").Course} course of the call
     */
    constructor(answers, post, course) {
        this.#answers = answers;
        this.#post = post;
        this.#course = course;
    }

    /**
     * Answers at once where nobody has to be asked, and then is waited for; else in its own time.
     * @param {import("./reply-reader.js").RPCMessage} message
     * @returns {Promise<void> | void}
     */
    hear({ id, method = "", params }) {
        if (method === "ping") return this.#send(answerOf({ result: {} }, id));
        const question = { method, params };
        const objection = this.#answers.objection(question);
        if (objection !== null) return this.#send(answerOf({ error: objection }, id));
        if (this.#open.size >= maximumOpen) {
            const refusal = { code: protocolCodes.internalError, message: "this client is asked too much at once" };
            return this.#send(answerOf({ error: refusal }, id));
        }
        const controller = new AbortController();
        this.#open.set(id, controller);
        const { patience } = this.#course;
        const work = () => this.#ask(id, question, controller.signal);
        (patience === undefined ? work() : patience.during(work)).catch(() => {}).finally(() => this.#open.delete(id));
    }

    /**
     * The server does not want to know any more.
     * @param {unknown} id
     */
    withdraw(id) {
        this.#open.get(id)?.abort(new DOMException("the server withdrew the question", "AbortError"));
    }

    /** The call is over. */
    end() {
        for (const controller of this.#open.values()) {
            controller.abort(new DOMException("the call is over", "AbortError"));
        }
    }

    /** @param {unknown} id @param {import("./era-legacy.js").ServerQuestion} question @param {AbortSignal} signal */
    async #ask(id, question, signal) {
        let content;
        try {
            content = { result: await this.#answers.answer(question, signal) };
        } catch (error) {
            // What a handler throws is the page's own affair, and none of the server's.
            if (!signal.aborted) this.#answers.noteFailure(question, error);
            content = { error: { code: protocolCodes.internalError, message: "this client could not answer" } };
        }
        if (!signal.aborted) await this.#send(answerOf(content, id, "operation"));
    }

    /** @param {Outgoing} answer */
    async #send(answer) {
        try {
            await this.#post(answer);
        } catch (error) {
            // The server does without it; the call that it interrupted goes on.
            if (this.#course.signal.aborted) throw error;
        }
    }
}
