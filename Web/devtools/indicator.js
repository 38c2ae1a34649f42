import { isReason, reasonLink, reasonSentence, reasons } from "../reasons.js";
import { ClientElement } from "./client-element.js";
import { element, icon, outsideLink } from "./dom.js";
import { codeSentence, remedySentence, shown, skewSentence, stateSentence, stateWord } from "./words.js";
import { withoutTokens } from "../words.js";

/** Each state's drawing and colour. */
const looks = {
    idle: /** @type {const} */ (["dots", "quiet"]),
    initializing: /** @type {const} */ (["turning", "busy"]),
    ready: /** @type {const} */ (["check", "good"]),
    refreshing: /** @type {const} */ (["turning", "busy"]),
    "signed-out": /** @type {const} */ (["door", "quiet"]),
    failed: /** @type {const} */ (["cross", "bad"]),
    closed: /** @type {const} */ (["ring", "quiet"]),
};

const rules = `
:host { display: inline-block; position: relative; }
button {
    display: inline-flex; align-items: center; gap: 0.45em; min-height: 2.25em; padding: 0.25em 0.8em 0.25em 0.6em;
    border: 1px solid var(--edge); border-radius: 999px; background: var(--surface); color: var(--tone);
    font-weight: 600; line-height: 1.2; max-width: 100%;
}
button:hover { background: var(--tone-soft); }
.quiet { --tone: var(--muted); --tone-soft: var(--raised); }
.good { --tone: var(--good); --tone-soft: var(--good-soft); }
.busy { --tone: var(--warn); --tone-soft: var(--warn-soft); }
.bad { --tone: var(--bad); --tone-soft: var(--bad-soft); }
button { border-color: var(--tone); }
.word { color: var(--text); overflow-wrap: anywhere; }
.bad .reason { font-family: var(--mono); font-size: 0.92em; font-weight: 500; color: var(--bad); }
.icon { width: 1.1em; height: 1.1em; }
.icon-turning { animation: turn 1.4s linear infinite; }
@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .icon-turning { animation: none; } }
.card {
    position: fixed; inset: auto; margin: 0; width: min(23rem, calc(100vw - 16px)); padding: 1rem 1.125rem;
    border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); color: var(--text);
    box-shadow: 0 8px 28px light-dark(rgb(30 25 15 / 0.16), rgb(0 0 0 / 0.5)); font-size: 0.9375rem;
}
.card h2 { margin: 0 0 0.375rem; font-size: 1rem; line-height: 1.3; }
.card p { margin: 0.375rem 0 0; overflow-wrap: anywhere; }
.card .said { padding: 0.5rem 0.625rem; border-radius: 6px; background: var(--raised); font-size: 0.875rem; }
.card .code { color: var(--muted); font-family: var(--mono); font-size: 0.8125rem; }
@media (forced-colors: active) { button { border-color: ButtonText; } }
`;

/**
 * `<vestibule-indicator>`: a light that says how the client stands, and on demand why.
 *
 * The attribute `docs` names the address of the table of reasons where it is not the project's own.
 */
export class IndicatorElement extends ClientElement {
    #button = /** @type {HTMLButtonElement | null} */ (null);
    #card = /** @type {HTMLElement | null} */ (null);
    #live = /** @type {HTMLElement | null} */ (null);
    #announced = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #announcement;

    /** @override */
    connectedCallback() {
        if (!this.#button) this.#build();
        super.connectedCallback();
    }

    /** @override */
    disconnectedCallback() {
        clearTimeout(this.#announcement);
        super.disconnectedCallback();
    }

    /**
     * @override
     * @param {import("./client-element.js").WatchedClient | null} client
     * @param {AbortSignal} signal
     */
    clientChanged(client, signal) {
        client?.addEventListener("state", () => this.#show(), { signal });
        this.#show();
    }

    #build() {
        const root = this.furnish(rules);
        this.#card = element("div", {
            class: "card", id: "card", popover: "auto", role: "group", "aria-label": "State of the connection",
        });
        this.#button = element("button", { type: "button", popovertarget: "card", part: "button" });
        this.#live = element("span", { class: "unseen", role: "status", "aria-live": "polite" });
        this.#card.addEventListener("beforetoggle", (event) => {
            if (/** @type {any} */ (event).newState === "open") this.#fillCard();
        });
        this.#card.addEventListener("toggle", (event) => {
            if (/** @type {any} */ (event).newState === "open") this.#placeCard();
        });
        root.append(this.#button, this.#card, this.#live);
    }

    #show() {
        if (!this.#button || !this.#card) return;
        const { state, reason: refused, code } = this.standing;
        const [drawing, tone] = looks[/** @type {keyof typeof looks} */ (state)] ?? looks.idle;
        const reason = state === "failed" ? refused ?? code : null;
        this.dataset.state = state;
        this.#button.className = tone;
        this.#button.replaceChildren(
            icon(drawing),
            element("span", { class: "word" }, stateWord(state), reason ? ": " : null,
                reason ? element("span", { class: "reason" }, shown(reason, 60)) : null),
            element("span", { class: "unseen" }, ". Details"),
        );
        if (this.#card.matches(":popover-open")) this.#fillCard();
        this.#announce(reason ? `${stateWord(state)}: ${spoken(reason)}` : stateWord(state));
    }

    /**
     * Says it once it has lasted: a refresh of some milliseconds is no news.
     *
     * @param {string} text
     */
    #announce(text) {
        clearTimeout(this.#announcement);
        if (text === this.#announced) return;
        this.#announcement = setTimeout(() => {
            this.#announced = text;
            if (this.#live) this.#live.textContent = text;
        }, 600);
    }

    #fillCard() {
        const { state, code, reason, message } = this.standing;
        const sentence = state !== "failed" ? "" : reason ? reasonSentence(reason) : codeSentence(code);
        const remedy = state === "failed" && isReason(reason) ? remedySentence(reasons[reason].remedy) : "";
        const said = state === "failed" && message ? withoutTokens(shown(message, 600)) : "";
        const skew = skewSentence(this.client?.clockOffset);
        const link = reason ? docsLink(reason, this.getAttribute("docs"), this.client?.url) : null;
        this.#card?.replaceChildren(
            element("h2", {}, stateWord(state)),
            element("p", {}, sentence || stateSentence(state)),
            ...(reason ? [element("p", { class: "code" }, reason)] : []),
            ...(said ? [element("p", { class: "said" }, said)] : []),
            ...(remedy ? [element("p", {}, remedy)] : []),
            ...(skew ? [element("p", {}, skew)] : []),
            ...(link ? [element("p", {}, outsideLink(link, `More about ${reason}`))] : []),
        );
    }

    #placeCard() {
        if (!this.#card || !this.#button) return;
        const button = this.#button.getBoundingClientRect();
        const card = this.#card.getBoundingClientRect();
        const width = document.documentElement.clientWidth;
        const below = button.bottom + 8;
        const fits = below + card.height <= innerHeight - 8;
        this.#card.style.left = `${Math.max(8, Math.min(button.right - card.width, width - card.width - 8))}px`;
        this.#card.style.top = `${fits ? below : Math.max(8, button.top - card.height - 8)}px`;
    }
}

/**
 * Where the table of reasons speaks of this one: at the address that the page names, else at the server, which has it.
 *
 * @param {string} reason
 * @param {string | null} [docs] Another address of the table of reasons.
 * @param {string} [url] The MCP endpoint.
 * @returns {string}
 */
export function docsLink(reason, docs = null, url = undefined) {
    if (docs) return `${docs.split("#")[0]}#${encodeURIComponent(reason)}`;
    return reasonLink(reason, url ? new URL("/docs/troubleshooting.md", new URL(url, location.href)).href : undefined);
}

/** @param {string} reason */
function spoken(reason) {
    return shown(reason, 60).replaceAll("_", " ");
}
