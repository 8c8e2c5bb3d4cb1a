"""The elements of a page, read as a browser would."""

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br"}


class Structure(HTMLParser):
    """Elements and their attributes; tags that are not closed in order are an error. Drawings may close their own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        text = re.sub(r"<(line|rect|polygon|path|circle)([^>]*)/>", r"<\1\2></\1>", text)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]
