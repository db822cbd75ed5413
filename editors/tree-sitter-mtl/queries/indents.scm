[
  (statements)
  (settings)
  (sweep)
  (body)
  (list)
  (features)
  (comprehension)
  (parameters)
  (arguments)
] @indent.begin

["}" "]" ")"] @indent.branch @indent.end
