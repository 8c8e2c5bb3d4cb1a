"""dvc.lock as text: the entries of its stages, of which one is read or written without the others.

Parsed and dumped as a whole, as DVC does it, it takes time with each stage that there is: with 200 experiments half a
minute for each stage that runs.
"""

import re

HEAD = "schema: '2.0'\nstages:\n"
# What DVC writes: a name in need of no quotes, and lines that are further in. An anchor is known in the whole file.
ENTRY = re.compile(r"  ([A-Za-z][\w.@-]*):\n(?: {4}.*\n|\n)+")
ANCHOR = re.compile(r"[&*]id\d")


def entries_of(text: str) -> dict[str, str] | None:
    """The text of each entry by the name of its stage, in order; `HEAD` and these, put together, are the file.

    None where the file is not as DVC writes it: edited, in a conflict, cut short.
    """
    if not text.startswith(HEAD) or ANCHOR.search(text):
        return None
    found: dict[str, str] = {}
    position = len(HEAD)
    while position < len(text):
        match = ENTRY.match(text, position)
        if match is None or match[1] in found:
            return None
        found[match[1]] = match[0]
        position = match.end()
    return found
