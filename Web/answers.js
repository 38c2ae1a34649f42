import { MCPClientError } from "./errors.js";
import { withDefaults } from "./elicitation-defaults.js";
import { protocolCodes } from "./protocol-codes.js";
import { firstLine } from "./words.js";

/** @typedef {{ signal: AbortSignal }} AnswerContext aborted when nobody waits for the answer any more */
/** @typedef {Record<string, any>} Params */
/** @typedef {{ action: "accept" | "decline" | "cancel", content?: Record<string, unknown> }} ElicitationAnswer */
/** @typedef {{ uri: string, name?: string }} Root */

/**
 * What a server may ask of this client: each kind is declared to it where it is here, and is refused where it is not.
 *
 * - `elicit` shows a form (`message`, `requestedSchema`) to the person. What it accepts is completed by the defaults of
 *   the schema.
 * - `elicitURL` shows a person a whole URL (`message`, `url`) and asks for consent; it never opens it by itself, and
 *   nothing may be fetched from there before. The page that opens must not be that of the client.
 * - `sample` asks a model (`messages`, `maxTokens` …), after a person agreed.
 * - `roots` are the folders (`file://`) that the server should care for.
 * @typedef {object} ClientHandlers
 * @property {(params: Params, context: AnswerContext) => ElicitationAnswer | Promise<ElicitationAnswer>} [elicit]
 * @property {(params: Params, context: AnswerContext) => ElicitationAnswer | Promise<ElicitationAnswer>} [elicitURL]
 * @property {(params: Params, context: AnswerContext) => Params | Promise<Params>} [sample]
 * @property {readonly Root[] | ((context: AnswerContext) => readonly Root[] | Promise<readonly Root[]>)} [roots]
 */

/** @typedef {import("./era-legacy.js").ServerQuestion} ServerQuestion */

/** Answers what servers of either era want to know, by the handlers of the client. */
export class Answers {
    #handlers;
    #warn;

    /**
     * @param {ClientHandlers} handlers
     * @param {(line: string) => void} warn hears of handlers that throw where nobody else would
     */
    constructor(handlers, warn) {
        this.#handlers = handlers;
        this.#warn = warn;
    }

    /**
     * What the client declares.
     * @returns {Record<string, unknown>}
     */
    get capabilities() {
        const { elicit, elicitURL, sample, roots } = this.#handlers;
        const elicitation = { ...(elicit && { form: {} }), ...(elicitURL && { url: {} }) };
        return {
            ...((elicit || elicitURL) && { elicitation }),
            ...(sample && { sampling: {} }), ...(roots && { roots: {} }),
        };
    }

    /**
     * Why the question is not answered; null where it is.
     * @param {ServerQuestion} question
     * @returns {import("./errors.js").RPCError | null}
     */
    objection({ method, params = {} }) {
        const { elicit, elicitURL, sample, roots } = this.#handlers;
        const { methodNotFound, invalidParams } = protocolCodes;
        const isOffered = (method === "elicitation/create" && (elicit || elicitURL))
            || (method === "sampling/createMessage" && sample) || (method === "roots/list" && roots);
        if (!isOffered) {
            return { code: methodNotFound, message: `this client does not offer ${firstLine(method).slice(0, 128)}` };
        }
        if (method === "sampling/createMessage" && (params.tools !== undefined || params.toolChoice !== undefined)) {
            return { code: invalidParams, message: "this client does not offer sampling with tools" };
        }
        if (method !== "elicitation/create") return null;
        const mode = params.mode ?? "form";
        if ((mode === "form" && elicit) || (mode === "url" && elicitURL && isWebAddress(params.url))) return null;
        return { code: invalidParams, message: `this client does not offer this elicitation of mode "${
            firstLine(mode).slice(0, 40)}"` };
    }

    /**
     * The answer to a question against which there is no objection.
     * @param {ServerQuestion} question
     * @param {AbortSignal} signal
     * @returns {Promise<Record<string, unknown>>}
     * @throws whatever the handler throws, and `TypeError` where it returns what is no answer
     */
    async answer({ method, params = {} }, signal) {
        const { elicit, elicitURL, sample, roots } = this.#handlers;
        const context = { signal };
        switch (method) {
            case "elicitation/create":
                return params.mode === "url" ? elicitation(await elicitURL?.(params, context), null)
                    : elicitation(await elicit?.(params, context), params.requestedSchema);
            case "sampling/createMessage": return sampled(await sample?.(params, context));
            default: return { roots: rooted(typeof roots === "function" ? await roots(context) : roots) };
        }
    }

    /**
     * A handler threw, and its answer goes to nobody who would tell.
     * @param {ServerQuestion} question
     * @param {unknown} error
     */
    noteFailure({ method }, error) {
        const line = firstLine(error instanceof Error ? error.message : error);
        this.#warn(`the handler of ${firstLine(method).slice(0, 128)} failed: ${line}`);
    }

    /**
     * The answers to all that a server wants to know, one after another: a person answers one thing at a time.
     * @param {ReadonlyMap<string, ServerQuestion>} questions
     * @param {string} what for messages
     * @param {AbortSignal} signal
     * @returns {Promise<Record<string, unknown>>} by the names of the questions
     * @throws {MCPClientError} `protocolViolation` where a question may not be asked of this client, and whatever a
     *   handler throws
     */
    async all(questions, what, signal) {
        for (const question of questions.values()) {
            const objection = this.objection(question);
            if (objection === null) continue;
            throw new MCPClientError("protocolViolation", `${what}: the server asks what was not offered: ${
                objection.message}`);
        }
        /** @type {[string, unknown][]} */
        const answers = [];
        for (const [name, question] of questions) answers.push([name, await this.answer(question, signal)]);
        return Object.fromEntries(answers);
    }
}

/** @param {ElicitationAnswer | undefined} answer @param {unknown} schema null where there is no form */
function elicitation(answer, schema) {
    const { action, content } = answer ?? {};
    if (action !== "accept" && action !== "decline" && action !== "cancel") {
        throw new TypeError("an elicitation is answered by { action: \"accept\" | \"decline\" | \"cancel\" }");
    }
    return action === "accept" && schema !== null ? { action, content: withDefaults(schema, content) } : { action };
}

/** @param {Params | undefined} answer */
function sampled(answer) {
    const { role, content, model } = answer ?? {};
    if (typeof role !== "string" || typeof model !== "string" || content === null || typeof content !== "object") {
        throw new TypeError("sampling is answered by { role, content, model }");
    }
    return /** @type {Params} */ (answer);
}

/** @param {readonly Root[] | undefined} roots */
function rooted(roots = []) {
    if (!roots.every(({ uri }) => /^file:\/\//i.test(uri))) throw new TypeError("roots are file:// URIs");
    return [...roots];
}

/** @param {unknown} url */
function isWebAddress(url) {
    try {
        return typeof url === "string" && /^https?:$/.test(new URL(url).protocol);
    } catch {
        return false;
    }
}
