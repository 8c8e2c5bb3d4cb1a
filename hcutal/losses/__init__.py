"""The losses of HC-UTAL (Liu et al., https://doi.org/10.1016/j.patcog.2025.111421), one file each.

All are pure functions of tensors; what they are given, and with which weights they are summed, is decided in
`hcutal/model`.

- `horizontal`, `vertical`: video level, equations (2) and (3)
- `instance`: instance level, equation (5)
- `boundary`: boundary level, equations (6) and (7)
- `classification`: the scores of a video and their cross-entropy, equations (9) and (10)
- `dwa`: Dynamic Weight Average, the weights of equation (1)
"""
