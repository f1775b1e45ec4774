"""Takes files out of a zip without unpacking it to disk, within the bounds of one import."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.common import MAX_BYTES, read_bytes, refusal

MAX_MEMBERS = 1000
_ENTRY = b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_members(path: Path, names: Sequence[str]) -> Mapping[str, bytes]:
    """The content of some files of a zip by name, whatever folder of it they lie in.

    Nothing else is unpacked. An archive with a name that leads out of it is refused whole.
    """
    raw = read_bytes(path)
    if raw.count(_ENTRY) > 10 * MAX_MEMBERS:  # each would become an object before we can count
        raise _crowded(path, raw.count(_ENTRY))
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            found = _found(path, archive, names)
            left = MAX_BYTES
            out = {}
            for name, member in found.items():
                out[name] = _content(path, archive, member, left)
                left -= len(out[name])
            return out
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise _broken(path, str(error)) from error
    except (NotImplementedError, RuntimeError, ValueError, LookupError, struct.error) as error:
        raise _broken(path, str(error)) from error


def _broken(path: Path, why: str) -> InvalidRecord:
    message = f"this is no zip that can be read: {' '.join(why.split())[:100] or 'truncated'}"
    return refusal(path, None, message, "download it again")


def _crowded(path: Path, count: int) -> InvalidRecord:
    return refusal(path, None, f"the zip holds {count} files", "this is no download")


def _found(
    path: Path, archive: zipfile.ZipFile, names: Sequence[str]
) -> Mapping[str, zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise _crowded(path, len(members))
    found: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        _check_member(path, member)
        name = PurePosixPath(member.filename).name
        if name in names and not member.is_dir():
            if name in found:
                raise refusal(path, None, f"the zip holds {name} twice", "keep one of the two")
            found[name] = member
    return found


def _check_member(path: Path, member: zipfile.ZipInfo) -> None:
    name = member.orig_filename
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        message = f"the zip holds {shown(name)}, which leads out of it"
        raise refusal(path, None, message, "do not trust this file")


def _content(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """Unpacks no more than a limit, whatever size the archive states."""
    if member.flag_bits & 0x1 or member.compress_type not in _METHODS:
        message = f"{shown(member.filename)} is encrypted or packed in an unusual way"
        raise refusal(path, None, message, "pack it as a plain zip")
    with archive.open(member) as file:
        raw = file.read(limit + 1)
    if len(raw) > limit:
        message = f"its content is larger than {MAX_BYTES / 1e6:g} MB"
        raise refusal(path, None, message, "download fewer questions at a time")
    return raw
