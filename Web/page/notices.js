import { reasonLink, reasonSentence } from "../vestibule.js";
import { element, icon, outsideLink } from "../devtools/dom.js";
import { codeSentence, remedySentence, shown } from "../devtools/words.js";
import { withoutTokens } from "../words.js";
import { signInAddress } from "./session.js";

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
        : (codeSentence(code) || "Something went wrong.");
    if (reason === "token_missing") return signInNotice(title, session);
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
 * Nobody is signed in: no failure, only a step that is due.
 *
 * @param {string} title
 * @param {import("./session.js").BrowserSession | null} session
 */
function signInNotice(title, session) {
    const address = signInAddress(session);
    return notice("is-quiet", "door", title, [
        reasonLine("token_missing", null),
        address
            ? element("a", { class: "button primary small", href: address }, "Sign in")
            : element("p", {}, "This server has no sign-in. A client with a token of its own can call the tool."),
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
                element("dt", {}, "Asked"),
                element("dd", {}, `${shown(parts[2] ?? "", 80)}: `, element("code", {}, shown(parts[3] ?? "", 300))),
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
