/**
 * What a page wants to hear of: that lists have changed, and that these resources have.
 * @typedef {{ toolsListChanged?: boolean, promptsListChanged?: boolean, resourcesListChanged?: boolean,
 *   resourceSubscriptions?: readonly string[] }} SubscriptionFilter
 */

/**
 * What a subscription tells: that it stands (with what the server will tell of), that it stands again after it was
 * lost, so that something may have been missed, or that something has changed. An updated resource may be a part of the
 * one that was subscribed to.
 * @typedef {{ kind: "subscribed" | "reconnected", filter: SubscriptionFilter }
 *   | { kind: "toolsListChanged" | "promptsListChanged" | "resourcesListChanged" }
 *   | { kind: "resourceUpdated", uri: string }} Change
 */

/** @typedef {import("./reply-reader.js").RPCMessage} RPCMessage */

const listChanges = new Map(/** @type {const} */ ([
    ["notifications/tools/list_changed", "toolsListChanged"],
    ["notifications/prompts/list_changed", "promptsListChanged"],
    ["notifications/resources/list_changed", "resourcesListChanged"],
]));

/** How many different changes wait for whoever listens. */
const maximumWaiting = 1000;

/**
 * The change that a notification tells of; null where it tells of none that is wanted.
 * @param {RPCMessage} message
 * @param {SubscriptionFilter} filter
 * @returns {Change | null}
 */
export function changeOf({ method = "", params }, filter) {
    const kind = listChanges.get(/** @type {any} */ (method));
    if (kind !== undefined) return filter[kind] === true ? { kind } : null;
    if (method !== "notifications/resources/updated" || typeof params?.uri !== "string") return null;
    const { uri } = params;
    const isWanted = filter.resourceSubscriptions?.some((one) => uri === one || uri.startsWith(one));
    return isWanted ? { kind: "resourceUpdated", uri } : null;
}

/**
 * The changes that nobody has looked at yet. One that waits already is not put there twice: whoever looks will see what
 * is, not what was.
 */
export class ChangeQueue {
    /** @type {Map<string, Change>} */
    #waiting = new Map();
    /** @type {{ error: unknown } | null} */
    #end = null;
    #wake = () => {};

    /**
     * Puts a change there. Where too many wait, it is the last.
     * @param {Change} change
     */
    push(change) {
        this.#waiting.set("uri" in change ? `${change.kind} ${change.uri}` : change.kind, change);
        if (this.#waiting.size > maximumWaiting) {
            this.fail(new RangeError(`more than ${maximumWaiting} changes wait to be looked at`));
        }
        this.#wake();
    }

    /**
     * There will be no more, for this reason.
     * @param {unknown} error
     */
    fail(error) {
        this.#end ??= { error };
        this.#wake();
    }

    /**
     * The changes, as they come. It ends by what it failed with, once all before are taken.
     * @returns {AsyncGenerator<Change, never>}
     */
    async *[Symbol.asyncIterator]() {
        for (;;) {
            for (const [name, change] of this.#waiting) {
                this.#waiting.delete(name);
                yield change;
            }
            if (this.#waiting.size > 0) continue;
            if (this.#end !== null) throw this.#end.error;
            await new Promise((/** @type {(value: void) => void} */ resolve) => { this.#wake = resolve; });
        }
    }
}
