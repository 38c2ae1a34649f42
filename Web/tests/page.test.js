import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonText, readCSV } from "../page/tables.js";
import { anchor, toolTitle } from "../page/tools.js";
import { shown } from "../devtools/words.js";

test("a hostile line of a CSV takes no longer than its length", () => {
    const started = performance.now();
    assert.equal(readCSV(`a,b\n${'"'.repeat(200_000)}x`), null);
    assert.equal(readCSV(`a,b\n${'a"'.repeat(100_000)}`), null);
    assert.ok(performance.now() - started < 2000);
});

test("a CSV is read by its cells, or not at all", () => {
    assert.deepEqual(readCSV('a,b\r\n1,"x, ""y"""\n'), [["a", "b"], ["1", 'x, "y"']]);
    assert.deepEqual(readCSV("a,b\n1,\n,2\n"), [["a", "b"], ["1", ""], ["", "2"]]);
    assert.equal(readCSV('a,b\nx"y,2'), null);
    assert.equal(readCSV("a,b\n1"), null);
});

test("a tool has a title and a place, whatever stands where its names are", () => {
    const monster = JSON.parse('{"toString": 1, "valueOf": 1}');
    const tool = { name: "a\ud800b", title: monster, annotations: { title: monster } };
    assert.equal(toolTitle(tool), "a\ud800b");
    assert.equal(toolTitle({ name: "n", annotations: { title: "N" } }), "N");
    assert.equal(anchor(tool), "tool-a%EF%BF%BDb");
    assert.equal(anchor({ name: "\u{1f600}" }), "tool-%F0%9F%98%80");
    assert.equal(shown(monster), "(an object)");
});

test("what is nested too deeply to be written is said to be", () => {
    const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    assert.equal(jsonText(deep), "(nested too deeply to be shown)");
    assert.equal(jsonText({ a: [1] }), '{"a":[1]}');
    assert.equal(jsonText(undefined), "");
});
