/** How often in a row the rest of a stream is asked for in vain. */
const maximumFruitless = 6;
/** The longest of the growing pauses in between, in seconds. */
const maximumPause = 30;
/** Bytes of an event id that a header carries. */
const maximumIDLength = 1024;

/**
 * Where a stream broke: the id of its last event, and the pause that the server asked for, in milliseconds.
 * @typedef {{ lastEventID: string | null, retry: number | null }} Break
 */

/**
 * When, and from where on, to ask for the rest of a stream that ended before its answer came. The first time after as
 * long as the server said (`retry`; else a second), then after pauses that double while nothing new comes, and that are
 * never shorter than what the server said. A pure table.
 */
export class Resumption {
    /** @type {string | null} */
    #lastEventID = null;
    /** @type {number | null} */
    #retry = null;
    #fruitless = 0;

    /**
     * What to do after this break.
     * @param {Break | null} where null where the stream did not even begin
     * @param {number} maximumWait the longest wait that a server may ask for, in seconds
     * @returns {{ lastEventID: string, seconds: number } | null} null for nothing any more
     */
    next(where, maximumWait) {
        const id = where?.lastEventID ?? null;
        if (where !== null) this.#retry = where.retry ?? this.#retry;
        const isNew = id !== null && id !== this.#lastEventID;
        if (id !== null) this.#lastEventID = isLawful(id) ? id : null;
        this.#fruitless = isNew ? 0 : this.#fruitless + 1;
        if (this.#lastEventID === null || this.#fruitless > maximumFruitless) return null;
        const said = this.#retry === null ? 1 : this.#retry / 1000;
        const pause = this.#fruitless === 0 ? 0 : Math.min(maximumPause, 2 ** (this.#fruitless - 1));
        const seconds = Math.max(said, pause);
        return seconds > maximumWait ? null : { lastEventID: this.#lastEventID, seconds };
    }
}

/** @param {string} id */
function isLawful(id) {
    return id.length <= maximumIDLength && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(id);
}
