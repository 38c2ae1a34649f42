// With Vestibule's own coders a JSON value passes through as it is. With others it is coded as well as they can.

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? ValueDecoder {
            self = decoder.value
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .number(JSONNumber(value))
        } else if let value = try? container.decode(Double.self), let number = JSONNumber(value) {
            self = .number(number)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try JSONObject(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        if let encoder = encoder as? ValueEncoder {
            encoder.node.content = .value(self)
            return
        }
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let number):
            if let integer = number.integer {
                try container.encode(integer)
            } else if let double = number.double {
                try container.encode(double)
            } else {
                try container.encode(number.literal)
            }
        case .string(let value): try container.encode(value)
        case .array(let elements): try container.encode(elements)
        case .object(let object): try object.encode(to: encoder)
        }
    }
}

extension JSONObject: Codable {
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? ValueDecoder {
            guard let object = decoder.value.object else { throw decoder.mismatch("an object") }
            self = object
            return
        }
        let container = try decoder.container(keyedBy: PlainKey.self)
        self.init(
            members: try container.allKeys.map { key in
                Member(key.stringValue, try container.decode(JSONValue.self, forKey: key))
            })
    }

    public func encode(to encoder: any Encoder) throws {
        if let encoder = encoder as? ValueEncoder {
            encoder.node.content = .value(.object(self))
            return
        }
        var container = encoder.container(keyedBy: PlainKey.self)
        for member in members {
            try container.encode(member.value, forKey: PlainKey(stringValue: member.name))
        }
    }
}
