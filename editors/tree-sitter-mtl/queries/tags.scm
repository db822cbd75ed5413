(model name: (name) @name) @definition.module
(component name: (name) @name) @definition.function
(sweep name: (name) @name) @definition.class
(report name: (name) @name) @definition.class
(encoder name: (name) @name) @definition.constant
(decoder name: (name) @name) @definition.constant
(call function: (name) @name) @reference.call
(encoder component: (name) @name) @reference.call
