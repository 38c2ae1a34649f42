/**
 * One event of a stream of server-sent events (WHATWG HTML §9.2).
 * @typedef {object} ServerSentEvent
 * @property {string} event the event's type; `message` where none is named
 * @property {string} data the payload; its lines are divided by LF
 * @property {string | null} id the id that this event sets, by which a stream is resumed
 * @property {number | null} retry how long to wait before connecting again, as this event sets it, in milliseconds
 */

/**
 * Reads a stream of server-sent events (WHATWG HTML §9.2.6) from its bytes, however they are cut into chunks.
 *
 * What is not UTF-8 is read as U+FFFD, as the standard says. An event that the stream's end cuts off is no event:
 * whoever reads to the end simply stops.
 */
export class ServerSentEventParser {
    #maximumLineLength;
    #maximumEventSize;
    /** @type {Uint8Array[]} */
    #line = [];
    #lineLength = 0;
    #lastWasCarriageReturn = false;
    #isFirstLine = true;
    /** @type {RangeError | null} */
    #failure = null;
    /** @type {string[]} */
    #data = [];
    #dataSize = 0;
    #type = "";
    /** @type {string | null} */
    #id = null;
    /** @type {number | null} */
    #retry = null;
    #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

    /**
     * The id that the last event set, also an event without data.
     * @type {string | null}
     */
    lastEventID = null;
    /**
     * The last `retry` of the stream, in milliseconds.
     * @type {number | null}
     */
    reconnectionTime = null;

    /**
     * @param {{ maximumLineLength?: number, maximumEventSize?: number }} [limits] bytes of one line without its end,
     *   and of one event's data, bounds included; 16 MiB each by default
     */
    constructor(limits = {}) {
        const { maximumLineLength = 16 << 20, maximumEventSize = 16 << 20 } = limits;
        this.#maximumLineLength = maximumLineLength;
        this.#maximumEventSize = maximumEventSize;
    }

    /**
     * Reads on and returns the events that are complete.
     * @param {Uint8Array} chunk
     * @returns {ServerSentEvent[]}
     * @throws {RangeError} when a line or an event grows beyond its bound, and ever after
     */
    push(chunk) {
        if (this.#failure !== null) throw this.#failure;
        try {
            return this.#read(chunk);
        } catch (error) {
            this.#failure = /** @type {RangeError} */ (error);
            this.#line = [];
            this.#data = [];
            throw error;
        }
    }

    /** @param {Uint8Array} chunk */
    #read(chunk) {
        /** @type {ServerSentEvent[]} */
        const events = [];
        let start = 0;
        // The LF of a CRLF whose CR ended the chunk before.
        if (this.#lastWasCarriageReturn && chunk.length > 0) {
            this.#lastWasCarriageReturn = false;
            if (chunk[0] === 0x0a) start = 1;
        }
        for (let index = start; index < chunk.length; index += 1) {
            const byte = chunk[index];
            if (byte !== 0x0a && byte !== 0x0d) continue;
            this.#append(chunk.subarray(start, index));
            const event = this.#endLine();
            if (event !== null) events.push(event);
            if (byte === 0x0d && index + 1 === chunk.length) this.#lastWasCarriageReturn = true;
            if (byte === 0x0d && chunk[index + 1] === 0x0a) index += 1;
            start = index + 1;
        }
        if (start < chunk.length) this.#append(chunk.slice(start));
        return events;
    }

    /** @param {Uint8Array} bytes */
    #append(bytes) {
        if (bytes.length > this.#maximumLineLength - this.#lineLength) {
            throw new RangeError(`a line of the event stream is longer than ${this.#maximumLineLength} bytes`);
        }
        this.#line.push(bytes);
        this.#lineLength += bytes.length;
    }

    /** @returns {ServerSentEvent | null} */
    #endLine() {
        let content = joined(this.#line, this.#lineLength);
        this.#line = [];
        this.#lineLength = 0;
        if (this.#isFirstLine) {
            this.#isFirstLine = false;
            if (content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf) content = content.subarray(3);
        }
        if (content.length === 0) return this.#dispatch();
        const colon = content.indexOf(0x3a);
        const name = colon < 0 ? content : content.subarray(0, colon);
        const value = colon < 0 ? new Uint8Array() : content.subarray(colon + (content[colon + 1] === 0x20 ? 2 : 1));
        this.#setField(this.#decoder.decode(name), value);
        return null;
    }

    /** @param {string} name @param {Uint8Array} value */
    #setField(name, value) {
        const text = () => this.#decoder.decode(value);
        switch (name) {
            case "data": {
                const size = value.length + (this.#data.length > 0 ? 1 : 0);
                if (size > this.#maximumEventSize - this.#dataSize) {
                    throw new RangeError(
                        `an event of the stream has more than ${this.#maximumEventSize} bytes of data`);
                }
                this.#dataSize += size;
                this.#data.push(text());
                break;
            }
            case "event": this.#type = text(); break;
            case "id":
                if (!value.includes(0)) this.lastEventID = this.#id = text();
                break;
            case "retry":
                if (/^[0-9]{1,15}$/.test(text())) this.reconnectionTime = this.#retry = Number(text());
                break;
        }
    }

    /** @returns {ServerSentEvent | null} */
    #dispatch() {
        const event = this.#data.length === 0 ? null
            : { event: this.#type || "message", data: this.#data.join("\n"), id: this.#id, retry: this.#retry };
        this.#data = [];
        this.#dataSize = 0;
        this.#type = "";
        this.#id = null;
        this.#retry = null;
        return event;
    }
}

/** @param {Uint8Array[]} pieces @param {number} length @returns {Uint8Array} */
function joined(pieces, length) {
    const [only] = pieces;
    if (pieces.length === 1 && only) return only;
    const whole = new Uint8Array(length);
    let offset = 0;
    for (const piece of pieces) {
        whole.set(piece, offset);
        offset += piece.length;
    }
    return whole;
}
