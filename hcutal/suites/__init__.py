"""The paper's tables: what was published, to be shown beside results of one's own.

- `published`: Tables 2 to 8 of HC-UTAL as numbers (`published.csv`)
"""
