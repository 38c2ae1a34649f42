import { element, icon } from "../devtools/dom.js";
import { shown } from "../devtools/words.js";
import { withoutTokens } from "../words.js";
import { runCure } from "./cure.js";
import { runIncident, storageKey } from "./incident.js";
import { failureNotice, notice } from "./notices.js";
import { letterOf, recordsOf } from "./replay-record.js";
import { post, signInAddress } from "./session.js";

/** @typedef {import("./replay-record.js").ReplayReport} ReplayReport */

/**
 * @typedef {object} Stage
 * @property {string} id
 * @property {string} url
 * @property {string} tool
 * @property {Record<string, unknown>} arguments
 * @property {string} stale_token
 * @property {{ label: string, fingerprint: string, length: number, note: string }[]} secrets
 */

/**
 * @typedef {object} PartView
 * @property {HTMLElement} card
 * @property {HTMLElement} secrets
 * @property {HTMLElement & { client: any, records: any }} panel
 * @property {(words: string) => void} say
 * @property {(failure: string | null) => void} conclude
 */

/** Where it is shown already, so that it is not put aside while it runs. @type {WeakMap<HTMLElement, string>} */
const shownFor = new WeakMap();

/**
 * The section that replays the incident.
 *
 * @param {HTMLElement} place
 * @param {import("./session.js").BrowserSession | null} session
 * @param {(text: string) => void} announce
 */
export function showReplay(place, session, announce) {
    const kind = session?.replay !== true ? "absent" : session.csrf === null ? "signed out" : `for ${session.csrf}`;
    if (shownFor.get(place) === kind) return;
    shownFor.set(place, kind);
    if (kind === "absent") {
        place.replaceChildren(notice("is-quiet", "ring", "This server has no stage for the replay.", [
            element(
                "p", {}, "It exists where the server runs on its embedded default. On a command line, ",
                element("code", {}, "vestibule demo"), " shows the same.",
            ),
        ]));
        return;
    }
    if (kind === "signed out") {
        const address = signInAddress(session);
        place.replaceChildren(notice("is-quiet", "door", "Sign in to replay the incident.", [
            address ? element("a", { class: "button small", href: address }, "Sign in") : null,
        ]));
        return;
    }
    const stage = element("div", { class: "replay-stage" });
    const button = element("button", { type: "button", class: "button primary" }, icon("play"), "Replay the incident");
    button.addEventListener("click", async () => {
        button.disabled = true;
        button.replaceChildren(icon("turning"), "Running …");
        announce("The replay runs.");
        try {
            await replay(stage, session?.csrf ?? null, announce);
        } catch (error) {
            stage.append(failureNotice(error, session));
            announce("The replay failed.");
        }
        button.disabled = false;
        button.replaceChildren(icon("play"), "Replay once more");
    });
    place.replaceChildren(element("div", { class: "replay-bar" }, button), stage);
}

/**
 * @param {HTMLElement} place
 * @param {string | null} csrf
 * @param {(text: string) => void} announce
 */
async function replay(place, csrf, announce) {
    const before = partView("Before", "A cached token goes with the handshake.");
    const after = partView("After", "The same front end on MCPClient and DynamicAuthManager.");
    const verdict = element("div", { class: "verdict" });
    place.replaceChildren(element("div", { class: "parts" }, before.card, after.card), verdict);

    const first = await playBefore(before, csrf);
    const second = await playAfter(after, csrf);
    verdict.replaceChildren(...verdictParts(first, second));
    const held = (second.criteria ?? []).filter((criterion) => criterion.holds).length;
    announce(`The replay is done. The cure holds by ${held} of ${second.criteria?.length ?? 0} criteria.`);
}

/**
 * @param {PartView} view
 * @param {string | null} csrf
 */
async function playBefore(view, csrf) {
    const stage = await openStage("before", csrf);
    showSecrets(view.secrets, stage);
    const live = new LiveRecord();
    view.panel.client = live;
    view.say("running");
    localStorage.setItem(storageKey, stage.stale_token);
    let failure;
    try {
        failure = await runIncident(stage, (record) => live.add(record));
    } finally {
        localStorage.removeItem(storageKey);
    }
    const report = await readReport(stage, "before");
    view.panel.records = recordsOf(
        report, report.keys ?? stage.secrets.map((secret) => secret.fingerprint), live.records,
    );
    view.conclude(failure);
    return report;
}

/**
 * @param {PartView} view
 * @param {string | null} csrf
 */
async function playAfter(view, csrf) {
    const stage = await openStage("after", csrf);
    showSecrets(view.secrets, stage);
    view.say("running");
    // What the former version of the front end left behind; the new one removes it and never sends it.
    localStorage.setItem(storageKey, stage.stale_token);
    let failure;
    let isGone;
    /** @type {import("../vestibule.js").MCPClient | undefined} */
    let client;
    try {
        failure = await runCure(
            stage,
            async () => {
                const { access_token, expires_in } = await ask(`/replay/${encodeURIComponent(stage.id)}/token`, csrf);
                return { token: access_token, expiresIn: expires_in };
            },
            async () => void await ask(`/replay/${encodeURIComponent(stage.id)}/rotate`, csrf),
            (began) => {
                client = began;
                view.panel.client = began;
            },
        );
    } finally {
        isGone = localStorage.getItem(storageKey) === null;
        localStorage.removeItem(storageKey);
    }
    const report = await readReport(stage, "after");
    const records = /** @type {any} */ (client)?.records ?? [];
    showSecrets(view.secrets, stage, report.keys);
    view.panel.records = recordsOf(report, report.keys ?? stage.secrets.map((secret) => secret.fingerprint), records);
    view.conclude(isGone ? failure : "the old token is still in localStorage");
    return report;
}

/**
 * @param {"before" | "after"} part
 * @param {string | null} csrf
 * @returns {Promise<Stage>}
 */
async function openStage(part, csrf) {
    const stage = await ask("/replay", csrf, { part });
    return { ...stage, url: new URL(stage.url, location.origin).href };
}

/**
 * @param {string} path
 * @param {string | null} csrf
 * @param {unknown} [body]
 */
async function ask(path, csrf, body) {
    const response = await post(path, csrf, body);
    if (!response.ok) throw new Error(`the stage answered ${response.status}. ${await firstWords(response)}`);
    const text = await response.text();
    return text === "" ? {} : JSON.parse(text);
}

/** @param {Response} response */
async function firstWords(response) {
    try {
        const { detail, error } = JSON.parse(await response.text());
        return shown(detail ?? error ?? "", 200);
    } catch {
        return "";
    }
}

/**
 * @param {Stage} stage
 * @param {string} part
 * @returns {Promise<ReplayReport>}
 */
async function readReport(stage, part) {
    const response = await fetch(
        `/replay/${encodeURIComponent(stage.id)}/report?part=${part}`,
        { credentials: "same-origin", cache: "no-store" },
    );
    if (!response.ok) throw new Error(`The server did not give its record: ${response.status}.`);
    const report = await response.json();
    // The whole of `vestibule demo --json` has the part under its name.
    if (Array.isArray(report.requests)) return report;
    return { ...report[part], criteria: report[part]?.criteria ?? report.criteria };
}

/**
 * @param {HTMLElement} place
 * @param {Stage} stage
 * @param {string[]} [keys] All that signed by now.
 */
function showSecrets(place, stage, keys = stage.secrets.map((secret) => secret.fingerprint)) {
    const notes = ["yesterday", "today", "after one more rotation"];
    place.replaceChildren(
        "Secrets by fingerprint: ",
        ...keys.flatMap((key, index) => {
            const secret = stage.secrets.find((secret) => secret.fingerprint === key) ?? stage.secrets[index];
            const length = secret?.length ? `, ${secret.length} characters` : "";
            return [
                index > 0 ? "; " : "", element("b", {}, letterOf(index)), " ", element("code", {}, shown(key, 16)),
                ` (${notes[index] ?? secret?.note ?? ""}${length})`,
            ];
        }),
    );
}

/**
 * @param {string} title
 * @param {string} subtitle
 * @returns {PartView}
 */
function partView(title, subtitle) {
    const state = element("span", { class: "badge is-quiet" }, "waits");
    const secrets = element("p", { class: "secrets" });
    const outcome = element("p", { class: "outcome" });
    const panel = /** @type {PartView["panel"]} */ (document.createElement("vestibule-panel"));
    panel.setAttribute("plain", "");
    panel.setAttribute("label", `Requests, ${title.toLowerCase()}, as the server recorded them`);
    panel.records = [];
    const card = element(
        "article", { class: "card part" },
        element("header", {}, element("h3", {}, title), state, element("p", { class: "muted" }, subtitle), secrets),
        panel, outcome,
    );
    return {
        card, panel, secrets,
        say(words) {
            state.textContent = words;
            panel.records = null;
        },
        conclude(failure) {
            state.className = failure === null ? "badge is-good" : "badge is-bad";
            state.replaceChildren(icon(failure === null ? "check" : "cross"), failure === null ? "works" : "fails");
            outcome.className = failure === null ? "outcome is-good" : "outcome is-bad";
            outcome.replaceChildren(
                icon(failure === null ? "check" : "cross"), element("span", {}, "The user sees: ", element("strong", {},
                    failure === null ? "the objects of the bucket" : withoutTokens(shown(failure, 300)))),
            );
        },
    };
}

/**
 * What the server said of the old token, and the seven criteria.
 *
 * @param {ReplayReport} before
 * @param {ReplayReport} after
 * @returns {HTMLElement[]}
 */
function verdictParts(before, after) {
    const refusal = [...before.requests, ...after.requests].find((request) => request.reason === "key_retired");
    const criteria = after.criteria ?? [];
    const held = criteria.filter((criterion) => criterion.holds).length;
    const isWhole = held === criteria.length && held > 0;
    return [
        ...(refusal ? [element(
            "figure", { class: "said-of-token" },
            element(
                "figcaption", {}, "What the server answered to the old token, with the remedy ",
                element("code", {}, "refresh"), " for the client:",
            ),
            element("blockquote", {}, withoutTokens(shown(refusal.detail ?? ""))),
        )] : []),
        element(
            "h3", { class: isWhole ? "is-good" : "is-bad" }, `The cure holds by ${held} of ${criteria.length} criteria`,
        ),
        element("p", { class: "muted" }, "Each is judged by what the server recorded."),
        criteriaTable(before.criteria ?? [], criteria),
    ];
}

/**
 * @param {NonNullable<ReplayReport["criteria"]>} before
 * @param {NonNullable<ReplayReport["criteria"]>} after
 */
function criteriaTable(before, after) {
    const hasBefore = before.length > 0;
    return element(
        "table", { class: "card criteria" },
        element("caption", { class: "unseen" }, "The criteria of the incident, before and after"),
        element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Criterion"),
            hasBefore ? element("th", { scope: "col" }, "Before") : null, element("th", { scope: "col" }, "After"))),
        element("tbody", {}, ...after.map((criterion) => {
            const former = before.find((other) => other.name === criterion.name);
            return element(
                "tr", {}, element("th", { scope: "row" }, shown(criterion.name, 200)),
                hasBefore ? criterionCell("Before", former) : null, criterionCell("After", criterion),
            );
        })),
    );
}

/**
 * @param {string} side
 * @param {{ holds: boolean, evidence: string } | undefined} criterion
 */
function criterionCell(side, criterion) {
    if (!criterion) return element("td", {}, "–");
    return element(
        "td", { class: criterion.holds ? "is-good" : "is-bad", "data-side": side },
        icon(criterion.holds ? "check" : "cross"),
        element("span", { class: "unseen" }, criterion.holds ? "holds: " : "does not hold: "),
        element("span", { class: "evidence" }, shown(criterion.evidence, 200)),
    );
}

/** What a front end without a client of ours sent, in the form that the panel watches. */
class LiveRecord extends EventTarget {
    state = "ready";
    failure = null;
    clockOffset = null;
    /** @type {import("../devtools/client-element.js").ClientRecord[]} */
    records = [];

    /** @param {import("../devtools/client-element.js").ClientRecord} record */
    add(record) {
        this.records.push(record);
        this.dispatchEvent(new CustomEvent("record", { detail: record }));
    }
}
