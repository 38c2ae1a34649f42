import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { ScenarioRunner } from "./scenario-runner.js";

const folder = new URL("../../Tests/Scenarios/", import.meta.url);
const files = ["", "Eras/"].flatMap((part) => readdirSync(new URL(part, folder))
    .filter((name) => name.endsWith(".json")).sort().map((name) => part + name));

test("there are scenarios to run", () => assert.ok(files.length >= 15));

for (const file of files) {
    const scenario = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    test(`${file}: ${scenario.name}`, { timeout: 10_000 }, async () => {
        const runner = new ScenarioRunner(scenario);
        for (const step of scenario.steps) await runner.run(step);
        runner.check(scenario.expect);
        await runner.finish();
    });
}
