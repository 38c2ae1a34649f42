/** Seconds for which a server that was found to be of the legacy era is taken for one without being asked. */
const lifetime = 3600;
/** How many servers are remembered; of more, the oldest is asked again. */
const maximumCount = 100;

/**
 * The servers that were found to be of the legacy era, in this page's memory and nowhere else. A server is an origin
 * and a path: a gateway may have one of each era.
 *
 * That a server is modern is not remembered: `server/discover` is the first request all the same, since it tells what
 * the server can do, and so an assumption that fails is found out by it. That it is legacy is forgotten after an hour,
 * since a server that was upgraded still answers `initialize`, and nobody would ever notice.
 */
export class EraVerdicts {
    /** @type {Map<string, number>} */
    #ends = new Map();

    /** @param {string} server @param {number} now by the monotonic clock, in seconds */
    isLegacy(server, now) {
        const end = this.#ends.get(server);
        if (end !== undefined && end <= now) this.#ends.delete(server);
        return end !== undefined && end > now;
    }

    /** @param {string} server @param {number} now by the monotonic clock, in seconds */
    noteLegacy(server, now) {
        this.#ends.delete(server);
        this.#ends.set(server, now + lifetime);
        for (const oldest of this.#ends.keys()) {
            if (this.#ends.size <= maximumCount) break;
            this.#ends.delete(oldest);
        }
    }

    /** @param {string} server */
    forget(server) {
        this.#ends.delete(server);
    }
}

/** What the clients of one page know in common. */
export const pageVerdicts = new EraVerdicts();
