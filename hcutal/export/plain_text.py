"""Names as other programs can read them: labels come from files, and may hold anything."""

import re

# What no XML document may hold, however it is written (XML 1.0, 2.2).
NO_XML = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
# What spreadsheets take for the start of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def xml_text(text: str) -> str:
    """A text for XML: characters that no document may hold become U+FFFD.

    >>> xml_text("run\\x00ning")
    'run\\ufffdning'
    """
    return NO_XML.sub("\ufffd", text)


def cell_text(text: str) -> str:
    """A text for a table that a spreadsheet opens: one that would be a formula is quoted.

    >>> cell_text("=cmd|' /C calc'!A0"), cell_text("run")
    ("'=cmd|' /C calc'!A0", 'run')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
