import { ageWords, shown, skewSentence, stateSentence, timeOfDay } from "../devtools/words.js";
import { element } from "../devtools/dom.js";
import { eraChoice } from "./era.js";

/** @typedef {import("../devtools/client-element.js").ClientRecord} ClientRecord */

/**
 * What is known of the session, from the client's record; kept up to date.
 *
 * @param {HTMLElement} list A `dl`.
 * @param {import("../devtools/client-element.js").WatchedClient & {
 *     server: {
 *         era: string, serverInfo: { name?: string, title?: string, version?: string } | null, protocolVersion: string,
 *     } | null,
 * }} client
 * @param {() => import("./session.js").BrowserSession | null} session
 * @returns {() => void} Shows it anew.
 */
export function showFacts(list, client, session) {
    /** @type {Map<string, HTMLElement>} */
    const values = new Map();
    for (const name of ["Server", "Protocol", "Session", "Signed in", "Token in use", "Requests", "Clock"]) {
        const value = element("div");
        const choice = name === "Protocol" ? eraChoice(window.location) : "";
        values.set(name, value);
        list.append(element("div", {}, element("dt", {}, name), element("dd", {}, value, choice)));
    }
    /** @type {(name: string, first: string, second?: string) => void} */
    const set = (name, first, second = "") => {
        const value = values.get(name);
        if (!value) return;
        const text = `${first}\n${second}`;
        if (value.dataset.text === text) return;
        value.dataset.text = text;
        value.replaceChildren(
            element("span", { class: "first" }, first), second ? element("span", { class: "second" }, second) : "",
        );
    };
    const show = () => {
        const requests = client.records.filter((record) => record.kind === "request");
        const server = client.server?.serverInfo;
        set("Server", server ? shown(server.title || server.name || "unnamed", 60) : "–",
            server?.version ? `version ${shown(server.version, 30)}` : "");
        set("Protocol", client.server ? `MCP ${shown(client.server.protocolVersion, 20)}` : "–");
        set("Session", ...sessionWords(client, requests));
        const person = session();
        set("Signed in", person?.signed_in ? shown(person.subject ?? person.name ?? "yes", 60) : "no",
            person?.signed_in ? (person.roles ?? []).map((role) => shown(role, 30)).join(", ") : "");
        set("Token in use", ...tokenWords(client, person?.signed_in === true));
        const bare = requests.filter((record) => !record.tokenSent).length;
        set("Requests", String(requests.length), requests.length > 0 ? `${bare} without a token` : "");
        set("Clock", ...clockWords(client.clockOffset));
    };
    let isWaiting = false;
    const soon = () => {
        if (isWaiting) return;
        isWaiting = true;
        requestAnimationFrame(() => {
            isWaiting = false;
            show();
        });
    };
    client.addEventListener("record", soon);
    client.addEventListener("state", soon);
    setInterval(() => document.visibilityState === "visible" && show(), 1000);
    show();
    return show;
}

/**
 * @param {import("../devtools/client-element.js").WatchedClient & { server: { era: string } | null }} client
 * @param {readonly ClientRecord[]} requests
 * @returns {[string, string]}
 */
function sessionWords({ server, state }, requests) {
    if (server === null) return ["not open", stateSentence(state)];
    if (server.era === "modern") return ["none is needed", "each request says all"];
    const opened = last(requests, (record) => record.method === "initialize" && record.status === 200);
    return [opened ? `open since ${timeOfDay(opened.startedAt ?? 0)}` : "open", ""];
}

/**
 * @param {number | null} offset
 * @returns {[string, string]}
 */
function clockWords(offset) {
    if (offset === null) return ["–", ""];
    return skewSentence(offset) ? ["differs", `by ${ageWords(Math.abs(offset))} from the server’s`] : ["agrees", ""];
}

/**
 * @param {import("../devtools/client-element.js").WatchedClient} client
 * @param {boolean} isSignedIn
 * @returns {[string, string]}
 */
function tokenWords(client, isSignedIn) {
    const record = last(
        client.records, (record) => Boolean(record.token) && !record.failure && (record.status ?? 200) !== 401,
    );
    const token = record?.token;
    if (!token || !isSignedIn || client.state === "signed-out") return ["none", ""];
    const age = token.age === null ? null : token.age + (Date.now() - (record?.startedAt ?? Date.now())) / 1000;
    return [
        `kid ${token.keyID === null ? "not named" : shown(token.keyID, 40)}`,
        [ageWords(age) && `${ageWords(age)} old`, shown(token.fingerprint, 16)].filter(Boolean).join(" · "),
    ];
}

/**
 * @template Item
 * @param {readonly Item[]} items
 * @param {(item: Item) => boolean} isWanted
 * @returns {Item | undefined}
 */
function last(items, isWanted) {
    for (let index = items.length - 1; index >= 0; index--) {
        const item = items[index];
        if (item !== undefined && isWanted(item)) return item;
    }
    return undefined;
}
