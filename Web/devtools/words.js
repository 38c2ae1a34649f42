// How the things of a record are said to a person.

/** What each state means, as a word and as a sentence. */
const states = {
    idle: ["Not connected", "Nothing was asked of the server yet."],
    initializing: ["Initialising", "The session is being opened. No token is sent with the handshake."],
    ready: ["Ready", "The session stands. Each operation carries a fresh token."],
    refreshing: ["Refreshing", "A new token is being fetched; calls wait for it."],
    "signed-out": ["Signed out", "There is no token. Sign in to call tools; opening a session and listing need none."],
    failed: ["Failed", "The last attempt failed."],
    closed: ["Closed", "The client was closed. It sends nothing any more."],
};

/**
 * @param {string} state
 * @returns {string}
 */
export function stateWord(state) {
    return states[/** @type {keyof typeof states} */ (state)]?.[0] ?? state;
}

/**
 * @param {string} state
 * @returns {string}
 */
export function stateSentence(state) {
    return states[/** @type {keyof typeof states} */ (state)]?.[1] ?? "";
}

/** Why a request was sent, or a token asked for. */
const occasions = {
    first: "the first try",
    challenged: "again, as the server asked for a token",
    retry_after_refresh: "again, with a new token in place of the refused one",
    retry_after_clock: "again, by the server's clock",
    retry_after_step_up: "again, with a token of wider scope",
    replay_after_new_session: "again, in a new session",
    retry_after_wait: "again, after the wait that the server asked for",
    retry_after_broken_connection: "again, as the connection broke",
    retry_with_headers: "again, with the headers that the tool's schema asks for",
    resumed: "for the rest of a stream that broke",
    start: "the first token",
    renewal: "the one in hand is or becomes stale",
    refusal: "the server refused the one in hand",
    widerScope: "the server wants a wider scope",
};

/**
 * @param {string | null | undefined} occasion
 * @returns {string}
 */
export function occasionWords(occasion) {
    if (!occasion) return "";
    return occasions[/** @type {keyof typeof occasions} */ (occasion)] ?? spaced(occasion);
}

/** The same beside an arrow, where there is little room. */
const occasionTags = {
    challenged: "asked for a token",
    retry_after_refresh: "again, new token",
    retry_after_clock: "again, server’s clock",
    retry_after_step_up: "again, wider scope",
    replay_after_new_session: "again, new session",
    retry_after_wait: "again, after the wait",
    retry_after_broken_connection: "again, connection broke",
    retry_with_headers: "again, with headers",
    resumed: "stream resumed",
    start: "the first token",
    renewal: "a newer one",
    refusal: "the old one was refused",
    widerScope: "wider scope",
};

/**
 * @param {string | null | undefined} occasion
 * @returns {string} Empty for what needs no remark.
 */
export function occasionTag(occasion) {
    if (!occasion || occasion === "first") return "";
    return occasionTags[/** @type {keyof typeof occasionTags} */ (occasion)] ?? spaced(occasion);
}

const remedies = {
    refresh: "Get a new token and try once more; this client does so by itself.",
    sign_in: "Sign in; a refresh will not help.",
    request_scope: "Ask for the scope that the server names.",
    fix_clock: "Correct the clock of this machine or of the server.",
    reinitialize: "Open a new session; this client does so by itself.",
    wait: "Wait as long as the server says.",
    none: "Nothing that a client could do would change the answer.",
};

/**
 * @param {string | null | undefined} remedy
 * @returns {string}
 */
export function remedySentence(remedy) {
    return remedy ? remedies[/** @type {keyof typeof remedies} */ (remedy)] ?? spaced(remedy) : "";
}

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
 * @param {string | null | undefined} code Of an error of the client.
 * @returns {string} Empty where it has none.
 */
export function codeSentence(code) {
    return code ? codeSentences[/** @type {keyof typeof codeSentences} */ (code)] ?? "" : "";
}

/** @param {string} text */
function spaced(text) {
    return shown(text).replaceAll("_", " ");
}

/**
 * The value as a text; an object that does not let itself be made one is named as such.
 *
 * @param {unknown} value
 */
function plain(value) {
    try {
        return String(value);
    } catch {
        return "(an object)";
    }
}

/**
 * A text of unknown origin on one line: what is invisible or turns the line is written as its code.
 *
 * @param {unknown} text
 * @param {number} [most] Characters, after which it is cut.
 * @returns {string}
 */
export function shown(text, most = 2000) {
    // What chooses between two shapes of a character, as of an emoji, is invisible by right.
    const visible = plain(text).slice(0, most + 1).replace(
        /(?![\ufe00-\ufe0f])[\p{Cc}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu,
        (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
    );
    return visible.length > most ? `${visible.slice(0, most)}…` : visible;
}

/**
 * @param {number | null | undefined} seconds
 * @returns {string} `4 s`, `12 min`, `26 h`; empty where nothing is known.
 */
export function ageWords(seconds) {
    if (typeof seconds !== "number" || !Number.isFinite(seconds)) return "";
    const sign = seconds < -0.5 ? "−" : "";
    const whole = Math.abs(seconds);
    if (whole < 99.5) return `${sign}${Math.round(whole)} s`;
    if (whole < 99.5 * 60) return `${sign}${Math.round(whole / 60)} min`;
    if (whole < 72 * 3600) return `${sign}${Math.round(whole / 3600)} h`;
    return `${sign}${Math.round(whole / 86400)} d`;
}

/**
 * @param {number | null | undefined} milliseconds
 * @returns {string} `0.4 ms`, `12 ms`, `1.3 s`.
 */
export function durationWords(milliseconds) {
    if (typeof milliseconds !== "number" || !Number.isFinite(milliseconds)) return "";
    if (milliseconds < 0.95) return `${milliseconds.toFixed(1)} ms`;
    if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
    return `${(milliseconds / 1000).toFixed(1)} s`;
}

const clockFormat = new Intl.DateTimeFormat(undefined, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

/**
 * @param {number} milliseconds Since 1970.
 * @returns {string} `14:02:31`
 */
export function timeOfDay(milliseconds) {
    return Number.isFinite(milliseconds) ? clockFormat.format(milliseconds) : "";
}

/**
 * How far this machine's clock is from the server's, where it matters.
 *
 * @param {number | null | undefined} offset Seconds to add to this machine's clock to get the server's.
 * @returns {string} Empty below two seconds.
 */
export function skewSentence(offset) {
    if (typeof offset !== "number" || !Number.isFinite(offset) || Math.abs(offset) < 2) return "";
    const distance = `${ageWords(Math.abs(offset))} ${offset > 0 ? "behind" : "ahead of"}`;
    return `This machine's clock is ${distance} the server's; ages are reckoned by the server's.`;
}
