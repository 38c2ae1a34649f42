// SHA-256 (FIPS 180-4), small and synchronous: `crypto.subtle` is asynchronous, and absent where the page is not
// secure. It only recognises tokens; nothing secret is compared with it.

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of 8. */
const [roundConstants, initialState] = firstPrimes();

function firstPrimes() {
    /** @type {number[]} */
    const primes = [];
    for (let number = 2; primes.length < 64; number += 1) {
        if (primes.every((prime) => number % prime !== 0)) primes.push(number);
    }
    const fraction = (/** @type {number} */ root) => ((root % 1) * 0x100000000) | 0;
    return [
        Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
        Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
    ];
}

/**
 * The SHA-256 of a text's UTF-8.
 * @param {string} text
 * @returns {string} 64 hexadecimal digits
 */
export function sha256(text) {
    const bytes = new TextEncoder().encode(text);
    const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
    view.setUint32(padded.length - 4, bytes.length << 3);
    const state = Int32Array.from(initialState);
    for (let offset = 0; offset < padded.length; offset += 64) compress(state, view, offset);
    return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/**
 * @param {Int32Array} state
 * @param {DataView} view
 * @param {number} offset
 */
function compress(state, view, offset) {
    const words = new Int32Array(64);
    const rotate = (/** @type {number} */ word, /** @type {number} */ by) => (word >>> by) | (word << (32 - by));
    const at = (/** @type {Int32Array} */ array, /** @type {number} */ index) => /** @type {number} */ (array[index]);
    for (let index = 0; index < 64; index += 1) {
        if (index < 16) {
            words[index] = view.getInt32(offset + 4 * index);
            continue;
        }
        const [x, y] = [at(words, index - 15), at(words, index - 2)];
        const low = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
        const high = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
        words[index] = at(words, index - 16) + low + at(words, index - 7) + high;
    }
    let [a, b, c, d, e, f, g, h] = /** @type {[number, number, number, number, number, number, number, number]} */ (
        /** @type {unknown} */ (Array.from(state))
    );
    for (let index = 0; index < 64; index += 1) {
        const choice = (e & f) ^ (~e & g);
        const majority = (a & b) ^ (a & c) ^ (b & c);
        const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice
            + at(roundConstants, index) + at(words, index)) | 0;
        const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, index) => {
        state[index] = at(state, index) + word;
    });
}
