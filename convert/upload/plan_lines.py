"""The lines of a plan: for people (``described``, ``table``), and in a file (``head_line``, ``step_line``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

import msgspec
from msgspec import Struct

from convert.diagnostics import visible
from convert.errors import UsageError
from convert.upload.files.file_steps import FileStep
from convert.upload.plan import KINDS, Conflict, Create, Keep, Mode, Refuse, Retire, Step, Update, kind_of


def described(step: Step) -> str:
    """Describe a step in one line."""
    origin = f" ({step.source})" if step.source else ""
    return f"{kind_of(step):8}  {visible(step.title)}{origin}: {explained(step)}"


def explained(step: Step) -> str:
    """Explain a step: what changes, or why nothing does."""
    match step:
        case Create():
            return f"{len(step.text.encode()):+,} bytes"
        case Update():
            return f"{len(step.text.encode()) - step.size:+,} bytes, in place of revision {step.base}"
        case Keep():
            return step.why or "it is so already"
        case Conflict():
            return step.why
        case Refuse():
            return f"{step.why} [{step.code}]"
        case Retire():
            return _RETIRED[step.how] + (f", in place of revision {step.base}" if step.base else "")
        case _:
            assert_never(step)


_RETIRED = {
    "list": "it left the sources: --gone blank, redirect or delete says what becomes of it",
    "blank": "it left the sources and becomes empty",
    "redirect": "it left the sources and leads elsewhere",
    "delete": "it left the sources and is deleted",
}


def table(counts: Mapping[str, int]) -> Iterator[str]:
    """Sum a plan up."""
    kinds = (*KINDS, "gone") if counts.get("gone") else KINDS
    width = max(len(f"{counts.get(kind, 0):,}") for kind in kinds)
    for kind in kinds:
        yield f"{kind:8}  {counts.get(kind, 0):{width},}"


# ── The plan in a file


class PlanHead(Struct, frozen=True, tag_field="format", tag="plainwiki-plan-1"):
    """The first line of a stored plan; ``api`` is the address of the wiki's api.php."""

    run: str
    api: str
    user: str
    mode: Mode


_line = msgspec.json.Encoder()
_head = msgspec.json.Decoder(PlanHead)
_step: msgspec.json.Decoder[Step | FileStep] = msgspec.json.Decoder(Step | FileStep)


def head_line(head: PlanHead) -> bytes:
    """Serialize the first line of a plan."""
    return _line.encode(head) + b"\n"


def step_line(step: Step | FileStep) -> bytes:
    """Serialize a step as a line of a plan."""
    return _line.encode(step) + b"\n"


def read_head(line: bytes, path: str) -> PlanHead:
    """Parse the first line of a plan; raises UsageError if it is none."""
    try:
        return _head.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}:1: this is no plan that 'plainwiki upload --plan' wrote: {error}") from None


def read_steps(lines: Iterable[bytes], path: str) -> Iterator[Step | FileStep]:
    """Parse the steps of a plan; raises UsageError at the first invalid line."""
    for number, line in enumerate(lines, 2):
        try:
            yield _step.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}:{number}: this is no step of a plan: {error}") from None
