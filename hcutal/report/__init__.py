"""The pages that people look at: of a run, of an experiment, of an evaluation, of new recordings.

- `run_outputs.py` reads what the stages of a run wrote. `curves.py`, `timeline.py`, `typical.py` and
  `thumbnails.py` turn it into what is shown: class activation sequences with their times, timelines, typical segments
  and their film strips. `material.py` holds all that together.
- `sections/` has a module and a template for each section of a page, with its figures.
- `pages/` has the pages: which sections they have, in which order, and the header above them.
- `figures/` has the figures that compare variants of the method.
- `kit/` is what all pages share: base template, style, player, colours, figures, and how numbers are written.

To add a section to the page of a run: write `sections/NAME_section.py` with a function that makes a
`PageSection` of `Material`, write its template `sections/NAME_section.html.j2`, and name the function in `SECTIONS` of
`pages/run_page.py`.
"""
