"""What all pages look like: one base template, one style, one player, one way to draw and to write numbers.

- `page.py`, `base.html.j2`, `style.css`, `macros.html.j2`: a page is a header and sections, in one file.
- `rendering.py`: the templates, and filters that write numbers and times.
- `figure.py`, `colours.py`: matplotlib figures as PNG that depend on nothing but their content; a colour a class.
- `played.py`, `played.html.j2`, `drawing.py`, `media.py`, `player.html.j2`: a recording whose timeline plays, and the
  rule of what a browser plays.
"""
