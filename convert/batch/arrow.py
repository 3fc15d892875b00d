"""Conversion of table rows, for Spark, Hugging Face datasets, pandas and Arrow.

An input row has the text of one document, or of several articles below one another.  The output has a row for every
article and one for every rejected document, in order, so nothing is lost.  Its columns are ``title``, ``text`` (null
for a reject), ``code`` and ``reason`` (of a reject, else null), ``line`` and ``diagnostics``:

    pages = Rows("wikitext", text="body", keep=["id"])
    frame.mapInArrow(pages.arrow, f"id long, {COLUMNS}")          # a Spark data frame
    frame.mapInPandas(pages.pandas, f"id long, {COLUMNS}")
    dataset.with_format("arrow").map(pages.table, batched=True)   # of Hugging Face

Rows are independent of each other: duplicate titles are not detected.

Sources: https://spark.apache.org/docs/latest/api/python/reference/pyspark.sql/api/pyspark.sql.DataFrame.mapInArrow.html,
https://huggingface.co/docs/datasets/use_with_pyarrow
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from convert import formats
from convert.batch.converter import Converter
from convert.batch.model import ConvertedDocument, Task
from convert.diagnostics import Diagnostic
from convert.errors import UsageError
from convert.inputs.piece import Piece, Shard
from convert.options import PER_DOCUMENT, named, names_of, unknown_option

if TYPE_CHECKING:
    from typing import Unpack

    import pandas
    import pyarrow

    from convert.options.keywords import ConversionNames

#: The output columns as a Spark schema; kept input columns precede them.
COLUMNS = (
    "title string, text string, code string, reason string, line int, "
    "diagnostics array<struct<code: string, line: int, column: int, message: string>>"
)
_NAMES = ("title", "text", "code", "reason", "line", "diagnostics")

# Maximum size of an output batch: an Arrow column cannot exceed 2 GB, and memory should stay bounded.
_BATCH_BYTES = 32 << 20

# The number of an input row, and the result for a document in it.
_Converted = tuple[int, ConvertedDocument]


class Rows:
    """Converts batches of rows; picklable, and deterministic per row, whatever the batches.

    ``target`` and ``source`` are formats, ``text`` and ``title`` input columns, ``keep`` input columns to copy to the
    output.  A title is the fallback for an article that has none, and its column may be absent.  ``options`` are those
    of the reader and the writer.  Raises UsageError where there is no such format, option or column.
    """

    def __init__(
        self,
        target: str = "wikitext",
        source: str = "plain",
        text: str = "text",
        title: str = "title",
        keep: Sequence[str] = (),
        **options: Unpack[ConversionNames],
    ) -> None:
        known = _options_of(source, target)
        for name in options:
            if name not in known:
                raise unknown_option(name, f"{source} to {target}", known)
        if own := set(keep) & set(_NAMES):
            raise UsageError(f"a column '{min(own)}' comes out anyway: give the one to keep another name")
        self.target, self.options = target, options
        self.source, self.text, self.title, self.keep = source, text, title, tuple(keep)

    def __getstate__(self) -> dict[str, Any]:
        # The datasets library takes the pickle of a function as the key of its cache.
        return {name: value for name, value in vars(self).items() if name not in ("_converter", "_task")}

    def arrow(self, batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        """Convert record batches, for ``mapInArrow``."""
        import pyarrow

        for batch in batches:
            self._check(batch.schema.names)
            titles = batch.column(self.title).to_pylist() if self.title in batch.schema.names else None
            for converted in self._converted(batch.column(self.text).to_pylist(), titles):
                row_numbers = pyarrow.array([row for row, _ in converted])
                kept = [batch.column(name).take(row_numbers) for name in self.keep]
                columns = _columns(converted)
                new = [pyarrow.array(columns[schema_field.name], schema_field.type) for schema_field in _fields()]
                yield pyarrow.record_batch([*kept, *new], self._schema(batch.schema))

    def table(self, batch: pyarrow.Table | Mapping[str, Any]) -> pyarrow.Table:
        """Convert a table, or a mapping of columns, for ``map(batched=True)`` of datasets."""
        import pyarrow

        if not isinstance(batch, pyarrow.Table):
            self._check(list(batch))
            names = [name for name in (*self.keep, self.text, self.title) if name in batch]
            batch = pyarrow.table({name: batch[name] for name in names})
        return pyarrow.Table.from_batches(self.arrow(batch.to_batches()), self._schema(batch.schema))

    def pandas(self, frames: Iterable[pandas.DataFrame]) -> Iterator[pandas.DataFrame]:
        """Convert data frames, for ``mapInPandas``."""
        for frame in frames:
            self._check(list(frame.columns))
            titles = _values(frame[self.title]) if self.title in frame.columns else None
            for converted in self._converted(_values(frame[self.text]), titles):
                kept = frame[list(self.keep)].iloc[[row for row, _ in converted]].reset_index(drop=True)
                yield kept.assign(**_columns(converted))

    @cached_property
    def _task(self) -> Task:
        return Task(self.target, "text", named(**self.options))

    @cached_property
    def _converter(self) -> Converter:
        return Converter(self._task)

    def _check(self, names: Sequence[str]) -> None:
        for name in (self.text, *self.keep):
            if name not in names:
                raise UsageError(f"the rows have no column '{name}', but {', '.join(names)}: name one of these")

    def _schema(self, schema: pyarrow.Schema) -> pyarrow.Schema:
        import pyarrow

        self._check(schema.names)
        return pyarrow.schema([*(schema.field(name) for name in self.keep), *_fields()])

    def _converted(self, texts: Sequence[Any], titles: Sequence[Any] | None) -> Iterator[list[_Converted]]:
        """Convert the texts of a batch; yield results in lists of bounded size, at least one list."""
        converted: list[_Converted] = []
        size = 0
        for row, text in enumerate(texts):
            for record in self._records(text, (titles and titles[row]) or ""):
                converted.append((row, record))
                size += len(record.text)
                if size > _BATCH_BYTES:
                    yield converted
                    converted, size = [], 0
        yield converted

    def _records(self, text: Any, title: Any) -> Iterator[ConvertedDocument]:
        # Invalid UTF-8 is rejected as it is in a file.
        content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text or b""
        if not isinstance(content, bytes):
            raise UsageError(f"column '{self.text}' holds {type(text).__name__}, not text: name another")
        name = str(title).encode("utf-8", "replace").decode()
        options = self._task.options
        piece = Piece("", "", self.source, name, options.timestamp, 0, len(content))
        for document in self._converter.read(Shard(0, (piece,)), [content]):
            yield self._converter.write(document, options.id)


def _options_of(source: str, target: str) -> set[str]:
    """Return the names of a conversion's options."""
    option_types = map(formats.load, (formats.reader_of(source).options, formats.writer_of(target).options))
    return {name for options in option_types for name in names_of(options)} - PER_DOCUMENT


def _columns(converted: Sequence[_Converted]) -> dict[str, list[Any]]:
    records = [record for _, record in converted]
    return {
        "title": [record.title for record in records],
        "text": [None if record.refusal else record.text.decode() for record in records],
        "code": [record.refusal and record.refusal.code for record in records],
        "reason": [record.refusal and record.refusal.message for record in records],
        "line": [record.line for record in records],
        "diagnostics": [[_remark(remark) for remark in record.remarks] for record in records],
    }


def _remark(remark: Diagnostic) -> dict[str, Any]:
    return {"code": remark.code, "line": remark.line, "column": remark.column, "message": remark.message}


def _fields() -> list[pyarrow.Field]:
    """Return the output columns with the types of COLUMNS."""
    import pyarrow

    text, number = pyarrow.string(), pyarrow.int32()
    remark = pyarrow.struct([("code", text), ("line", number), ("column", number), ("message", text)])
    types = {"line": number, "diagnostics": pyarrow.list_(remark)}
    return [pyarrow.field(name, types.get(name, text)) for name in _NAMES]


def _values(column: pandas.Series[Any]) -> list[Any]:
    """Return the values of a column, with ``None`` for every kind of missing value."""
    values: list[Any] = column.astype(object).where(column.notna(), None).tolist()
    return values
