"""The sections of the pages: for each `NAME_section.py`, with its figures, and its template `NAME_section.html.j2`.

A section of a run's page is a function from `Material` to a `PageSection`, or to None where there is nothing to
show. Sections that another page has as well have a second function, `make_...`, which is given what it shows.
"""
