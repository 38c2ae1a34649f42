import { element, icon } from "../devtools/dom.js";
import { durationWords, shown } from "../devtools/words.js";
import { failureNotice } from "./notices.js";
import { badge, resultParts, resultSummary } from "./results.js";
import { schemaForm } from "./schema-form.js";

/** @typedef {{ name: string, title?: string, description?: string, inputSchema?: unknown, annotations?: any }} Tool */

/**
 * The tools of the server, each with its form and its last result.
 */
export class ToolBench {
    #place;
    #client;
    #session;
    #announce;
    /** @type {Tool[]} */
    #tools = [];
    /**
     * Each tool's form and result, kept while others are looked at.
     * @type {Map<string, HTMLElement>}
     */
    #views = new Map();
    #list = element("ul", { class: "tool-list" });
    #stage = element("div", { class: "tool-stage" });
    #buckets = element("datalist", { id: "known-buckets" });

    /**
     * @param {HTMLElement} place
     * @param {{ callTool: (name: string, args: Record<string, unknown>, options?: any) => Promise<any> }} client
     * @param {() => import("./session.js").BrowserSession | null} session
     * @param {(text: string) => void} announce
     */
    constructor(place, client, session, announce) {
        this.#place = place;
        this.#client = client;
        this.#session = session;
        this.#announce = announce;
        addEventListener("hashchange", () => this.#followHash());
    }

    /** Shows that the tools are awaited. */
    showWaiting() {
        this.#place.replaceChildren(element("p", { class: "waiting muted" }, "The session is being opened …"));
    }

    /**
     * @param {unknown} error
     * @param {() => void} retry
     */
    showFailure(error, retry) {
        this.#place.replaceChildren(
            element(
                "div", { class: "tool-stage" }, failureNotice(error, this.#session()),
                element("p", {}, element("button", { type: "button", class: "button", click: retry }, "Try again")),
            ),
        );
    }

    /** @param {Tool[]} tools */
    show(tools) {
        this.#tools = tools;
        this.#views.clear();
        if (tools.length === 0) {
            const line = "The server offers no tools to this caller.";
            this.#place.replaceChildren(element("p", { class: "waiting muted" }, line));
            return;
        }
        this.#list.replaceChildren(...tools.map((tool) => element(
            "li", {},
            element(
                "a", {
                    href: `#${anchor(tool)}`, title: shown(tool.name, 120),
                    click: (/** @type {MouseEvent} */ event) => {
                        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                        // The address changes, the page stays where it is.
                        event.preventDefault();
                        history.pushState(null, "", `#${anchor(tool)}`);
                        this.#choose(tool);
                    },
                },
                element("span", { class: "tool-title" }, shown(toolTitle(tool), 60)),
                element("code", {}, shown(tool.name, 60)),
            ),
        )));
        this.#place.replaceChildren(
            element("nav", { class: "tool-nav", "aria-label": "Tools" }, this.#list), this.#stage, this.#buckets,
        );
        if (!this.#followHash()) this.#choose(tools[0]);
    }

    /** Goes to the tool that the address names. */
    #followHash() {
        const tool = this.#tools.find((tool) => `#${anchor(tool)}` === location.hash);
        if (tool) this.#choose(tool);
        return tool !== undefined;
    }

    /** @param {Tool | undefined} tool */
    #choose(tool) {
        if (!tool) return;
        for (const link of this.#list.querySelectorAll("a")) {
            if (link.getAttribute("href") === `#${anchor(tool)}`) link.setAttribute("aria-current", "true");
            else link.removeAttribute("aria-current");
        }
        let view = this.#views.get(tool.name);
        if (!view) {
            view = this.#makeView(tool);
            this.#views.set(tool.name, view);
        }
        this.#stage.replaceChildren(view);
    }

    /** @param {Tool} tool */
    #makeView(tool) {
        const form = schemaForm(
            tool.inputSchema, { suggestions: (name) => (name === "bucket" ? this.#buckets.id : null) },
        );
        const submit = element("button", { type: "submit", class: "button primary" }, icon("play"), "Call");
        const cancel = element("button", { type: "button", class: "button", hidden: true }, "Cancel");
        const result = element(
            "section", { class: "result", "aria-label": `Result of ${shown(tool.name, 80)}`, hidden: true },
        );
        /** @type {AbortController | null} */
        let running = null;
        const call = async () => {
            const read = form.read();
            if (read.invalid) {
                read.invalid.focus();
                return;
            }
            running = new AbortController();
            submit.disabled = true;
            cancel.hidden = false;
            result.setAttribute("aria-busy", "true");
            await this.#call(tool, read.arguments ?? {}, result, running.signal);
            // Below a long form it would not be seen; the focus stays where it is.
            result.scrollIntoView({ block: "nearest" });
            result.removeAttribute("aria-busy");
            submit.disabled = false;
            if (cancel === document.activeElement) submit.focus();
            cancel.hidden = true;
            running = null;
        };
        cancel.addEventListener("click", () => running?.abort());
        return element(
            "article", {},
            element(
                "div", { class: "tool-head" },
                element("h3", { id: anchor(tool) }, shown(toolTitle(tool), 120)),
                element("code", { class: "muted" }, shown(tool.name, 120)),
                ...marks(tool.annotations),
            ),
            tool.description ? element("p", { class: "muted" }, shown(tool.description, 2000)) : null,
            element(
                "form", {
                    novalidate: true, "aria-label": `Arguments of ${shown(tool.name, 80)}`,
                    submit: (/** @type {Event} */ event) => {
                        event.preventDefault();
                        if (!running) void call();
                    },
                },
                ...form.fields,
                element("div", { class: "buttons" }, submit, cancel),
            ),
            result,
        );
    }

    /**
     * @param {Tool} tool
     * @param {Record<string, unknown>} args
     * @param {HTMLElement} place
     * @param {AbortSignal} signal
     */
    async #call(tool, args, place, signal) {
        const progress = element("p", { class: "muted" }, "Calling …");
        place.hidden = false;
        place.replaceChildren(progress);
        const started = performance.now();
        try {
            const onProgress = (/** @type {any} */ report) => {
                const { progress: done, total, message } = report ?? {};
                progress.textContent = [
                    message ? shown(message, 300) : "Calling …",
                    typeof done === "number" ? total ? `${done} of ${total}` : String(done) : "",
                ].filter(Boolean).join(" ");
            };
            const answer = await this.#client.callTool(tool.name, args, { signal, onProgress });
            const took = performance.now() - started;
            this.#learn(answer);
            const { tone, words } = resultSummary(answer);
            place.replaceChildren(
                head(tone, words, took),
                ...resultParts(answer, {
                    tool: tool.name, arguments: args, call: (name, others) => this.#client.callTool(name, others),
                }),
            );
            this.#announce(`${shown(toolTitle(tool), 120)}: ${words}, ${durationWords(took)}`);
        } catch (error) {
            const notice = failureNotice(signal.aborted ? signal.reason : error, this.#session());
            const isSignedOut = /** @type {any} */ (error)?.reason === "token_missing";
            const words = isSignedOut ? "needs a sign-in" : signal.aborted ? "cancelled" : "failed";
            const tone = words === "failed" ? "is-bad" : "is-quiet";
            place.replaceChildren(head(tone, words, performance.now() - started), notice);
            this.#announce(`${shown(toolTitle(tool), 120)}: ${notice.querySelector(".title")?.textContent ?? "failed"}`);
        }
    }

    /**
     * Remembers the buckets that were seen, to suggest them in forms.
     *
     * @param {any} answer
     */
    #learn(answer) {
        const buckets = answer?.structuredContent?.buckets;
        if (!Array.isArray(buckets)) return;
        const names = buckets.map((bucket) => bucket?.name).filter((name) => typeof name === "string").slice(0, 100);
        this.#buckets.replaceChildren(...names.map((name) => element("option", { value: name })));
    }
}

/**
 * @param {string} tone
 * @param {string} words
 * @param {number} took Milliseconds.
 */
function head(tone, words, took) {
    return element(
        "div", { class: "result-head" }, element("h4", {}, "Result"), badge(tone, words),
        element("span", { class: "muted" }, durationWords(took)),
    );
}

/**
 * What the server says of the tool's effects.
 *
 * @param {any} annotations
 */
function marks(annotations) {
    if (annotations?.readOnlyHint === true) return [badge("is-quiet", "reads only")];
    if (annotations?.destructiveHint === true) return [badge("is-warn", "may destroy")];
    return [];
}

/**
 * What the tool is called, by the first of its names that is a text; a server may have written anything there.
 *
 * @param {Tool} tool
 * @returns {string}
 */
export function toolTitle({ name, title, annotations }) {
    return [title, annotations?.title].find((text) => typeof text === "string" && text !== "") ?? name;
}

/**
 * Where the tool is on the page. Half of a pair of code units, which JSON allows in a name, has no place in an address.
 *
 * @param {Tool} tool
 * @returns {string}
 */
export function anchor({ name }) {
    return `tool-${encodeURIComponent(name.replace(/\p{Surrogate}/gu, "\ufffd"))}`;
}
