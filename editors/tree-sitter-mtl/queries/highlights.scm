; Names of captures as Neovim, Helix, Zed and GitHub have them.
(comment) @comment
(string) @string
(number) @number
(size) @number
(factor) @number
(boolean) @boolean

["import" "set" "let" "model" "component" "sweep" "report" "task" "input" "encoder" "aspp" "attention" "decoder" "refine" "share" "exchange" "loss"] @keyword
(recipe kind: _ @keyword)
["skip" "of" "with"] @keyword
(exchange "at" @keyword)
(until "until" @keyword)
(except "except" @keyword)
(until member: (name) @variable.member)
["for" "in"] @keyword.repeat
["if" "then" "else"] @keyword.conditional
(return "return" @keyword.return)
["and" "or" "not"] @keyword.operator
["+" "-" "*" "/" "==" "!=" "<" "<=" ">" ">=" ".." "=" "->" "|>"] @operator
["{" "}" "[" "]" "(" ")"] @punctuation.bracket
["," ":" "."] @punctuation.delimiter

(model name: (name) @type)
(report name: (name) @type)
(sweep name: (name) @type)
(component name: (name) @function)
(parameter name: (name) @variable.parameter)

(task name: (name) @constant)
(task kind: (name) @type.builtin)
(task of: (name) @constant)
(input name: (name) @variable)
(input kind: (name) @type.builtin)
(encoder name: (name) @variable)
(encoder component: (name) @function.call)
(aspp name: (name) @variable)
(attention name: (name) @variable)
(decoder name: (name) @variable)
(decoder task: (name) @constant)
(refine name: (name) @constant)
(share name: (name) @variable)
(share component: (name) @function.call)
(exchange name: (name) @variable)
(exchange between: (name) @variable)
(position member: (word) @variable.member)
(let name: (name) @variable)
(feature name: (name) @variable)
(feature member: (word) @variable.member)

(call function: (name) @function.call)
(argument label: (name) @variable.parameter)
(member member: (word) @variable.member)
(reference (name) @variable)
(setting key: (path) @property)
(target) @property
(loop name: (name) @variable)
(comprehension name: (name) @variable)
