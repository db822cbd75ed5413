// The .mtl language. Read from top to bottom: a file, a model, its boxes, the recipe, components, values, words.
// What a grammar cannot say (limits, how many `return`s, a comma or a line break between settings) is in src/Dsl/Parsing.
grammar Mtl;

file        : declaration* EOF ;
declaration : include | assignment | let | model | component | recipe | sweep | report ;

include     : 'import' STRING ;
assignment  : 'set' target '=' value ;
let         : 'let' name (',' name)* '=' expr ;              // let a, b = f(x): a list, item by item

// ---- A model: boxes and arrows --------------------------------------------------------------------------------------

model       : 'model' name '{' statement* '}' ;
statement   : task | input | encoder | aspp | attention | decoder | refine | share | exchange | loss | let ;

task        : 'task' name ':' name ('of' name)? settings? ;
input       : 'input' name ':' name settings? ;
encoder     : 'encoder' name ':' name ('(' feature ')')? settings? ;
aspp        : 'aspp' name ':' feature '->' expr settings? ;
attention   : 'attention' name ':' feature settings? ;
decoder     : 'decoder' name ':' source ('+' source)* '->' name (',' name)* settings? ;
refine      : 'refine' name ':' call settings? ;
share       : 'share' name ':' name settings? ;
exchange    : 'exchange' name ':' name (',' name)* 'at' position (',' position)* settings? ;
loss        : 'loss' ':' expr ;

source      : 'skip'? feature | features ;                  // features first, then skips; a list of features alone, then skips
features    : '[' feature (',' feature)* ','? ']' ;
feature     : name ('.' word)* place* ('/' NUMBER)? ;       // trunk   trunk.layer3   trunk.layer3[-2]   trunk/4
position    : word place* ;                                 // layer3   features[6]
place       : '[' '-'? NUMBER ']' ;

// ---- The recipe and what varies it ----------------------------------------------------------------------------------

recipe      : ('data' | 'train') settings ;
report      : 'report' name settings ;                      // tables and figures: what they show of which runs
sweep       : 'sweep' name '{' (axis ','?)* '}' ;
axis        : swept ('with' swept)* ;
swept       : target ':' expr ;
target      : name ('.' (word | NUMBER))* ;                 // trunk.dilate.2

settings    : '{' (setting ','?)* '}' ;
setting     : path ':' value ;
path        : word ('.' (word | NUMBER))* ;                 // optimizer.lr
value       : expr settings? | settings | until | except ;  // adam { lr: 1e-4 }
until       : 'until' name place* ;                         // until layer3   until blocks[5]
except      : 'except' word ('and' word)* ;                 // except norms and biases

// ---- Components -----------------------------------------------------------------------------------------------------

component   : 'component' name '(' (parameter (',' parameter)* ','?)? ')' body ;
parameter   : name ('=' expr)? ;
body        : '{' (let | result)* '}' ;                     // one result, at the end
result      : 'return' expr ;

// ---- Values: what stands higher binds tighter -----------------------------------------------------------------------

expr        : expr '[' expr ']'                                     # Index
            | expr '.' word                                         # Member
            | '-' expr                                              # Negate
            | expr op=('*' | '/') expr                              # Binary
            | expr op=('+' | '-') expr                              # Binary
            | expr op=('==' | '!=' | '<' | '<=' | '>' | '>=') expr  # Binary
            | 'not' expr                                            # Not
            | expr op='and' expr                                    # Binary
            | expr op='or' expr                                     # Binary
            | expr op='..' expr                                     # Binary
            | <assoc=right> 'if' expr 'then' expr 'else' expr       # Conditional
            | expr '|>' stage                                       # Pipe
            | call                                                  # CallOrName
            | list                                                  # ListValue
            | '(' expr ')'                                          # Parenthesized
            | NUMBER                                                # Number
            | SIZE                                                  # Size
            | FACTOR                                                # Factor
            | STRING                                                # Text
            | ('true' | 'false')                                    # Boolean
            ;
call        : name arguments? ;
stage       : call | 'for' name 'in' expr ':' stage ;
list        : '[' 'for' name 'in' expr ':' expr ']' | '[' (value (',' value)* ','?)? ']' ;
arguments   : '(' (argument (',' argument)* ','?)? ')' ;
argument    : (name ':')? value ;

// ---- Words ----------------------------------------------------------------------------------------------------------

// The words that open a statement may be names; after a dot and before a colon the others may stand too. In settings and behind `=`
// `skip` is an ID, and so are `until` and `except` where no feature or word follows (src/Dsl/Parsing/ContextualWords.cs).
name        : ID | 'model' | 'component' | 'import' | 'set' | 'sweep' | 'report' | 'data' | 'train'
            | 'task' | 'input' | 'encoder' | 'aspp' | 'attention' | 'decoder' | 'refine' | 'share' | 'exchange' | 'at' | 'loss' ;
word        : name | 'let' | 'return' | 'skip' | 'of' | 'with' | 'for' | 'in' | 'if' | 'then' | 'else' ;

IMPORT : 'import' ; SET : 'set' ; LET : 'let' ; MODEL : 'model' ; COMPONENT : 'component' ; DATA : 'data' ; TRAIN : 'train' ;
SWEEP : 'sweep' ; REPORT : 'report' ; TASK : 'task' ; INPUT : 'input' ; ENCODER : 'encoder' ; ASPP : 'aspp' ; ATTENTION : 'attention' ; DECODER : 'decoder' ;
REFINE : 'refine' ; SHARE : 'share' ; EXCHANGE : 'exchange' ; AT : 'at' ; UNTIL : 'until' ; EXCEPT : 'except' ; LOSS : 'loss' ; RETURN : 'return' ; SKIPPED : 'skip' ; OF : 'of' ; WITH : 'with' ; FOR : 'for' ; IN : 'in' ;
IF : 'if' ; THEN : 'then' ; ELSE : 'else' ; TRUE : 'true' ; FALSE : 'false' ; AND : 'and' ; OR : 'or' ; NOT : 'not' ;

BRACE : '{' ; UNBRACE : '}' ; BRACKET : '[' ; UNBRACKET : ']' ; PAREN : '(' ; UNPAREN : ')' ;
COLON : ':' ; COMMA : ',' ; DOT : '.' ; ASSIGN : '=' ; ARROW : '->' ; PIPE : '|>' ; RANGE : '..' ;
PLUS : '+' ; MINUS : '-' ; TIMES : '*' ; OVER : '/' ;
EQUAL : '==' ; UNEQUAL : '!=' ; LESS : '<' ; LESS_EQUAL : '<=' ; GREATER : '>' ; GREATER_EQUAL : '>=' ;

SIZE    : [0-9]+ 'x' [0-9]+ ;                                       // 256x512: height by width
FACTOR  : [0-9]+ ('.' [0-9]+)? ([eE] [+-]? [0-9]+)? 'x' ;           // 0.1x: times what is said elsewhere
NUMBER  : [0-9]+ ('.' [0-9]+)? ([eE] [+-]? [0-9]+)? ;
STRING  : '"' ~["\r\n]* '"' ;
ID      : [A-Za-z_] [A-Za-z_0-9]* ;
COMMENT : '#' ~[\r\n]* -> channel(HIDDEN) ;
SPACE   : [ \t\r\n]+ -> channel(HIDDEN) ;

// What no program contains, but people type: each is reported once, then read as what was meant.
OPEN_STRING     : '"' ~["\r\n]* ;
APOSTROPHES     : '\'' ~['\r\n]* '\'' | [\u201C-\u201F\u00AB] ~["\u201C-\u201F\u00BB\r\n]* [\u201C-\u201F\u00BB] ;
GLUED_NUMBER    : [0-9]+ ('.' [0-9]+)? [A-Za-z_] [A-Za-z_0-9]* ;
FOREIGN_COMMENT : '//' ~[\r\n]* | '/*' .*? '*/' ;
FOREIGN         : '=>' | '-->' | '\u2192' | '\u00D7' | '\u2212' | '\u2013' | ':=' | '&&' | '||' | '!' | ';' | '**' ;
UNKNOWN         : . ;
