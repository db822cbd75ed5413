[
  (statements)
  (settings)
  (sweep)
  (body)
  (list)
] @fold
