import Measuring

// What a request costs as there is more of everything: tokens, sessions, rules, tools.
//
// The endpoint is asked in process, without HTTP. Prints a JSON object a line; `Benchmarks/bench.py` makes the tables.

let growth = Growth(comparison: Comparison(rounds: 7, nanosecondsPerRound: 40e6))
try await growth.tokens([1, 10, 100, 1_000, 4_000])
try await growth.sessions([1, 100, 1_000, 10_000])
try await growth.rules([1, 10, 100, 500])
try await growth.tools([1, 10, 100, 1_000])
try await growth.listings([1, 10, 100, 1_000])
