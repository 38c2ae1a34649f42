// What the modules must be, so that one plain bundle and a browser can have them: see README.md.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { reasonLink, reasons, reasonSentence } from "../reasons.js";

const folder = new URL("../", import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), "utf8");
const index = read("vestibule.js");

/** The modules that `vestibule.js` brings, directly or not, in the order of their need. */
function modules(name, seen = new Map(), path = []) {
    assert.ok(!path.includes(name), `modules import each other in a circle: ${[...path, name].join(" → ")}`);
    if (seen.has(name)) return seen;
    const text = read(name);
    for (const [, other] of text.matchAll(/^(?:import|export) \{[^}]*\} from "\.\/([^"]+)";$/gm)) {
        modules(other, seen, [...path, name]);
    }
    return seen.set(name, text);
}

const all = modules("vestibule.js");

test("every module is reached by the index, and fits on a few screens", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".js") && name !== "devtools.js");
    assert.deepEqual([...all.keys()].sort(), files.sort());
});

for (const [name, text] of all) {
    test(`${name} uses only what a plain bundle understands`, () => {
        const lines = text.split("\n");
        for (const [number, line] of lines.entries()) {
            const where = `${name}:${number + 1}: ${line}`;
            assert.ok([...line].length <= 120, `too long: ${where}`);
            if (/^import\b/.test(line)) assert.match(line, /^import \{ [\w, ]+ \} from "\.\/[\w-]+\.js";$/, where);
            if (/^export \{/.test(line)) {
                assert.equal(name, "vestibule.js", where);
                assert.match(line, /^export \{ [\w, ]+ \} from "\.\/[\w-]+\.js";$/, where);
            } else if (/^export\b/.test(line)) {
                assert.match(line, /^export (const|class|function|async function)\b/, where);
            }
            assert.doesNotMatch(line, /^await\b|\bimport\(["'`](?!.*\}).*\) *;|\binnerHTML\b|\beval\(|new Function\(/,
                where);
        }
        assert.ok(!/\b(localStorage|sessionStorage)\.setItem|document\.cookie|indexedDB/.test(text),
            "nothing is persisted");
    });
}

test("all modules with the elements take less than 110 kB on the wire, so that nobody has to think of loading less", () => {
    const elements = readdirSync(new URL("devtools/", folder)).map((name) => read(`devtools/${name}`));
    const whole = [...all.values(), read("devtools.js"), ...elements].join("");
    assert.ok(gzipSync(whole).length < 110_000, `${gzipSync(whole).length} bytes`);
});

test("the index exports what a page needs", () => {
    for (const name of ["MCPClient", "TokenManager", "DynamicAuthManager", "MCPClientError", "endpointToken", "reasons",
        "reasonSentence", "reasonLink"]) assert.match(index, new RegExp(`\\b${name}\\b`));
});

test("the reasons are the server's, each with its status, remedy, sentence and place in the documentation", () => {
    const swift = readFileSync(new URL("../Sources/VestibuleProtocol/Refusals/Reason.swift", folder), "utf8");
    const names = [...swift.matchAll(/^ {4}case \w+ = "([a-z_]+)"$/gm)].map(([, name]) => name);
    const theirs = names.filter((name) => !["sign_in", "request_scope", "fix_clock"].includes(name));
    assert.deepEqual(Object.keys(reasons).sort(), theirs.sort());
    const troubleshooting = readFileSync(new URL("../docs/troubleshooting.md", folder), "utf8");
    for (const [name, { status, remedy, sentence }] of Object.entries(reasons)) {
        const [, section] = troubleshooting.split(`### ${name}\n`);
        assert.ok(section, `docs/troubleshooting.md has no ${name}`);
        if (/^HTTP/.test(section)) assert.ok(section.startsWith(`HTTP ${status}`), name);
        assert.match(section.slice(0, 300), new RegExp(`remedy\\s+\`${remedy}\``), name);
        assert.equal(reasonSentence(name), sentence);
        assert.equal(reasonLink(name), `docs/troubleshooting.md#${name}`);
        assert.match(sentence, /^[A-Z].*\.$/);
    }
    assert.equal(Object.keys(reasons).length, 23);
});
