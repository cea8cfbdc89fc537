import type { Plugin, PluginGetResult, PluginProvides } from "../../protocol/types.ts";
import type { Style } from "../style.ts";
import { fieldsText, sectionText } from "./fields.ts";
import { plain } from "./text.ts";
import { timeText } from "./times.ts";

/** `command best`, `hook run.finished`. */
export function providesText({ kind, name, on }: PluginProvides): string {
  return plain([kind, name, on?.join(", ")].filter((part) => part !== undefined).join(" "));
}

export function stateText({ state }: Plugin, style: Style): string {
  return state === "ready" ? style.green(state) : style.yellow(plain(state));
}

/** Everything known of a plugin, each permission in a sentence. */
export function pluginText({ plugin, permissions, files, sandbox }: PluginGetResult, style: Style): string {
  const sections = [
    fieldsText(
      [
        ["Name", style.bold(plain(plugin.name))],
        ["Version", plain(plugin.version)],
        ["Description", plugin.description && plain(plugin.description)],
        ["State", stateText(plugin, style)],
        ["Problem", plugin.problem && plain(plugin.problem)],
        ["Runs", plain(sandbox)],
        ["Content", plugin.hash.slice(0, 16)],
        ["Installed", plugin.installedAt === "" ? undefined : timeText(plugin.installedAt)],
        ["From", plain(plugin.source)],
        ["Granted", plugin.grantedAt && timeText(plugin.grantedAt)],
      ],
      style,
    ),
    sectionText("Provides", plugin.provides.map(providesLine), style),
    permissionsText(plugin, permissions, style),
    sectionText("Files", files.map(plain), style),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

export function permissionsText(
  { grantedAll, state }: Plugin,
  permissions: PluginGetResult["permissions"],
  style: Style,
): string {
  if (grantedAll) return style.red("It may do everything that you may: it was granted all.");
  if (state === "broken") return "";
  if (permissions.length === 0) return style.dim("It asks for no permission: it can only compute.");
  return sectionText(
    "Permissions",
    permissions.map(({ sentence, granted }) => {
      const mark = granted ? style.green("granted") : style.yellow("asked  ");
      return `${mark}  ${plain(sentence)}`;
    }),
    style,
  );
}

function providesLine(provided: PluginProvides): string {
  const { description } = provided;
  return `${providesText(provided)}${description === undefined ? "" : `: ${plain(description)}`}`;
}
