import { MCPClientError } from "./errors.js";
import { requestAgain } from "./outgoing.js";

/** @typedef {import("./outgoing.js").Outgoing} Outgoing */

/**
 * Answers what a server wants to know before it gives a result (multi round-trip requests, MCP 2026-07-28), as often as
 * is configured: the protocol knows no end.
 */
export class InputRounds {
    #answers;
    #maximum;
    #newID;
    #count = 0;

    /**
     * @param {import("./answers.js").Answers} answers
     * @param {number} maximum
     * @param {() => number} newID
     */
    constructor(answers, maximum, newID) {
        this.#answers = answers;
        this.#maximum = maximum;
        this.#newID = newID;
    }

    /**
     * The request as it is sent again: with the answers, the server's state as it came, and a new id.
     * @param {Outgoing} outgoing
     * @param {import("./era-legacy.js").InputWanted} wanted
     * @param {AbortSignal} signal
     * @returns {Promise<Outgoing>}
     */
    async next(outgoing, { questions, state }, signal) {
        if (this.#count >= this.#maximum) {
            throw new MCPClientError("protocolViolation", `${outgoing.inWords}: the server wanted input more than ${
                this.#maximum} times; raise maximumInputRounds if it is meant to`);
        }
        this.#count += 1;
        const answers = questions.size === 0 ? undefined : await this.#answers.all(questions, outgoing.inWords, signal);
        return requestAgain(outgoing, this.#newID(), { inputResponses: answers, requestState: state ?? undefined });
    }
}
