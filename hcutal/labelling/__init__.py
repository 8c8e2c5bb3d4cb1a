"""What a person says of a run in its page: names of clusters, marks of segments, recordings that are dropped.

- `names_table.py`, `marks.py`, `dropped.py`: the tables in `labels/`, a module each.
- `run_labels.py`: all three of a run as the page shows and changes them.
- `page_files.py`: which files a page refers to. `label_server.py`, `renewal.py`: the server of `hcutal label`, and the
  run that it may start.
"""
