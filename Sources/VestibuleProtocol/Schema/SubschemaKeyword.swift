/// The keywords of JSON Schema whose values are schemas, in either dialect.
enum SubschemaKeyword: String {
    case additionalProperties, unevaluatedProperties, propertyNames, items, additionalItems, unevaluatedItems, contains
    case not, `if`, then, `else`, contentSchema
    case allOf, anyOf, oneOf, prefixItems
    case properties, patternProperties, dependentSchemas, dependencies, definitions
    case defs = "$defs"

    /// How the schemas stand in the value.
    enum Shape {
        /// The value is a schema; of `items` in draft-07 it may be an array of them.
        case one
        case several
        /// The members of the value are schemas.
        case named
    }

    var shape: Shape {
        switch self {
        case .allOf, .anyOf, .oneOf, .prefixItems: .several
        case .properties, .patternProperties, .dependentSchemas, .dependencies, .definitions, .defs: .named
        default: .one
        }
    }
}
