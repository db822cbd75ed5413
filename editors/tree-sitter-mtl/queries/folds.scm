[
  (statements)
  (settings)
  (sweep)
  (body)
  (list)
  (features)
] @fold
