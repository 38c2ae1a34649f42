import { randomBytes } from "node:crypto";
import { encodeBase64URL } from "../base64url.js";

const encode = (value) => encodeBase64URL(new TextEncoder().encode(JSON.stringify(value)));

/** A well-formed JWT whose signature is random, so that no server could accept it. Times in seconds since 1970. */
export function sampleToken({ kid = "k1", iat, exp, nbf } = {}) {
    const header = { alg: "HS256", typ: "JWT", ...(kid !== null && { kid }) };
    const claims = { iss: "https://issuer.test", sub: "ada", aud: "https://resource.test/mcp", iat, exp, nbf };
    return `${encode(header)}.${encode(claims)}.${encodeBase64URL(randomBytes(32))}`;
}

/** A token of this clock's now, of five minutes. */
export function freshToken(clock, kid = "k1", { age = 0, lifetime = 300 } = {}) {
    return sampleToken({ kid, iat: clock.now() - age, exp: clock.now() - age + lifetime });
}

/** The `kid` of a token, or null. */
export function keyIDOf(token) {
    try {
        return JSON.parse(Buffer.from(token.split(".")[0], "base64url").toString()).kid ?? null;
    } catch {
        return null;
    }
}
