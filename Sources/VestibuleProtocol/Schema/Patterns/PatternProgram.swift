/// A pattern as instructions for ``PatternSearch``.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        /// One character of the set.
        case scalar(ScalarSet)
        /// Two ways on.
        case split(Int, Int)
        case jump(Int)
        case start
        case end
        case wordBoundary(isNegated: Bool)
        /// What begins at an instruction has to match here, or must not; the way goes on at another.
        case look(Int, isNegated: Bool, next: Int)
        case match
    }

    private(set) var instructions: [Instruction] = []

    init(_ tree: PatternTree) throws(PatternError) {
        try add(tree)
        instructions.append(.match)
    }

    private mutating func append(_ instruction: Instruction) throws(PatternError) {
        guard instructions.count < Pattern.maximumSize else {
            throw PatternError("it is too large with its repetitions written out: over \(Pattern.maximumSize) steps")
        }
        instructions.append(instruction)
    }

    private mutating func add(_ tree: PatternTree) throws(PatternError) {
        switch tree {
        case .empty: break
        case .scalars(let set): try append(.scalar(set))
        case .start: try append(.start)
        case .end: try append(.end)
        case .wordBoundary(let isNegated): try append(.wordBoundary(isNegated: isNegated))
        case .sequence(let pieces):
            for piece in pieces { try add(piece) }
        case .choice(let branches): try add(branches[...])
        case .repetition(let piece, let minimum, let maximum): try add(piece, minimum, maximum)
        case .lookAhead(let piece, let isNegated):
            let look = instructions.count
            try append(.match)
            try add(piece)
            try append(.match)
            instructions[look] = .look(look + 1, isNegated: isNegated, next: instructions.count)
        }
    }

    private mutating func add(_ branches: ArraySlice<PatternTree>) throws(PatternError) {
        guard let first = branches.first else { return }
        guard branches.count > 1 else { return try add(first) }
        let split = instructions.count
        try append(.match)
        try add(first)
        let jump = instructions.count
        try append(.match)
        instructions[split] = .split(split + 1, jump + 1)
        try add(branches.dropFirst())
        instructions[jump] = .jump(instructions.count)
    }

    private mutating func add(_ piece: PatternTree, _ minimum: Int, _ maximum: Int?) throws(PatternError) {
        for _ in 0..<minimum {
            let before = instructions.count
            try add(piece)
            // Nothing repeated is nothing, however often.
            if instructions.count == before { return }
        }
        guard let maximum else {
            let split = instructions.count
            try append(.match)
            try add(piece)
            try append(.jump(split))
            instructions[split] = .split(split + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in minimum..<maximum {
            splits.append(instructions.count)
            try append(.match)
            try add(piece)
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
    }
}
