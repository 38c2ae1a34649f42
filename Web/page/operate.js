// The operator's page: what the server sees, live.

import { element, icon, outsideLink } from "../devtools/dom.js";
import { ageWords, shown, timeOfDay } from "../devtools/words.js";
import { reasonLink } from "../vestibule.js";
import { notice } from "./notices.js";
import { showPerson } from "./person.js";
import { refused, RefusalChart } from "./refusal-chart.js";
import { post, readSession } from "./session.js";

/**
 * @typedef {object} Key
 * @property {string} kid
 * @property {string} fingerprint
 * @property {string} algorithm
 * @property {string} state
 * @property {number} [since]
 * @property {number} [due]
 */
/**
 * @typedef {object} Session
 * @property {string} fingerprint
 * @property {string | null} [subject]
 * @property {string | null} [issuer]
 * @property {string | null} client
 * @property {number} created_at
 * @property {number} last_seen
 * @property {number} requests
 */
/**
 * @typedef {object} Stale
 * @property {string} reason
 * @property {string | null} kid
 * @property {string} [issuer]
 * @property {string | null} client
 * @property {string | null} user_agent
 * @property {number} count
 * @property {number} first_seen
 * @property {number} last_seen
 * @property {number | null} token_age_seconds
 */
/**
 * Where the keys of a remote issuer come from, and how that goes.
 * @typedef {object} KeySource
 * @property {string} place
 * @property {boolean} has_keys
 * @property {number} [fetched_at]
 * @property {number} [next_fetch]
 * @property {string} [failure]
 * @property {number} [failed_at]
 */
/**
 * @typedef {object} OperatorState
 * @property {number} now
 * @property {number} started_at
 * @property {{ total: number, bound: number, list: Session[] }} sessions
 * @property {{ name: string, issuer: string, keys: Key[], source?: KeySource }[]} issuers
 * @property {{ bucket_seconds: number, hours: number, buckets: import("./refusal-chart.js").Bucket[] }} refusals
 * @property {Stale[]} stale
 */

/** A stale token that came in the last minutes is arriving now. */
const nowSeconds = 600;

/** Waits between attempts to connect, in seconds; the last one stays. */
const waits = [1, 2, 4, 8, 15, 30];

/** @type {OperatorState | null} */
let state = null;
/** The server's clock less this machine's, in seconds. */
let offset = 0;
/** @type {string | null} */
let csrf = null;
let attempts = 0;

const connection = byId("connection");
const chart = new RefusalChart({
    place: byId("chart"), readout: byId("readout"), legend: byId("legend"), numbers: byId("numbers"),
});

void showSession();
connect();
setInterval(() => state && document.visibilityState === "visible" && show(state), 5000);

async function showSession() {
    try {
        const session = await readSession();
        csrf = session.csrf;
        showPerson(byId("person"), session, () => void signOut());
    } catch {
        // The badge says that the server is away.
    }
}

async function signOut() {
    const response = await post("/auth/sign-out", csrf);
    if (response.ok || response.status === 401) location.assign("/");
}

function connect() {
    const events = new EventSource("/operate/events");
    events.addEventListener("state", (event) => {
        attempts = 0;
        state = JSON.parse(/** @type {MessageEvent<string>} */ (event).data);
        offset = (state?.now ?? 0) - Date.now() / 1000;
        sayConnection("is-good", "check", "live");
        byId("trouble").replaceChildren();
        if (state) show(state);
    });
    events.addEventListener("error", () => {
        // The browser's own attempts end at the first answer that is no stream; these do not.
        events.close();
        void lost();
    });
}

async function lost() {
    const asked = fetch("/operate/state", { credentials: "same-origin", cache: "no-store" });
    const status = await asked.then((response) => response.status, () => 0);
    if (status === 401 || status === 403) {
        sayConnection("is-bad", "cross", "not allowed");
        const title = status === 401 ? "You are not signed in any more." : "This page needs the role operator.";
        byId("trouble").replaceChildren(notice("is-bad", "warning", title, [
            element("a", { class: "button primary small", href: "/auth/sign-in?return=/operate" }, "Sign in"),
        ]));
        return;
    }
    const wait = waits[Math.min(attempts++, waits.length - 1)] ?? 30;
    sayConnection("is-warn", "warning", `connection lost, next attempt in ${wait} s`);
    const title = state ? "The connection to the server is lost." : "The server sends nothing yet.";
    byId("trouble").replaceChildren(notice("is-warn", "warning", title, [
        `${state ? `What is shown is as of ${timeOfDay(state.now * 1000)}. ` : ""}The page connects again by itself.`,
    ]));
    setTimeout(() => {
        sayConnection("is-warn", "turning", "connecting again");
        connect();
    }, wait * 1000);
}

/**
 * @param {string} tone
 * @param {Parameters<typeof icon>[0]} drawing
 * @param {string} words
 */
function sayConnection(tone, drawing, words) {
    if (connection.dataset.words === words) return;
    connection.dataset.words = words;
    connection.className = `badge ${tone}`;
    connection.replaceChildren(icon(drawing), words);
}

/** @param {OperatorState} state */
function show(state) {
    showFigures(state);
    chart.show(state.refusals);
    showStale(state.stale);
    showKeys(state.issuers);
    showSessions(state.sessions);
}

/** @param {OperatorState} state */
function showFigures({ sessions, refusals, stale, started_at: startedAt, issuers }) {
    const since = serverNow() - 3600;
    const hour = refusals.buckets.filter((bucket) => bucket.at + refusals.bucket_seconds > since);
    const refusedLately = hour.reduce((sum, bucket) => sum + refused(bucket), 0);
    const requests = hour.reduce((sum, bucket) => sum + bucket.total_requests, 0);
    const arriving = stale.filter((entry) => entry.last_seen > serverNow() - nowSeconds);
    const keys = issuers.flatMap((issuer) => issuer.keys);
    const due = keys.filter((key) => typeof key.due === "number").length;
    byId("figures").replaceChildren(
        figure("Sessions", sessions.total.toLocaleString(), `${sessions.bound.toLocaleString()} with somebody in them`),
        figure("Refused in the last hour", refusedLately.toLocaleString(), `of ${requests.toLocaleString()} requests`),
        figure(
            "Stale tokens arriving", arriving.length.toLocaleString(),
            arriving.length === 1 ? "kind, in the last 10 minutes" : "kinds, in the last 10 minutes",
            arriving.length > 0,
        ),
        figure(
            "Keys that sign", keys.filter((key) => key.state === "active").length.toLocaleString(),
            due > 0 ? `${due} with a date ahead` : "none changes soon",
        ),
        figure("Up for", ageWords(serverNow() - startedAt), `since ${dateAndTime(startedAt)}`),
    );
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} remark
 * @param {boolean} [isAlarm]
 */
function figure(name, value, remark, isAlarm = false) {
    return element(
        "div", {}, element("dt", {}, name),
        element(
            "dd", {}, element("span", { class: isAlarm ? "first is-bad" : "first" }, value),
            element("span", { class: "second" }, remark),
        ),
    );
}

/** @param {Stale[]} stale */
function showStale(stale) {
    if (stale.length === 0) {
        byId("stale").replaceChildren(element(
            "p", { class: "nothing" },
            "None since the server started. A client that keeps an old token or an old secret would be named here.",
        ));
        return;
    }
    const rows = stale.map((entry) => [
        element(
            "td", {}, outsideLink(reasonLink(entry.reason), shown(entry.reason, 60)),
            arrivesNow(entry) ? element("span", { class: "second" }, "arriving now") : null,
        ),
        element(
            "td", {}, element("bdi", {}, shown(entry.client ?? "unnamed", 80)),
            element("span", { class: "second" }, element("bdi", {}, shown(entry.user_agent ?? "no User-Agent", 160))),
        ),
        element(
            "td", {}, element("code", {}, shown(entry.kid ?? "no kid", 60)),
            entry.issuer ? element("span", { class: "second" }, shown(entry.issuer, 100)) : null,
        ),
        element("td", { class: "number" }, entry.count.toLocaleString()),
        element("td", { class: "number" }, ageWords(entry.token_age_seconds) || "–"),
        element(
            "td", {}, agoWords(entry.last_seen),
            element("span", { class: "second" }, `first ${agoWords(entry.first_seen)}`),
        ),
    ]);
    rows.forEach((cells) => cells[1]?.classList.add("agent"));
    fill("stale", "Stale tokens", ["Reason", "From", "Key", "#Count", "#Token’s age", "Last seen"], rows);
}

/** @param {Stale} entry */
function arrivesNow(entry) {
    return entry.last_seen > serverNow() - nowSeconds;
}

/** @type {Record<string, string>} */
const keyTones = { active: "is-good", next: "is-accent", verifying: "is-warn", retired: "is-quiet" };

/** @param {OperatorState["issuers"]} issuers */
function showKeys(issuers) {
    const place = byId("keys");
    place.replaceChildren(...issuers.map((issuer, index) => {
        const id = `keys-${index}`;
        const card = element(
            "article", { class: "card", "aria-labelledby": `${id}-title` },
            element("header", {}, element("h3", { id: `${id}-title` }, shown(issuer.name, 80)),
                issuer.issuer === issuer.name ? null : element("span", { class: "muted" }, shown(issuer.issuer, 200))),
        );
        if (issuer.source !== undefined) card.append(element("p", { class: "muted" }, keySourceWords(issuer.source)));
        const columns = ["kid", "State", "Algorithm", "Fingerprint", "Dates"];
        card.append(tableOf(`Keys of ${issuer.name}`, columns, issuer.keys.map((key) => [
            element("th", { scope: "row" }, element("code", {}, shown(key.kid, 80))),
            element(
                "td", {},
                element("span", { class: `badge ${keyTones[key.state] ?? "is-quiet"}` }, shown(key.state, 20)),
            ),
            element("td", {}, shown(key.algorithm, 20)),
            element("td", {}, element("code", {}, shown(key.fingerprint, 16))),
            element("td", {}, ...keyDates(key)),
        ])));
        return card;
    }));
    if (issuers.length === 0) place.append(element("p", { class: "card nothing" }, "No issuer is configured."));
}

/** @param {KeySource} source */
function keySourceWords({ place, fetched_at: fetchedAt, next_fetch: next, failure, failed_at: failedAt }) {
    return [
        fetchedAt === undefined ? `not fetched yet from ${shown(place, 200)}` : `fetched ${dateAndTime(fetchedAt)}`,
        failure === undefined || failedAt === undefined
            ? null : `could not be fetched ${dateAndTime(failedAt)}: ${shown(failure, 400)}`,
        next === undefined ? null : `next fetch ${dateAndTime(next)}`,
    ].filter(Boolean).join("; ");
}

/** @param {Key} key */
function keyDates(key) {
    const began = key.state === "retired" ? "retired" : "since";
    const since = key.since === undefined ? null : `${began} ${dateAndTime(key.since)}`;
    if (key.due === undefined) return [since ?? "–"];
    const what = key.state === "verifying" ? "retires" : key.state === "next" ? "signs from" : "changes";
    const ahead = key.due - serverNow();
    return [
        `${what} ${dateAndTime(key.due)}`,
        element(
            "span", { class: "second" },
            [ahead > 0 ? `in ${ageWords(ahead)}` : "due now", since].filter(Boolean).join(", "),
        ),
    ];
}

/** @param {OperatorState["sessions"]} sessions */
function showSessions(sessions) {
    if (sessions.list.length === 0) {
        byId("sessions").replaceChildren(element("p", { class: "nothing" }, "No session is open."));
        return;
    }
    const columns = ["Session", "Who", "Client", "#Requests", "Opened", "Last seen"];
    fill("sessions", "Sessions, the newest first", columns, sessions.list.map((session) => [
        element("th", { scope: "row" }, element("code", {}, shown(session.fingerprint, 16))),
        element(
            "td", {},
            session.subject
                ? element("bdi", {}, shown(session.subject, 120)) : element("span", { class: "muted" }, "nobody yet"),
            session.issuer ? element("span", { class: "second" }, shown(session.issuer, 200)) : null),
        element("td", {}, element("bdi", {}, shown(session.client ?? "unnamed", 120))),
        element("td", { class: "number" }, session.requests.toLocaleString()),
        element("td", {}, agoWords(session.created_at)),
        element("td", {}, agoWords(session.last_seen)),
    ]));
    if (sessions.total > sessions.list.length) {
        const remark = `${sessions.list.length} of ${sessions.total.toLocaleString()} are listed.`;
        byId("sessions").append(element("p", { class: "remark" }, remark));
    }
}

/**
 * Fills a card's table; where one stands scrolled, it stays.
 *
 * @param {string} id
 * @param {string} caption
 * @param {string[]} columns
 * @param {HTMLElement[][]} rows
 */
function fill(id, caption, columns, rows) {
    const place = byId(id);
    const body = place.querySelector("tbody");
    if (!body) {
        place.replaceChildren(tableOf(caption, columns, rows));
        return;
    }
    place.querySelectorAll(".remark").forEach((remark) => remark.remove());
    // A link that has the focus stays where it is until the focus leaves.
    if (body.contains(document.activeElement)) return;
    body.replaceChildren(...rows.map((cells) => element("tr", {}, ...cells)));
}

/**
 * @param {string} caption
 * @param {string[]} columns Those of numbers begin with `#`.
 * @param {HTMLElement[][]} rows
 */
function tableOf(caption, columns, rows) {
    return element(
        "div", { class: "table-scroller", tabindex: "0", role: "region", "aria-label": caption },
        element(
            "table", {}, element("caption", { class: "unseen" }, caption),
            element("thead", {}, element("tr", {}, ...columns.map((column) =>
                element(
                    "th", { scope: "col", class: column.startsWith("#") ? "number" : null }, column.replace(/^#/, ""),
                )))),
            element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells))),
        ),
    );
}

function serverNow() {
    return Date.now() / 1000 + offset;
}

/** @param {number} time */
function agoWords(time) {
    const seconds = serverNow() - time;
    return seconds < 2 ? "now" : `${ageWords(seconds)} ago`;
}

const dateFormat = new Intl.DateTimeFormat(
    undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
);

/** @param {number} time */
function dateAndTime(time) {
    return dateFormat.format(time * 1000);
}

/** @param {string} id */
function byId(id) {
    const found = document.getElementById(id);
    if (!found) throw new Error(`The page has no ${id}.`);
    return found;
}
