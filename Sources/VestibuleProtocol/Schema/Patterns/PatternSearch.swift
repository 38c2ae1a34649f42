/// Runs a pattern over a text, all ways through it side by side (Thompson's construction, Pike's simulation).
struct PatternSearch {
    private let instructions: [PatternProgram.Instruction]
    private let text: [Unicode.Scalar]
    /// What may still be spent.
    var steps: Int

    init(_ program: PatternProgram, _ text: [Unicode.Scalar], steps: Int) {
        instructions = program.instructions
        self.text = text
        self.steps = steps
    }

    /// Whether what begins at an instruction matches from there on, or with `isAnchored` unset from any later place.
    mutating func run(from start: Int, at place: Int = 0, isAnchored: Bool) -> Bool {
        steps -= 1 + instructions.count / 16
        var current = Ways(instructions.count)
        var next = Ways(instructions.count)
        if follow(start, at: place, into: &current) { return true }
        for position in place..<text.count {
            steps -= 1 + current.waiting.count
            guard steps >= 0 else { return false }
            for way in current.waiting {
                guard case .scalar(let set) = instructions[way] else { continue }
                steps -= set.cost
                guard steps >= 0 else { return false }
                if set.contains(text[position]), follow(way + 1, at: position + 1, into: &next) { return true }
            }
            if !isAnchored, follow(start, at: position + 1, into: &next) { return true }
            guard steps >= 0 else { return false }
            swap(&current, &next)
            next.clear()
            if isAnchored, current.waiting.isEmpty { return false }
        }
        return false
    }

    /// Goes on to every instruction that waits for a character.
    ///
    /// - Returns: Whether the pattern has been matched.
    private mutating func follow(_ start: Int, at position: Int, into ways: inout Ways) -> Bool {
        var open = [start]
        while let way = open.popLast() {
            guard ways.insert(way) else { continue }
            steps -= 1
            guard steps >= 0 else { return false }
            switch instructions[way] {
            case .match: return true
            case .scalar: ways.waiting.append(way)
            case .split(let first, let second):
                open.append(second)
                open.append(first)
            case .jump(let target): open.append(target)
            case .start:
                if position == 0 { open.append(way + 1) }
            case .end:
                if position == text.count { open.append(way + 1) }
            case .wordBoundary(let isNegated):
                if isBoundary(position) != isNegated { open.append(way + 1) }
            case .look(let inner, let isNegated, let target):
                if run(from: inner, at: position, isAnchored: true) != isNegated { open.append(target) }
            }
        }
        return false
    }

    private func isBoundary(_ position: Int) -> Bool {
        let before = position > 0 && ScalarSet.word.contains(text[position - 1])
        let after = position < text.count && ScalarSet.word.contains(text[position])
        return before != after
    }

    /// The instructions that have been reached at one place of the text.
    private struct Ways {
        var waiting: [Int] = []
        private var marks: [Bool]
        private var marked: [Int] = []

        init(_ count: Int) {
            marks = Array(repeating: false, count: count)
        }

        mutating func insert(_ way: Int) -> Bool {
            guard !marks[way] else { return false }
            marks[way] = true
            marked.append(way)
            return true
        }

        mutating func clear() {
            for way in marked { marks[way] = false }
            marked.removeAll(keepingCapacity: true)
            waiting.removeAll(keepingCapacity: true)
        }
    }
}
