import { element } from "../devtools/dom.js";
import { shown } from "../devtools/words.js";
import { jsonText } from "./tables.js";

/**
 * @typedef {Record<string, any>} Schema A JSON Schema, as a server wrote it: every member may be anything.
 */

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {HTMLElement} row
 * @property {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} control
 * @property {(message: string) => void} complain An empty message takes the complaint back.
 * @property {() => { value?: unknown, message?: string }} read Neither where nothing was entered and nothing is due.
 */

/** More fields than this in one form are given as JSON. */
const mostFields = 60;

let forms = 0;

/**
 * A form for the arguments of a tool, made from its JSON Schema.
 *
 * @param {unknown} schema
 * @param {{ suggestions?: (name: string) => string | null }} [options] The id of a `datalist` for a field, if any.
 * @returns {{ fields: HTMLElement[], read: () => { arguments?: Record<string, unknown>, invalid?: HTMLElement },
 *     fill: (values: Record<string, unknown>) => void }}
 */
export function schemaForm(schema, options = {}) {
    const prefix = `form${++forms}`;
    const object = isObject(schema) ? schema : {};
    const properties = isObject(object.properties) ? Object.entries(object.properties) : [];
    const required = new Set(Array.isArray(object.required) ? object.required : []);
    if (properties.length > mostFields || isComposed(object)) return wholeForm(prefix, object);
    const fields = properties.map(([name, property], index) =>
        makeField(`${prefix}-${index}`, name, isObject(property) ? property : {}, required.has(name), options));
    return {
        fields: fields.map((field) => field.row),
        read() {
            /** @type {[string, unknown][]} */
            const given = [];
            /** @type {HTMLElement | undefined} */
            let invalid;
            for (const field of fields) {
                const { value, message = "" } = field.read();
                field.complain(message);
                if (message) invalid ??= field.control;
                else if (value !== undefined) given.push([field.name, value]);
            }
            return invalid ? { invalid } : { arguments: Object.fromEntries(given) };
        },
        fill(values) {
            for (const field of fields) {
                if (Object.hasOwn(values, field.name)) setValue(field.control, values[field.name]);
            }
        },
    };
}

/**
 * All arguments as one JSON text.
 *
 * @param {string} id
 * @param {Schema} schema
 */
function wholeForm(id, schema) {
    const field = makeField(
        id, "Arguments", { type: "object", description: schema.description ?? "All arguments, as a JSON object." },
        true, {},
    );
    field.control.value = "{}";
    return {
        fields: [field.row],
        read() {
            const { value, message = "" } = field.read();
            field.complain(message);
            if (message) return { invalid: field.control };
            return { arguments: /** @type {Record<string, unknown>} */ (value ?? {}) };
        },
        /** @param {Record<string, unknown>} values */
        fill(values) {
            field.control.value = JSON.stringify(values, null, 2);
        },
    };
}

/**
 * @param {string} id
 * @param {string} name
 * @param {Schema} schema
 * @param {boolean} isRequired
 * @param {{ suggestions?: (name: string) => string | null }} options
 * @returns {Field}
 */
function makeField(id, name, schema, isRequired, options) {
    const kind = kindOf(schema);
    const control = makeControl(kind, schema, isRequired, options.suggestions?.(name) ?? null);
    const hints = hintsOf(kind, schema);
    const complaint = element("p", { class: "complaint", id: `${id}-complaint`, hidden: true });
    control.id = id;
    control.setAttribute("name", name);
    if (isRequired && kind !== "boolean") control.setAttribute("aria-required", "true");
    const hintId = hints ? `${id}-hint` : null;
    if (hintId) control.setAttribute("aria-describedby", hintId);
    const label = element(
        "label", { for: id }, element("span", { class: "label-name" }, shown(schema.title ?? name, 80)),
        isRequired ? element("span", { class: "due" }, "required") : null,
    );
    const hint = hintId ? element("p", { class: "hint", id: hintId }, hints) : null;
    const row = kind === "boolean"
        ? element("div", { class: "field field-check" }, control, label, hint, complaint)
        : element("div", { class: "field" }, label, hint, control, complaint);
    if (schema.default !== undefined) setValue(control, schema.default);
    /** @param {string} message */
    const complain = (message) => {
        complaint.textContent = message;
        complaint.hidden = message === "";
        if (message) control.setAttribute("aria-invalid", "true");
        else control.removeAttribute("aria-invalid");
        const described = [hintId, message ? complaint.id : null].filter((id) => id !== null).join(" ");
        if (described) control.setAttribute("aria-describedby", described);
        else control.removeAttribute("aria-describedby");
    };
    const read = () => readControl(kind, control, schema, isRequired);
    control.addEventListener("input", () => control.hasAttribute("aria-invalid") && complain(read().message ?? ""));
    return { name, row, control, complain, read };
}

/** @typedef {"text" | "long" | "number" | "integer" | "boolean" | "choice" | "json"} Kind */

/**
 * @param {Schema} schema
 * @returns {Kind}
 */
function kindOf(schema) {
    if (Array.isArray(schema.enum) && schema.enum.length > 0 && schema.enum.length <= 200) return "choice";
    if (isComposed(schema)) return "json";
    const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type !== "null");
    if (types.length !== 1) return "json";
    switch (types[0]) {
    case "string": return isLong(schema) ? "long" : "text";
    case "integer": return "integer";
    case "number": return "number";
    case "boolean": return "boolean";
    default: return "json";
    }
}

/** @param {Schema} schema */
function isLong(schema) {
    return typeof schema.contentMediaType === "string"
        || (typeof schema.maxLength === "number" && schema.maxLength > 200)
        || (typeof schema.default === "string" && schema.default.includes("\n"));
}

/** @param {Schema} schema */
function isComposed(schema) {
    return ["oneOf", "anyOf", "allOf", "$ref", "not", "if"].some((member) => schema[member] !== undefined);
}

/**
 * @param {Kind} kind
 * @param {Schema} schema
 * @param {boolean} isRequired
 * @param {string | null} list
 * @returns {Field["control"]}
 */
function makeControl(kind, schema, isRequired, list) {
    switch (kind) {
    case "boolean": return element("input", { type: "checkbox" });
    case "choice": {
        const choices = /** @type {unknown[]} */ (schema.enum);
        return element(
            "select", {},
            isRequired && schema.default !== undefined
                ? null : element("option", { value: "" }, isRequired ? "Choose…" : "(not given)"),
            ...choices.map((choice, index) => element(
                "option", { value: String(index) },
                shown(typeof choice === "string" ? choice : jsonText(choice), 120),
            )),
        );
    }
    case "number":
    case "integer":
        return element("input", {
            type: "number", step: kind === "integer" ? "1" : "any",
            inputmode: kind === "integer" ? "numeric" : "decimal",
            min: limit(schema.minimum), max: limit(schema.maximum), autocomplete: "off",
        });
    case "long": return element("textarea", { rows: 4, spellcheck: "false" });
    case "json": return element("textarea", { rows: 4, spellcheck: "false", class: "mono", placeholder: "JSON" });
    default:
        return element("input", {
            type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", list,
        });
    }
}

/** @param {unknown} value */
function limit(value) {
    return typeof value === "number" ? value : null;
}

/**
 * @param {Field["control"]} control
 * @param {unknown} value
 */
function setValue(control, value) {
    if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = value === true;
    else if (control instanceof HTMLSelectElement) {
        const index = Array.from(control.options).find((option) => option.textContent === shown(value, 120));
        if (index) control.value = index.value;
    } else control.value = typeof value === "string" ? value : jsonText(value, 2);
}

/**
 * @param {Kind} kind
 * @param {Schema} schema
 * @returns {string}
 */
function hintsOf(kind, schema) {
    const parts = [];
    if (typeof schema.description === "string") parts.push(shown(schema.description, 500));
    const { minimum, maximum, minLength, maxLength, pattern } = schema;
    if (typeof minimum === "number" && typeof maximum === "number") parts.push(`From ${minimum} to ${maximum}.`);
    else if (typeof minimum === "number") parts.push(`At least ${minimum}.`);
    else if (typeof maximum === "number") parts.push(`At most ${maximum}.`);
    if (typeof minLength === "number" && minLength > 1) parts.push(`At least ${minLength} characters.`);
    if (typeof maxLength === "number") parts.push(`At most ${maxLength} characters.`);
    if (typeof pattern === "string") parts.push(`Must match ${shown(pattern, 120)}.`);
    if (kind === "json") parts.push(schema.type === "array" ? 'A JSON array, such as ["a", "b"].' : "As JSON.");
    return parts.join(" ");
}

/**
 * The value that was entered; patterns and what else a schema can say are left to the server.
 *
 * @param {Kind} kind
 * @param {Field["control"]} control
 * @param {Schema} schema
 * @param {boolean} isRequired
 * @returns {{ value?: unknown, message?: string }}
 */
function readControl(kind, control, schema, isRequired) {
    if (kind === "boolean") return { value: /** @type {HTMLInputElement} */ (control).checked };
    if (control instanceof HTMLInputElement && control.validity.badInput) return { message: "This is not a number." };
    const text = control.value;
    if (kind === "choice") {
        if (text !== "") return { value: schema.enum[Number(text)] };
        return isRequired ? { message: "Choose one." } : {};
    }
    if (text.trim() === "") {
        // An empty text is what a required field without minimum length may well mean to say.
        if (isRequired) return { message: "This is required." };
        return {};
    }
    if (kind === "number" || kind === "integer") return readNumber(kind, text, schema);
    if (kind === "json") return readJSON(text, schema);
    const length = Array.from(text).length;
    const { minLength, maxLength } = schema;
    if (typeof minLength === "number" && length < minLength) {
        return { message: `At least ${minLength} characters; these are ${length}.` };
    }
    if (typeof maxLength === "number" && length > maxLength) {
        return { message: `At most ${maxLength} characters; these are ${length}.` };
    }
    return { value: text };
}

/**
 * @param {Kind} kind
 * @param {string} text
 * @param {Schema} schema
 * @returns {{ value?: unknown, message?: string }}
 */
function readNumber(kind, text, schema) {
    const value = Number(text);
    if (!Number.isFinite(value)) return { message: "This is not a number." };
    if (kind === "integer" && !Number.isSafeInteger(value)) return { message: "This has to be a whole number." };
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
    if (typeof minimum === "number" && value < minimum) return { message: `At least ${minimum}.` };
    if (typeof maximum === "number" && value > maximum) return { message: `At most ${maximum}.` };
    if (typeof exclusiveMinimum === "number" && value <= exclusiveMinimum) {
        return { message: `More than ${exclusiveMinimum}.` };
    }
    if (typeof exclusiveMaximum === "number" && value >= exclusiveMaximum) {
        return { message: `Less than ${exclusiveMaximum}.` };
    }
    return { value };
}

/**
 * @param {string} text
 * @param {Schema} schema
 * @returns {{ value?: unknown, message?: string }}
 */
function readJSON(text, schema) {
    let value;
    try {
        value = JSON.parse(text);
    } catch (error) {
        return { message: `This is not JSON: ${error instanceof Error ? error.message : error}.` };
    }
    if (schema.type === "array" && !Array.isArray(value)) return { message: "This has to be an array: [ … ]." };
    if (schema.type === "object" && !isObject(value)) return { message: "This has to be an object: { … }." };
    return { value };
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
