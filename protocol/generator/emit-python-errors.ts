import { banner, type Contract, type ErrorCategoryRow, type ErrorRow } from "./model.ts";
import { docstring, quote } from "./python-text.ts";

/** `clients/python/src/datmo/errors.py`: a class per category, a table of kinds. */
export function emitPythonErrors(contract: Contract): string {
  const { categories, errors } = contract.errorTable;
  return `# ${banner}
"""Errors: one class per category, the kind as a field."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Type

__all__ = [
    "DatmoError",
${categories.map((row) => `    ${quote(row.className)},\n`).join("")}]

${baseClass}
${categories.map(categoryClass).join("\n")}
# Category: class, first and last code.
_CATEGORIES: Dict[str, Tuple[Type[DatmoError], int, int]] = {
${categories.map((row) => `    ${quote(row.name)}: (${row.className}, ${row.from}, ${row.to}),\n`).join("")}}

# Kind: code, category, whether trying again may help, message and hint with placeholders.
TABLE: Dict[str, Tuple[int, str, bool, str, str]] = {
${errors.map(tableRow).join("")}}
${functions}`;
}

function categoryClass(row: ErrorCategoryRow): string {
  return `\nclass ${row.className}(DatmoError):\n${docstring(row.description, "    ")}`;
}

function tableRow(row: ErrorRow): string {
  const retryable = row.retryable ? "True" : "False";
  return `    ${quote(row.kind)}: (
        ${row.code},
        ${quote(row.category)},
        ${retryable},
        ${quote(row.message)},
        ${quote(row.hint)},
    ),
`;
}

const baseClass = `
class DatmoError(Exception):
    """What every expected failure is raised as.

    \`kind\` names the failure and never changes, \`code\` is its number, \`details\` are its facts, \`hint\` says what to
    do about it (None: no advice), \`log\` holds the engine's last lines for the request, and \`retryable\` says
    whether the same call may succeed later.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str = "INTERNAL_ERROR",
        code: int = -32603,
        details: Optional[Mapping[str, Any]] = None,
        hint: Optional[str] = None,
        log: Sequence[str] = (),
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.code = code
        self.details: Dict[str, Any] = dict(details or {})
        self.hint = hint or None
        self.log = list(log)
        self.retryable = retryable

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\\n{self.hint}"

    def __reduce__(self) -> Tuple[Any, ...]:
        # Exceptions are pickled by their positional arguments, which would lose all fields between processes.
        return (_rebuild, (type(self), self.message, self.__dict__.copy()))

`;

const functions = `

def make_error(
    kind: str,
    details: Optional[Mapping[str, Any]] = None,
    *,
    hint: Optional[str] = None,
    log: Sequence[str] = (),
) -> DatmoError:
    """The error of a kind of the table, its message and hint filled from the details."""
    code, category, retryable, message, advice = TABLE[kind]
    facts = dict(details or {})
    return _CATEGORIES[category][0](
        message.format_map(facts),
        kind=kind,
        code=code,
        details=facts,
        hint=advice.format_map(facts) if hint is None else hint,
        log=log,
        retryable=retryable,
    )


def error_from_wire(error: Mapping[str, Any]) -> DatmoError:
    """The exception for a JSON-RPC error object; a kind this version does not know keeps its name."""
    code = int(error.get("code", -32603))
    data = error.get("data")
    data = data if isinstance(data, dict) else {}
    kind = str(data.get("kind") or _kind_of_code(code))
    row = TABLE.get(kind)
    cls = _CATEGORIES[row[1]][0] if row else _class_of_code(code)
    details = data.get("details")
    return cls(
        str(error.get("message", "")),
        kind=kind,
        code=code,
        details=details if isinstance(details, dict) else {},
        hint=data.get("hint"),
        log=data.get("log") or (),
        retryable=row[2] if row else False,
    )


def _kind_of_code(code: int) -> str:
    return next((kind for kind, row in TABLE.items() if row[0] == code), "INTERNAL_ERROR")


def _class_of_code(code: int) -> Type[DatmoError]:
    return next((cls for cls, first, last in _CATEGORIES.values() if first <= code <= last), DatmoError)


def _rebuild(cls: Type[DatmoError], message: str, fields: Dict[str, Any]) -> DatmoError:
    error = cls(message)
    error.__dict__.update(fields)
    return error
`;
