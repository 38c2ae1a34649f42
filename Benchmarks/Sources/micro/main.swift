import Measuring

// What a token and a body cost, beside the libraries that one would use instead.
//
// Prints a JSON object a line; `Benchmarks/bench.py` makes the tables of them.

let comparison = Comparison()
try await TokenCosts(comparison: comparison).run()
try await BodyCosts(comparison: comparison).run()
