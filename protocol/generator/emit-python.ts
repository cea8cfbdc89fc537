import { banner, type Contract, type Located, type MethodRecord } from "./model.ts";
import { paramsName, resultName, snakeName } from "./names.ts";
import { docstring, quote } from "./python-text.ts";
import { PythonTypes } from "./python-types.ts";
import { fullText } from "./text.ts";

/** `clients/python/src/datmo/_protocol.py`: the wire's types, and a method for each method. */
export function emitPython(contract: Contract): string {
  const types = new PythonTypes();
  for (const { name, record } of contract.defs) types.declare(name, record, record.description ?? "");
  for (const { name, record } of contract.methods) {
    types.declare(paramsName(name), record.params, `Params of \`${name}\`.`);
    types.declare(resultName(name), record.result, `Result of \`${name}\`.`);
  }
  for (const { name, record } of contract.notifications) {
    types.declare(
      paramsName(name),
      record.params,
      `Params of the notification \`${name}\`: ${record.summary}`,
    );
  }
  return `# ${banner}
"""What goes over the wire. The types are for type checkers only, so that importing this costs next to nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Literal, Mapping, Optional, TypedDict, Union

    JsonObject = Dict[str, Any]
    Request = Callable[[str, Mapping[str, Any]], Any]

${types.declarations.map(indented).join("\n")}
PROTOCOL_VERSION = ${contract.protocolVersion}


class Methods:
    """Every method of the protocol, on a function that sends a request and returns its result."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request
${contract.methods.map(method).join("")}`;
}

function method({ name, record }: Located<MethodRecord>): string {
  const optional = (record.params.required ?? []).length === 0;
  const params = optional ? `Optional[${paramsName(name)}] = None` : paramsName(name);
  return `
    def ${snakeName(name)}(self, params: ${params}) -> ${resultName(name)}:
${docstring(fullText(record), "        ")}        result: ${resultName(name)} = self._request(${quote(name)}, params${optional ? " or {}" : ""})
        return result
`;
}

function indented(declaration: string): string {
  return declaration.replace(/^(?=.)/gm, "    ");
}
