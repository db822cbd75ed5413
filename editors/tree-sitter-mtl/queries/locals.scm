(file) @local.scope
(statements) @local.scope
(component) @local.scope
(comprehension) @local.scope
(loop) @local.scope

(let name: (name) @local.definition.var)
(parameter name: (name) @local.definition.parameter)
(comprehension name: (name) @local.definition.var)
(loop name: (name) @local.definition.var)
(component name: (name) @local.definition.function)
(input name: (name) @local.definition.var)
(encoder name: (name) @local.definition.var)
(aspp name: (name) @local.definition.var)
(attention name: (name) @local.definition.var)
(decoder name: (name) @local.definition.var)
(share name: (name) @local.definition.var)
(exchange name: (name) @local.definition.var)
(task name: (name) @local.definition.constant)

(reference (name) @local.reference)
(feature name: (name) @local.reference)
(exchange between: (name) @local.reference)
(call function: (name) @local.reference)
