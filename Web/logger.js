import { onOneLine } from "./words.js";

/** @typedef {"silent" | "error" | "warn" | "info" | "debug"} LogLevel */

const levels = /** @type {const} */ (["silent", "error", "warn", "info", "debug"]);

/** Characters of one line of the console. */
const maximumLine = 2000;

/** Lines for the browser's console. Never a token: records name it by `kid`, age and fingerprint. */
export class Logger {
    #rank;
    #console;

    /**
     * @param {LogLevel} level what is written: lines of this level and graver ones
     * @param {Pick<Console, "debug" | "info" | "warn" | "error"> | null} console
     */
    constructor(level, console) {
        const rank = levels.indexOf(level);
        if (rank < 0) throw new TypeError(`logLevel must be one of ${levels.join(", ")}`);
        this.#rank = rank;
        this.#console = console;
    }

    /**
     * Writes one line.
     * @param {Exclude<LogLevel, "silent">} level
     * @param {string} line
     */
    write(level, line) {
        if (levels.indexOf(level) <= this.#rank) this.#console?.[level](`[vestibule] ${onOneLine(line, maximumLine)}`);
    }
}
