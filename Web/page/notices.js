import { reasonLink, reasonSentence } from "../vestibule.js";
import { element, icon, outsideLink } from "../devtools/dom.js";
import { remedySentence, shown, withoutTokens } from "../devtools/words.js";
import { signInAddress } from "./session.js";

/** What went wrong where no reason is given, by the error's code. */
const codeSentences = {
    connection: "The server could not be reached.",
    outcomeUnknown: "The connection broke after the request was sent. Nobody knows whether the call ran.",
    timeout: "The server did not answer in time.",
    unauthorized: "The server wants a token and there is none that it accepts.",
    forbidden: "The server refused this.",
    sessionLost: "The session was lost twice in a row.",
    busy: "The server is busy and stays so.",
    protocolViolation: "What came back is not MCP.",
    tokenSource: "No token could be fetched.",
    staleToken: "The token that was delivered is stale already, and so it was not sent.",
    toolDenied: "The server denied the call.",
    serverError: "The server answered with an error.",
    replyTooLarge: "The reply is larger than this page accepts.",
    closed: "The client is closed. Load the page anew.",
};

/**
 * A call that failed: the sentence for the person, the reason by its name, what the server said, what to do.
 *
 * @param {any} error
 * @param {import("./session.js").BrowserSession | null} session
 * @returns {HTMLElement}
 */
export function failureNotice(error, session) {
    const reason = typeof error?.reason === "string" ? error.reason : null;
    const code = typeof error?.code === "string" ? error.code : null;
    if (error?.name === "AbortError" || code === "cancelled") {
        return notice("is-quiet", "ring", "Cancelled.", []);
    }
    const title = reason
        ? reasonSentence(reason)
        : codeSentences[/** @type {keyof typeof codeSentences} */ (code)] ?? "Something went wrong.";
    const said = error?.rejection?.detail || (error instanceof Error ? error.message : String(error));
    const address = error?.remedy === "sign_in" ? signInAddress(session) : null;
    return notice("is-bad", "warning", title, [
        reason || code ? reasonLine(reason, code) : null,
        said ? element("p", { class: "said" }, withoutTokens(shown(said))) : null,
        address
            ? element("a", { class: "button primary small", href: address }, "Sign in")
            : error?.remedy ? element("p", {}, remedySentence(error.remedy)) : null,
    ]);
}

/**
 * A result by which the server denied the call: what was asked, what is allowed.
 *
 * @param {{ reason: string, remedy?: string, detail?: string }} denial
 * @returns {HTMLElement}
 */
export function denialNotice(denial) {
    const detail = denial.detail ?? "";
    const parts = /^(.*?): (\S+) asks for (.*); allowed to this principal: (.*)$/s.exec(detail);
    return notice("is-warn", "warning", reasonSentence(denial.reason), [
        reasonLine(denial.reason, null),
        parts
            ? element(
                "dl", { class: "asked" },
                element("dt", {}, "Asked"), element("dd", {}, `${shown(parts[2] ?? "", 80)}: `, element("code", {}, shown(parts[3] ?? "", 300))),
                element("dt", {}, "Allowed"), element("dd", {}, ...codeList(parts[4] ?? "")),
            )
            : detail ? element("p", { class: "said" }, withoutTokens(shown(detail))) : null,
        denial.remedy ? element("p", {}, remedySentence(denial.remedy)) : null,
    ]);
}

/** @param {string} text Values, with commas between. */
function codeList(text) {
    return shown(text).split(", ").flatMap((value, index) => [index > 0 ? " " : "", element("code", {}, value)]);
}

/**
 * @param {string | null} reason
 * @param {string | null} code
 */
function reasonLine(reason, code) {
    return element(
        "p", {}, element("code", { class: "reason" }, shown(reason ?? code ?? "", 80)),
        reason ? " · " : null, reason ? outsideLink(reasonLink(reason), "What this means") : null,
    );
}

/**
 * @param {string} tone
 * @param {Parameters<typeof icon>[0]} drawing
 * @param {string} title
 * @param {(Node | string | null)[]} rest
 * @returns {HTMLElement}
 */
export function notice(tone, drawing, title, rest) {
    return element(
        "div", { class: `notice ${tone}` }, icon(drawing),
        element("div", {}, element("p", { class: "title" }, title), ...rest),
    );
}
