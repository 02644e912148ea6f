"""Git's object formats, without git: ids, trees and packs. Pure functions.

With them a batch's new blobs and trees reach git as one pack, one process a batch instead of one
a file, and the tree that a batch should give is known without writing anything. Formats: "Git
Objects" in the Pro Git book and gitformat-pack(5). An argument `like` is any object id of the
repository; its length tells SHA-1 from SHA-256.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence

_PACK_KINDS = {"tree": 2, "blob": 3}  # gitformat-pack: "Object types"
_TREE_MODE = b"40000"


def object_id(kind: str, data: bytes, like: str) -> str:
    """The id, in hex, of the object of `kind` (`blob` or `tree`) with the content `data`."""
    digest = _hash(b"%s %d\0" % (kind.encode(), len(data)), like)
    digest.update(data)
    return digest.hexdigest()


def replace_blobs(
    read: Callable[[str], bytes], tree: str, blobs: Mapping[bytes, str]
) -> tuple[str, list[bytes]]:
    """The tree `tree` with some files' blobs replaced, and the new tree objects' content.

    `read` gives a tree object's content by id; `blobs` maps paths below the tree to blob ids.
    Modes stay. Raises LookupError, with the path, where the tree has no regular file.
    """
    entries = _parse_tree(read(tree), tree)
    below: dict[bytes, dict[bytes, str]] = {}
    for path, blob in blobs.items():
        name, _, rest = path.partition(b"/")
        mode, _ = entries.get(name, (b"", ""))
        if rest and mode == _TREE_MODE:
            below.setdefault(name, {})[rest] = blob
        elif not rest and mode.startswith(b"100"):
            entries[name] = (mode, blob)
        else:
            raise LookupError(path)
    written: list[bytes] = []
    for name, inner in below.items():
        try:
            changed, trees = replace_blobs(read, entries[name][1], inner)
        except LookupError as error:
            raise LookupError(b"%s/%s" % (name, error.args[0])) from None
        entries[name] = (_TREE_MODE, changed)
        written += trees
    # No name is added, so the entries are still in git's order.
    data = b"".join(
        b"%s %s\0%s" % (mode, name, bytes.fromhex(id)) for name, (mode, id) in entries.items()
    )
    return object_id("tree", data, tree), [*written, data]


def pack(objects: Sequence[tuple[str, bytes]], like: str) -> bytes:
    """A pack of whole objects, each given as kind (`blob` or `tree`) and content."""
    parts = [b"PACK" + (2).to_bytes(4, "big") + len(objects).to_bytes(4, "big")]
    for kind, data in objects:
        # git compresses again when it stores the object, so speed matters here and size does not.
        parts += (_pack_header(_PACK_KINDS[kind], len(data)), zlib.compress(data, 1))
    body = b"".join(parts)
    return body + _hash(body, like).digest()


def _parse_tree(data: bytes, like: str) -> dict[bytes, tuple[bytes, str]]:
    """A tree object's entries in order: mode and id by name."""
    id_size = len(like) // 2
    entries = {}
    at = 0
    while at < len(data):
        end = data.index(b"\0", at)
        mode, name = data[at:end].split(b" ", 1)
        at = end + 1 + id_size
        entries[name] = (mode, data[end + 1 : at].hex())
    return entries


def _pack_header(kind: int, size: int) -> bytes:
    """A packed object's type (3 bits) and size: 4 bits, then 7 a byte, least significant first."""
    header = bytearray()
    byte, size = kind << 4 | size & 0x0F, size >> 4
    while size:
        header.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    header.append(byte)
    return bytes(header)


def _hash(data: bytes, like: str) -> hashlib._Hash:
    algorithm = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return algorithm(data, usedforsecurity=False)
