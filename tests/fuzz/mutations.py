"""Ways to damage a file: what disks, editors, spreadsheets, other programs and bad luck make of it."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any

Mutation = Callable[[bytes, Random], bytes]
TOKEN = re.compile(r"[\w.+-]+|\s+|[^\w\s]")
WORDS = [
    *(
        "",
        "0",
        "-1",
        "1.5",
        "1e308",
        "-1e308",
        "1e999",
        "nan",
        "-inf",
        "null",
        "true",
        "~",
        "1_000",
        "0x10",
        "1:30",
    ),
    *(str(2**31), str(2**63), str(-(2**63) - 1), "9" * 400, "9" * 5000, "1000000000000"),
    *(
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        '"',
        "'",
        "\n",
        "\r",
        "\t",
        "#",
        "- ",
        "&a",
        "*a",
        "!!float abc",
        "!!binary x",
        "%",
    ),
    *(
        "\0",
        "\x07",
        "\x1b[31m",
        "\ufeff",
        "\u202e",
        "é",
        "名",
        "=cmd|' /C calc'!A0",
        "../../x",
        "/",
        "x" * 3000,
    ),
]
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        1.5,
        1e308,
        -1e308,
        float("nan"),
        float("inf"),
        2**31,
        2**63,
        2**64,
        10**12,
    ),
    *(
        -(10**12),
        10**400,
        "",
        "0",
        "1.5",
        "nan",
        "1e999",
        "x" * 3000,
        "\0",
        "\x1b[31m",
        "../../x",
        "é",
        "\ud800",
    ),
    *([], {}, [[]], [{}], {"": 0}, {"a": [1]}, [0, 1], [1, 0], ["a", 1], [None], [1e308, -1e308]),
]
DEPTHS = (50, 1000, 2000, 20000)


def mutate(data: bytes, rng: Random) -> bytes:
    """Damaged content: one to three of the mutations that fit its form, drawn from `rng`."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice(_fitting(data))(data, rng)
    return data


def _fitting(data: bytes) -> list[Mutation]:
    """The mutations of bytes, and those of what the content is, as often."""
    inner: list[Mutation] = []
    if data.startswith(b"\x93NUMPY"):
        inner = [_header_of_array]
    elif data.startswith(b"PK"):
        inner = [_member_of_archive]
    elif _header_size(data):
        inner = [_header_of_tensors]
    elif (text := _text(data)) is not None:
        inner = [_word, _word, _swap, _odd_text, _nest, _encode, _lines]
        inner += [_tree] * len(inner) if text[:1] in ("{", "[") and _parsed(data) is not None else []
    return [*BYTES, *(inner * (len(BYTES) // len(inner)) if inner else [])]


def _flip(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64)) if data else 0):
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _empty(data: bytes, rng: Random) -> bytes:
    return b""


def _zero(data: bytes, rng: Random) -> bytes:
    start = rng.choice((0, rng.randrange(len(data) + 1)))
    return data[:start] + bytes(len(data) - start)


def _double(data: bytes, rng: Random) -> bytes:
    return data + data


def _insert(data: bytes, rng: Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.randbytes(rng.choice((1, 2, 8, 200))) + data[place:]


def _remove(data: bytes, rng: Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.choice((1, 4, 40)) :]


def _random(data: bytes, rng: Random) -> bytes:
    return rng.randbytes(rng.choice((1, 10, 1000)))


BYTES: list[Mutation] = [_flip, _flip, _cut, _empty, _zero, _double, _insert, _remove, _random]


def _text(data: bytes) -> str | None:
    try:
        return data.decode() or None
    except UnicodeDecodeError:
        return None


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _write(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _word(data: bytes, rng: Random) -> bytes:
    """Another word, number or sign in the place of one."""
    tokens = TOKEN.findall(data.decode(errors="replace"))
    if tokens:
        tokens[rng.randrange(len(tokens))] = rng.choice(WORDS)
    return _write("".join(tokens))


def _swap(data: bytes, rng: Random) -> bytes:
    tokens = TOKEN.findall(data.decode(errors="replace"))
    if tokens:
        a, b = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        tokens[a], tokens[b] = tokens[b], tokens[a]
    return _write("".join(tokens))


def _odd_text(data: bytes, rng: Random) -> bytes:
    text = data.decode(errors="replace")
    place = rng.randrange(len(text) + 1)
    return _write(text[:place] + rng.choice(WORDS) + text[place:])


def _nest(data: bytes, rng: Random) -> bytes:
    text = data.decode(errors="replace")
    place, deep = rng.randrange(len(text) + 1), rng.choice(DEPTHS)
    opened, closed = rng.choice((("[", "]"), ('{"a":', "}"), ("(", ")"), ("- ", "")))
    return _write(text[:place] + opened * deep + rng.choice(("", "1" + closed * deep)) + text[place:])


def _encode(data: bytes, rng: Random) -> bytes:
    text = data.decode(errors="replace")
    place = rng.randrange(len(text) + 1)
    accented = text[:place] + "é" + text[place:]
    return accented.encode(
        rng.choice(("latin-1", "utf-16", "utf-8-sig", "utf-32", "utf-7")), errors="replace"
    )


def _lines(data: bytes, rng: Random) -> bytes:
    """Lines that are lost, stand twice, in another order, or end in another way."""
    lines = data.decode(errors="replace").splitlines(keepends=True)
    place = rng.randrange(len(lines)) if lines else 0
    changed = rng.choice(
        (
            [*lines[:place], *lines[place + 1 :]],
            [*lines, *lines[place : place + 1]],
            rng.sample(lines, len(lines)),
            [line.replace("\n", rng.choice(("\r", "\r\n", "\n\n"))) for line in lines],
            [line.replace(",", rng.choice((";", "\t", ",,"))) for line in lines],
        )
    )
    return _write("".join(changed))


def _tree(data: bytes, rng: Random) -> bytes:
    """A value anywhere in a JSON document becomes another kind of value, is dropped, or gets another name."""
    value = _parsed(data)
    if not isinstance(value, dict | list):
        return data
    holder, key = rng.choice(_places(value))
    what = rng.randrange(6)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, dict):
        holder[rng.choice(("", "x", "0", "\0", key.upper()))] = holder.pop(key)
    elif what == 2:
        other, name = rng.choice(_places(value))
        holder[key] = json.loads(json.dumps(other[name]))
    else:
        holder[key] = rng.choice(VALUES)
    return json.dumps(value).encode()


def _places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of all values in a document, its top level too."""
    found: list[tuple[Any, Any]] = []
    waiting = [[value]] if not value else [value]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        found += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys if isinstance(holder[key], dict | list) and holder[key]]
    return found


def _header_of_array(data: bytes, rng: Random) -> bytes:
    """The text that says what an `.npy` file holds: another one, of the length that the file announces."""
    size = int.from_bytes(data[8:10], "little")
    header = _word(data[10 : 10 + size], rng)
    return data[:8] + min(len(header), 65535).to_bytes(2, "little") + header[:65535] + data[10 + size :]


def _member_of_archive(data: bytes, rng: Random) -> bytes:
    """Another member in the place of one of a zip file, which itself stays whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    # Damaged before: whatever zipfile makes of it.
    except Exception:
        return _flip(data, rng)
    if not members:
        return data
    name = rng.choice(list(members))
    content = members.pop(name)
    if rng.random() < 0.9:
        members[rng.choice((name, name, name, "x.npy", "x"))] = mutate(content, rng)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def _header_size(data: bytes) -> int:
    """Bytes of the header of a safetensors file; 0 where it is none."""
    size = int.from_bytes(data[:8], "little")
    return size if data[8:9] == b"{" and 0 < size <= len(data) - 8 else 0


def _header_of_tensors(data: bytes, rng: Random) -> bytes:
    size = _header_size(data)
    header = rng.choice((_tree, _word))(data[8 : 8 + size], rng)
    return len(header).to_bytes(8, "little") + header + data[8 + size :]
