// Texts for a person: foreign words made fit to be shown, and numbers of seconds in words.

/**
 * A text without anything that looks like a token, or like the beginning of one that was cut off; for what a server or
 * another program put into words.
 *
 * @param {string} text
 * @returns {string}
 */
export function withoutTokens(text) {
    return text
        // A header begins with a brace, which base64url writes so; host names have dots, too.
        .replace(/\beyJ[A-Za-z0-9_-]{12,}(?:\.[A-Za-z0-9_-]*){0,2}/g, "(token)")
        .replace(/\be[yw][A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, "(token)")
        .replace(/\b(bearer)\s+[A-Za-z0-9._~+/=-]{16,}/gi, "$1 (token)");
}

/**
 * The first line of a foreign text, cut at 300 characters and without tokens.
 * @param {unknown} text
 * @returns {string}
 */
export function firstLine(text) {
    const line = String(text).split(/[\n\r\v\f\u0085\u2028\u2029]/, 64).find((part) => part !== "") ?? "";
    return Array.from(withoutTokens(line.slice(0, 600))).slice(0, 300).join("");
}

/**
 * The text as one line of bounded length. Control characters, line ends and marks that turn the direction of writing
 * become spaces, so that the text can forge neither another line nor an order of reading. Tokens are taken out.
 * @param {string} text
 * @param {number} [limit] characters; what is longer is cut, and ends in "…"
 * @returns {string}
 */
export function onOneLine(text, limit = 1000) {
    const characters = Array.from(withoutTokens(text.slice(0, 2 * limit + 2)));
    const shown = characters.slice(0, limit).map((character) => (breaksLine(character) ? " " : character));
    return shown.join("") + (characters.length > limit ? "…" : "");
}

/** @param {string} character */
function breaksLine(character) {
    return /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u.test(character);
}

/**
 * A number of seconds for a person: `7 s`, `12 min`, `3 h`, `90 d`. Total: any number has words.
 * @param {number} seconds
 * @returns {string}
 */
export function inWords(seconds) {
    const size = Math.abs(seconds);
    if (!Number.isFinite(seconds) || size > 1e15) return "a very long time";
    if (size < 120) return `${Math.round(seconds)} s`;
    if (size < 7200) return `${Math.round(seconds / 60)} min`;
    if (size < 172800) return `${Math.round(seconds / 3600)} h`;
    return `${Math.round(seconds / 86400)} d`;
}

/**
 * A URL as messages show it: without its query, where secrets may stand.
 * @param {string} url
 * @returns {string}
 */
export function withoutQuery(url) {
    return firstLine(url).split("?", 1)[0] ?? "";
}
