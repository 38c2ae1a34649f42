/// A handle on work in place of its result: `resultType: task` in the extension, `CreateTaskResult` in 2025-11-25.
public struct CreateTaskResult: Sendable, Hashable, VersionedJSON {
    public var task: MCPTask
    public var meta: JSONObject?

    public init(_ task: MCPTask, meta: JSONObject? = nil) {
        self.task = task
        self.meta = meta
    }

    public func json(for version: ProtocolVersion?) -> JSONValue {
        guard version?.isLegacy != true else {
            var object: JSONObject = ["task": task.json(for: version)]
            object.add(meta: meta)
            return .object(object)
        }
        var object = task.members(for: version)
        object.append("resultType", .string(ResultType.task.rawValue))
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the result that names a task")
        let task = try MCPTask(json: reader.object["task"] ?? json)
        self.init(task, meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// What `tasks/get` answers and `notifications/tasks` carries: the task, with what its state brings along (extension).
public struct DetailedTask: Sendable, Hashable {
    /// What comes with a state.
    public enum Outcome: Sendable, Hashable {
        case none
        /// Of a task that waits: the questions.
        case input([String: InputRequest])
        /// Of a task that has ended well: what the request would have been answered with.
        case result(JSONObject)
        /// Of a task that has failed.
        case error(RPCError)
    }

    public var task: MCPTask
    public var outcome: Outcome
    public var meta: JSONObject?

    public init(_ task: MCPTask, outcome: Outcome = .none, meta: JSONObject? = nil) {
        self.task = task
        self.outcome = outcome
        self.meta = meta
    }

    /// The result of `tasks/get`.
    public var json: JSONValue {
        var object = members
        object.append("resultType", .string(ResultType.complete.rawValue))
        object.add(meta: meta)
        return .object(object)
    }

    /// The parameters of `notifications/tasks`.
    public var notificationParams: JSONObject {
        var object = members
        object.add(meta: meta)
        return object
    }

    private var members: JSONObject {
        var object = task.members(for: .v2026_07_28)
        switch outcome {
        case .none: break
        case .input(let requests):
            object.append("inputRequests", .object(JSONObject(inputRequests: requests, for: .v2026_07_28)))
        case .result(let result): object.append("result", .object(result))
        case .error(let error): object.append("error", error.json)
        }
        return object
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "the task")
        let task = try MCPTask(reader)
        let outcome: Outcome
        switch task.status {
        case .inputRequired: outcome = .input(try reader.inputRequests())
        case .completed: outcome = .result(try reader.required("result", "an object", \.object))
        case .failed: outcome = .error(try reader.required("error", "a JSON-RPC error", RPCError.init))
        case .working, .cancelled: outcome = .none
        }
        self.init(task, outcome: outcome, meta: try reader.optional("_meta", "an object", \.object))
    }
}

/// The parameters of `tasks/get`, `tasks/cancel`, `tasks/update` and, in 2025-11-25, `tasks/result`.
public struct TaskParams: Sendable, Hashable {
    public var taskID: String
    /// Of `tasks/update`: the answers by the keys of the questions, as they came.
    public var inputResponses: JSONObject?
    public var meta: JSONObject?

    public init(taskID: String, inputResponses: JSONObject? = nil, meta: JSONObject? = nil) {
        self.taskID = taskID
        self.inputResponses = inputResponses
        self.meta = meta
    }

    public var json: JSONValue {
        var object: JSONObject = ["taskId": .string(taskID)]
        object.add("inputResponses", inputResponses)
        object.add(meta: meta)
        return .object(object)
    }

    public init(json: JSONValue?) throws(MalformedMessage) {
        let reader = try MessageReader(json, "`params`")
        self.init(
            taskID: try reader.string("taskId"),
            inputResponses: try reader.optional("inputResponses", "an object", \.object),
            meta: try reader.optional("_meta", "an object", \.object))
    }
}
