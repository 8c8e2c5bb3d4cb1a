"""From class activation sequences to scored, named proposals (section 3.3 of HC-UTAL), and to segments for people.

In the order in which a recording passes through:

- `apply`: the whole way for one recording
- `merge`: from the columns of the model to named classes
- `axis`: the up-sampled sequence, and its points in seconds
- `proposals`: runs above thresholds, their outer-inner contrast and score
- `suppress`: hard and soft non-maximum suppression
- `files`: what the propose stage writes
- `choice`, `segments`: the few proposals that people are shown
"""
