// base64url without padding (RFC 4648 §5, RFC 7515 §2), strict: no padding, no white space, no spare bits.

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const values = new Map(Array.from(alphabet, (character, index) => [character, index]));

/**
 * The bytes, or null where the text is not the one encoding of some bytes.
 * @param {string} text
 * @returns {Uint8Array | null}
 */
export function decodeBase64URL(text) {
    // A lone character holds six bits: less than a byte.
    if (text.length % 4 === 1) return null;
    const output = new Uint8Array(Math.floor((text.length * 6) / 8));
    let [buffer, bits, written] = [0, 0, 0];
    for (const character of text) {
        const value = values.get(character);
        if (value === undefined) return null;
        buffer = ((buffer << 6) | value) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            output[written] = (buffer >> bits) & 0xff;
            written += 1;
        }
    }
    // Bits that no byte takes must be zero: one encoding for one value.
    return (buffer & ((1 << bits) - 1)) === 0 ? output : null;
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function encodeBase64URL(bytes) {
    let [output, buffer, bits] = ["", 0, 0];
    for (const byte of bytes) {
        buffer = ((buffer << 8) | byte) & 0xffff;
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            output += alphabet.charAt((buffer >> bits) & 0x3f);
        }
    }
    return bits > 0 ? output + alphabet.charAt((buffer << (6 - bits)) & 0x3f) : output;
}
