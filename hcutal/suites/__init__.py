"""The paper's tables and figures: what each compares, and what was published, to stand beside results of one's own.

- `variants`: named settings of the method.
- `suites`: which variants a table or a figure has.
- `published`: Tables 2 to 8 of HC-UTAL as numbers (`published.csv`).
"""
