import assert from "node:assert/strict";
import { test } from "node:test";
import { EraVerdicts } from "../era-verdicts.js";
import { Patience } from "../patience.js";
import { Resumption } from "../resumption.js";
import { FakeClock, Latch } from "./fake-clock.js";
import { failure, settled } from "./support.js";

const at = (lastEventID, retry = null) => ({ lastEventID, retry });

// requirement: C-16, C-17
test("a stream is resumed after as long as the server said, with pauses that grow while nothing new comes", () => {
    const resumption = new Resumption();
    assert.deepEqual(resumption.next(at("a", 3000), 30), { lastEventID: "a", seconds: 3 });
    const pauses = [];
    for (let count = 0; count < 6; count += 1) pauses.push(resumption.next(null, 30)?.seconds);
    assert.deepEqual(pauses, [3, 3, 4, 8, 16, 30]);
    assert.equal(resumption.next(null, 30), null);
});

test("something new makes the client as patient as at first, and a later retry counts", () => {
    const resumption = new Resumption();
    assert.equal(resumption.next(at("a"), 30).seconds, 1);
    assert.equal(resumption.next(null, 30).seconds, 1);
    assert.equal(resumption.next(null, 30).seconds, 2);
    assert.deepEqual(resumption.next(at("b", 500), 30), { lastEventID: "b", seconds: 0.5 });
    assert.deepEqual(resumption.next(at(null, 0), 30), { lastEventID: "b", seconds: 1 });
});

test("a stream without ids is not resumed, nor one that asks for too long a wait, nor one of unlawful ids", () => {
    assert.equal(new Resumption().next(at(null, 5), 30), null);
    assert.equal(new Resumption().next(null, 30), null);
    assert.equal(new Resumption().next(at("a", 31_000), 30), null);
    for (const id of ["ü", " a", "a\u0000", "x".repeat(1025)]) assert.equal(new Resumption().next(at(id), 30), null);
});

// requirement
test("a verdict ends after an hour, is forgotten when told to, and the oldest makes room", () => {
    const verdicts = new EraVerdicts();
    verdicts.noteLegacy("https://a.test/mcp", 100);
    assert.equal(verdicts.isLegacy("https://a.test/mcp", 3699), true);
    assert.equal(verdicts.isLegacy("https://a.test/other", 100), false);
    assert.equal(verdicts.isLegacy("https://a.test/mcp", 3700), false);
    verdicts.noteLegacy("b", 0);
    verdicts.forget("b");
    assert.equal(verdicts.isLegacy("b", 1), false);
    for (let count = 0; count <= 100; count += 1) verdicts.noteLegacy(`server ${count}`, 0);
    assert.equal(verdicts.isLegacy("server 0", 1), false);
    assert.equal(verdicts.isLegacy("server 1", 1), true);
});

test("nobody is impatient while this side takes its time, except for the time in all", async () => {
    const clock = new FakeClock();
    const patience = new Patience(clock, 60, 600);
    const [person, server] = [new Latch(), new Latch()];
    const result = failure(patience.limit("it", async () => {
        await patience.during(() => person.wait());
        await server.wait();
    }, null));
    for (let minute = 0; minute < 5; minute += 1) {
        await clock.untilSomebodySleeps(60);
        clock.advance(60);
        await settled();
    }
    person.open();
    await settled();
    clock.advance(59);
    await settled();
    clock.advance(60);
    await settled();
    assert.match((await result).message, /no answer within 60 s/);
});
