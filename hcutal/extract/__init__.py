"""From one recording to features, snippet by snippet.

`extractor` is what an extractor has to be, `registry` finds one by its name: `video` (I3D), `vectors`,
`smartwatch`, or one of another package. `many` applies it to many recordings, and goes on where it was
interrupted, with `parts` in the midst of a recording; `make_store` and `extend` put what came out into a feature store.
"""
