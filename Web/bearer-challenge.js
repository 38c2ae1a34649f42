/**
 * The bearer challenge of a `WWW-Authenticate` header (RFC 6750 §3, RFC 9728 §5.1).
 * @typedef {object} BearerChallenge
 * @property {string | null} error
 * @property {string | null} errorDescription
 * @property {string[]} scope
 * @property {string | null} resourceMetadata where the protected resource metadata lies
 */

/** The longest field value that is read, in characters. A longer one holds no challenge. */
const maximumFieldLength = 16 * 1024;

/**
 * All bearer challenges of a `WWW-Authenticate` field, in their order (RFC 9110 §11.6.1).
 *
 * Other schemes and unknown parameters are passed over; of a parameter that occurs twice the first counts. What servers
 * send that the grammar does not allow is read as it was meant: no comma between parameters, values without quotes. A
 * quoted string without an end is dropped, since its value may be half of one.
 * @param {string | null | undefined} field
 * @returns {BearerChallenge[]}
 */
export function parseBearerChallenges(field) {
    if (!field || field.length > maximumFieldLength) return [];
    return readChallenges(field).filter(({ scheme }) => scheme === "bearer").map(({ parameters }) => ({
        error: parameters.get("error") ?? null,
        errorDescription: parameters.get("error_description") ?? null,
        scope: (parameters.get("scope") ?? "").split(" ").filter((part) => part !== ""),
        resourceMetadata: parameters.get("resource_metadata") ?? null,
    }));
}

/**
 * Takes a field apart. Every step moves forward, so time is linear in the field's length.
 * @param {string} field
 */
function readChallenges(field) {
    /** @type {{ scheme: string, parameters: Map<string, string> }[]} */
    const challenges = [];
    let index = 0;
    /**
     * What matches here, or null; moves past it.
     * @type {(pattern: RegExp) => string | null}
     */
    const take = (pattern) => {
        pattern.lastIndex = index;
        const found = pattern.exec(field)?.[0] ?? null;
        index += found?.length ?? 0;
        return found;
    };
    while (index < field.length) {
        if (take(/[ \t,]+/y) !== null) continue;
        const name = take(/[!#-'*+\-.^-`|~0-9A-Za-z]+/y)?.toLowerCase();
        if (name === undefined) {
            index += 1;
            continue;
        }
        const space = take(/[ \t]*/y);
        if (take(/=[ \t]*/y) !== null) {
            const value = takeValue(take);
            const parameters = challenges.at(-1)?.parameters;
            if (value !== null && parameters && !parameters.has(name)) parameters.set(name, value);
        } else {
            challenges.push({ scheme: name, parameters: new Map() });
            // What follows a scheme may be one blob instead of parameters: it ends the challenge, or it is none.
            if (space !== "") take(/[+\-./_~0-9A-Za-z]+=*[ \t]*(?=,|$)/y);
        }
    }
    return challenges;
}

/** @param {(pattern: RegExp) => string | null} take @returns {string | null} */
function takeValue(take) {
    if (take(/"/y) === null) return shown(take(/[^ \t,]+/y));
    const content = take(/(?:[^"\\]|\\[^])*/y);
    return take(/"/y) === null || content === null ? null : shown(content.replace(/\\([^])/g, "$1"));
}

/**
 * Control characters become spaces: the value may be shown to a person.
 * @param {string | null} value
 */
function shown(value) {
    return value === null ? null : value.replace(/[\u0000-\u001f\u007f]/g, " ");
}
