[
  (statements)
  (settings)
  (sweep)
  (body)
  (list)
  (comprehension)
  (parameters)
  (arguments)
] @indent.begin

["}" "]" ")"] @indent.branch @indent.end
