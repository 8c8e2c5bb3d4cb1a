"""The files that a page refers to, and the page as a server gives it: with addresses of that server in their place."""

import html
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

# As templates write them: between double quotes.
REFERENCE = re.compile(r'\b(href|src|poster|data-src|data-preview)="([^"]*)"')


def served_page(path: Path, prefix: str, files: list[Path]) -> str:
    """The page with `PREFIX/NUMBER/NAME` in the place of each address of a file that is there.

    The number is the place in `files`, to which those are added that are new. Addresses within the page, data and
    those of other machines stay as they are.
    """
    numbers = {file: number for number, file in enumerate(files)}

    def replaced(match: re.Match[str]) -> str:
        name, value = match.groups()
        address, mark, part = html.unescape(value).partition("#")
        file = file_of(address, path.parent)
        if file is None:
            return match[0]
        if file not in numbers:
            numbers[file] = len(files)
            files.append(file)
        number = numbers[file]
        return (
            f'{name}="{prefix}/{number}/{html.escape(address.rpartition("/")[2])}{mark}{html.escape(part)}"'
        )

    return REFERENCE.sub(replaced, path.read_text(encoding="utf-8"))


def file_of(address: str, folder: Path) -> Path | None:
    """The file that an address in a page of this folder means; None where it means none that is there."""
    parts = urlsplit(address)
    if parts.scheme not in ("", "file") or parts.netloc or not parts.path:
        return None
    path = Path(unquote(parts.path))
    file = path if parts.scheme == "file" else folder / path
    try:
        return file.resolve() if file.is_file() else None
    except (OSError, ValueError):
        return None
