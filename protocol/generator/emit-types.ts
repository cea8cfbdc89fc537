import {
  banner,
  type CallRecord,
  type Contract,
  type Located,
  type MethodRecord,
  type NotificationRecord,
  type Schema,
} from "./model.ts";
import { paramsName, refName, resultName } from "./names.ts";
import { docComment, tsType } from "./typescript-type.ts";

/** `src/protocol/types.ts`: a type for every definition, params and result. */
export function emitTypes(contract: Contract): string {
  return `// ${banner}

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A JSON object. */
export type JsonObject = { readonly [name: string]: Json };
${contract.defs.map(({ name, record }) => declare(name, record, record.description ?? "")).join("")}${contract.methods.map(methodTypes).join("")}${contract.notifications.map(notificationTypes).join("")}${contract.calls.map(callTypes).join("")}`;
}

function methodTypes(method: Located<MethodRecord>): string {
  const { summary, params, result } = method.record;
  return (
    declare(paramsName(method.name), params, `Params of \`${method.name}\`: ${summary}`) +
    declare(resultName(method.name), result, `Result of \`${method.name}\`.`)
  );
}

function callTypes(call: Located<CallRecord>): string {
  const { summary, params, result } = call.record;
  return (
    declare(paramsName(call.name), params, `Params of the call \`${call.name}\` of a plugin: ${summary}`) +
    declare(resultName(call.name), result, `What a plugin answers to \`${call.name}\`.`)
  );
}

function notificationTypes(notification: Located<NotificationRecord>): string {
  const { summary, params } = notification.record;
  return declare(
    paramsName(notification.name),
    params,
    `Params of the notification \`${notification.name}\`: ${summary}`,
  );
}

function declare(name: string, schema: Schema, doc: string): string {
  const type = tsType(schema, refName);
  const isInterface = type.startsWith("{\n");
  return `\n${docComment(doc)}export ${isInterface ? `interface ${name} ${type}` : `type ${name} = ${type};`}\n`;
}
