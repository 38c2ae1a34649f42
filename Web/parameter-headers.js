import { headerText } from "./header-text.js";

/**
 * An argument that goes into a header, too: `Mcp-Param-{name}`, and the way to it by names of properties.
 * @typedef {{ name: string, path: readonly string[] }} Mirror
 */

/** The annotation of a property's schema. */
const annotation = "x-mcp-header";
/** How deep a schema is read, and how many of its parts. */
const maximumDepth = 64;
const maximumParts = 100_000;

/** Keywords whose value is a schema or a list of schemas, and those whose value has schemas by name. */
const schemas = ["items", "prefixItems", "additionalItems", "contains", "additionalProperties", "propertyNames",
    "anyOf", "allOf", "oneOf", "not", "if", "then", "else", "unevaluatedItems", "unevaluatedProperties",
    "contentSchema"];
const schemasByName = ["properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"];

/**
 * Which arguments of a tool are mirrored into headers (`x-mcp-header`, MCP 2026-07-28, Tools).
 * @param {unknown} inputSchema
 * @returns {readonly Mirror[]}
 * @throws {RangeError} where an annotation is invalid; the message says which, and why
 */
export function mirrorsOf(inputSchema) {
    /** @type {Mirror[]} */
    const mirrors = [];
    const names = new Set();
    let parts = 0;
    // The path is null where it does not go by properties alone.
    /** @type {(schema: any, path: string[] | null, depth: number) => void} */
    const read = (schema, path, depth) => {
        if (schema === null || typeof schema !== "object") return;
        parts += 1;
        const isTooLarge = depth > maximumDepth || parts > maximumParts;
        if (isTooLarge) throw new RangeError("its input schema is too large to be read");
        if (Array.isArray(schema)) {
            for (const one of schema) read(one, null, depth + 1);
            return;
        }
        if (Object.hasOwn(schema, annotation)) {
            const name = schema[annotation];
            const problem = problemOf(name, schema.type, path);
            if (problem !== null) throw new RangeError(problem);
            if (names.has(name.toLowerCase())) throw new RangeError(`${annotation} ${shown(name)} stands there twice`);
            names.add(name.toLowerCase());
            mirrors.push(Object.freeze({ name, path: Object.freeze(path ?? []) }));
        }
        for (const keyword of schemas) if (Object.hasOwn(schema, keyword)) read(schema[keyword], null, depth + 1);
        for (const keyword of schemasByName) {
            const byName = Object.hasOwn(schema, keyword) ? schema[keyword] : null;
            if (byName === null || typeof byName !== "object" || Array.isArray(byName)) continue;
            for (const [name, one] of Object.entries(byName)) {
                read(one, keyword === "properties" && path !== null ? [...path, name] : null, depth + 1);
            }
        }
    };
    read(inputSchema, [], 0);
    return Object.freeze(mirrors);
}

/**
 * The headers of a call with these arguments. An argument that is absent or null has none, and neither has one that is
 * no text, whole number or truth value: the server will say what is wrong with it.
 * @param {readonly Mirror[]} mirrors
 * @param {unknown} args
 * @returns {Record<string, string>}
 */
export function mirroredHeaders(mirrors, args) {
    /** @type {Record<string, string>} */
    const headers = {};
    for (const { name, path } of mirrors) {
        const text = textOf(path.reduce(memberOf, args));
        if (text !== null) headers[`Mcp-Param-${name}`] = headerText(text);
    }
    return headers;
}

/** @param {any} value @param {string} name */
function memberOf(value, name) {
    const isObject = value !== null && typeof value === "object" && Object.hasOwn(value, name);
    return isObject ? value[name] : undefined;
}

/** @param {unknown} value @returns {string | null} */
function textOf(value) {
    if (typeof value === "string") return value;
    if (typeof value === "boolean") return String(value);
    return Number.isInteger(value) ? BigInt(/** @type {number} */ (value)).toString() : null;
}

/** @param {unknown} name @param {unknown} type @param {string[] | null} path @returns {string | null} */
function problemOf(name, type, path) {
    // A token by RFC 9110 §5.6.2.
    if (typeof name !== "string" || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/.test(name)) {
        return `${annotation} ${shown(name)} is not the name of a header`;
    }
    if (path === null || path.length === 0) {
        return `${annotation} ${shown(name)} is at a place that is not reached by properties alone`;
    }
    if (type !== "string" && type !== "integer" && type !== "boolean") {
        return `${annotation} ${shown(name)} is at a property of another type than string, integer or boolean`;
    }
    return null;
}

/** @param {unknown} name */
function shown(name) {
    return typeof name === "string" ? JSON.stringify(name.slice(0, 40)) : `(${typeof name})`;
}
