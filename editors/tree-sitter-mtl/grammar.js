/// <reference types="tree-sitter-cli/dsl" />
// The .mtl language for editors: grammar/Mtl.g4 of this repository, rule by rule.

const PRECEDENCE = { pipe: 1, conditional: 2, range: 3, or: 4, and: 5, not: 6, compare: 7, add: 8, multiply: 9, negate: 10, access: 11 };

// Words that open a statement may be names; after a dot and before a colon the others may stand too.
const OPENING = ['model', 'component', 'import', 'set', 'sweep', 'report', 'data', 'train', 'task', 'input', 'encoder', 'aspp', 'attention', 'decoder', 'refine', 'share', 'exchange', 'at', 'until', 'except', 'loss'];
const INNER = ['let', 'return', 'skip', 'of', 'with', 'for', 'in', 'if', 'then', 'else'];

const list = rule => seq(rule, repeat(seq(',', rule)), optional(','));

module.exports = grammar({
  name: 'mtl',
  extras: $ => [/[ \t\r\n]/, $.comment],
  word: $ => $.identifier,
  // `until` and `except` are names as well, where no feature and no word follows.
  conflicts: $ => [[$.until, $.name], [$.except, $.name], [$.except]],
  supertypes: $ => [$._declaration, $._statement, $._expression],
  rules: {
    file: $ => repeat($._declaration),

    _declaration: $ => choice($.import, $.assignment, $.let, $.model, $.component, $.recipe, $.sweep, $.report),
    import: $ => seq('import', field('path', $.string)),
    assignment: $ => seq('set', field('target', $.target), '=', field('value', $._value)),
    let: $ => seq('let', field('name', $.name), repeat(seq(',', field('name', $.name))), '=', field('value', $._expression)),

    model: $ => seq('model', field('name', $.name), field('body', $.statements)),
    statements: $ => seq('{', repeat($._statement), '}'),
    _statement: $ => choice($.task, $.input, $.encoder, $.aspp, $.attention, $.decoder, $.refine, $.share, $.exchange, $.loss, $.let),
    task: $ => seq('task', field('name', $.name), ':', field('kind', $.name), optional(seq('of', field('of', $.name))), optional($.settings)),
    input: $ => seq('input', field('name', $.name), ':', field('kind', $.name), optional($.settings)),
    encoder: $ => seq('encoder', field('name', $.name), ':', field('component', $.name), optional(seq('(', $.feature, ')')), optional($.settings)),
    aspp: $ => seq('aspp', field('name', $.name), ':', $.feature, '->', field('channels', $._expression), optional($.settings)),
    attention: $ => seq('attention', field('name', $.name), ':', $.feature, optional($.settings)),
    decoder: $ => seq('decoder', field('name', $.name), ':', $.source, repeat(seq('+', $.source)), '->', field('task', $.name), repeat(seq(',', field('task', $.name))), optional($.settings)),
    refine: $ => seq('refine', field('name', $.name), ':', $.call, optional($.settings)),
    share: $ => seq('share', field('name', $.name), ':', field('component', $.name), optional($.settings)),
    exchange: $ => seq(
      'exchange', field('name', $.name), ':', field('between', $.name), repeat(seq(',', field('between', $.name))), 'at', $.position, repeat(seq(',', $.position)),
      optional($.settings)),
    loss: $ => seq('loss', ':', field('value', $._expression)),
    source: $ => choice(seq(optional('skip'), $.feature), $.features),
    features: $ => seq('[', list($.feature), ']'),
    feature: $ => seq(field('name', $.name), repeat(seq('.', field('member', $.word))), repeat($.place), optional(seq('/', field('scale', $.number)))),
    position: $ => seq(field('member', $.word), repeat($.place)),
    place: $ => seq('[', optional('-'), $.number, ']'),

    recipe: $ => seq(field('kind', choice('data', 'train')), $.settings),
    report: $ => seq('report', field('name', $.name), $.settings),
    sweep: $ => seq('sweep', field('name', $.name), '{', repeat(seq($.axis, optional(','))), '}'),
    axis: $ => seq($.swept, repeat(seq('with', $.swept))),
    swept: $ => seq(field('target', $.target), ':', field('values', $._expression)),
    target: $ => seq($.name, repeat(seq('.', choice($.word, $.number)))),

    settings: $ => seq('{', repeat(seq($.setting, optional(','))), '}'),
    setting: $ => seq(field('key', $.path), ':', field('value', $._value)),
    path: $ => seq($.word, repeat(seq('.', choice($.word, $.number)))),
    _value: $ => choice(seq($._expression, optional($.settings)), $.settings, $.until, $.except),
    until: $ => seq('until', field('member', $.name), repeat($.place)),
    except: $ => seq('except', field('word', $.word), repeat(seq('and', field('word', $.word)))),

    component: $ => seq('component', field('name', $.name), $.parameters, field('body', $.body)),
    parameters: $ => seq('(', optional(list($.parameter)), ')'),
    parameter: $ => seq(field('name', alias($._parameter_name, $.name)), optional(seq('=', field('default', $._expression)))),
    // `skip` is a word for statements of a model alone.
    _parameter_name: $ => choice($.identifier, 'skip', ...OPENING),
    body: $ => seq('{', repeat(choice($.let, $.return)), '}'),
    return: $ => seq('return', $._expression),

    _expression: $ => choice(
      $.index, $.member, $.unary, $.binary, $.conditional, $.pipe, $.call, $.reference, $.list, $.comprehension, $.parenthesized, $.number, $.size, $.factor, $.string, $.boolean),
    index: $ => prec(PRECEDENCE.access, seq(field('value', $._expression), '[', field('index', $._expression), ']')),
    member: $ => prec(PRECEDENCE.access, seq(field('value', $._expression), '.', field('member', $.word))),
    unary: $ => choice(prec(PRECEDENCE.negate, seq('-', $._expression)), prec(PRECEDENCE.not, seq('not', $._expression))),
    binary: $ => choice(...[
      ['multiply', ['*', '/']], ['add', ['+', '-']], ['compare', ['==', '!=', '<', '<=', '>', '>=']], ['and', ['and']], ['or', ['or']], ['range', ['..']],
    ].map(([level, operators]) => prec.left(PRECEDENCE[level], seq(field('left', $._expression), field('operator', choice(...operators)), field('right', $._expression))))),
    conditional: $ => prec.right(PRECEDENCE.conditional, seq('if', field('condition', $._expression), 'then', field('then', $._expression), 'else', field('else', $._expression))),
    pipe: $ => prec.left(PRECEDENCE.pipe, seq(field('value', $._expression), '|>', field('stage', $._stage))),
    _stage: $ => choice($.call, $.reference, $.loop),
    loop: $ => seq('for', field('name', $.name), 'in', field('values', $._expression), ':', field('stage', $._stage)),
    reference: $ => choice($.name, alias('skip', $.name)),
    call: $ => seq(field('function', $.name), $.arguments),
    arguments: $ => seq('(', optional(list($.argument)), ')'),
    argument: $ => seq(optional(seq(field('label', $.name), ':')), $._value),
    list: $ => seq('[', optional(list($._value)), ']'),
    comprehension: $ => seq('[', 'for', field('name', $.name), 'in', field('values', $._expression), ':', field('value', $._expression), ']'),
    parenthesized: $ => seq('(', $._expression, ')'),

    name: $ => choice($.identifier, ...OPENING),
    word: $ => choice($.identifier, ...OPENING, ...INNER),
    boolean: _ => choice('true', 'false'),
    size: _ => token(/[0-9]+x[0-9]+/),
    factor: _ => token(/[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?x/),
    number: _ => token(/[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/),
    string: _ => token(/"[^"\r\n]*"/),
    identifier: _ => /[A-Za-z_][A-Za-z_0-9]*/,
    comment: _ => token(/#[^\r\n]*/),
  },
});
