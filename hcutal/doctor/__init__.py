"""What is wrong with data that a person brings, before anything is made of it: `examine` recognises what it is.

Each kind of thing has a check that reads it in full and gives `Findings`: `examine` for what is named, `predicted` for
predictions, `raw_recordings` for films and sensor tables, `installation` for the tool itself and the project.
"""
