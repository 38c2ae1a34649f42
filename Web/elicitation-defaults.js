/**
 * What a person filled in, completed by the defaults of the form (MCP 2025-11-25, Elicitation).
 * @param {unknown} schema of the form: an object of properties
 * @param {Record<string, unknown>} [content]
 * @returns {Record<string, unknown>}
 */
export function withDefaults(schema, content = {}) {
    const { properties } = /** @type {any} */ (schema ?? {});
    const filled = new Map(Object.entries(content).filter(([, value]) => value !== undefined));
    for (const [name, property] of Object.entries(properties ?? {})) {
        const value = property !== null && typeof property === "object" ? property.default : undefined;
        if (value !== undefined && !filled.has(name)) filled.set(name, value);
    }
    return Object.fromEntries(filled);
}
