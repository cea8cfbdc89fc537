import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errors } from "../../protocol/errors.ts";
import type { GpuRequest } from "../../services/ports/containers.ts";
import type { JsonObject } from "../../util/json.ts";
import { readSmallFile } from "../../util/safe-files.ts";

/*
 * Engines take a request for GPUs and may give others, or none. So the container looks itself, before the command:
 * it writes to gpus.txt what it sees, and goes on to the command only when that is what was asked for. nvidia-smi
 * tells most; without it the device files are counted.
 */

const FILE = "gpus.txt";
const LIMIT_BYTES = 64 * 1024;
/** Longest time for the look inside; nvidia-smi itself is bounded to less where the image can do that. */
const CHECK_MS = 60_000;
/** The check's own exit code when it stops the run. */
export const MISMATCH_CODE = 125;

const QUERY = "index,name,uuid,memory.total,driver_version,compute_cap";

/** $1: number of GPUs, or `all`; $2: words that must appear in what is seen; $3: `parts` to list these, too. */
const SCRIPT = `datmo_count=$1 datmo_ids=$2 datmo_parts=$3; shift 3
datmo_limit=; command -v timeout >/dev/null 2>&1 && datmo_limit='timeout 20'
datmo_file() { datmo_text=; [ -r "$1" ] && IFS= read -r datmo_text <"$1"; printf '%s' "$datmo_text"; }
datmo_seen() {
  if command -v nvidia-smi >/dev/null 2>&1; then
    datmo_list=$($datmo_limit nvidia-smi --query-gpu=${QUERY} --format=csv,noheader,nounits 2>/dev/null) || datmo_list=
    if [ -n "$datmo_list" ]; then
      printf '%s\\n' "$datmo_list" | while IFS= read -r datmo_one; do printf 'nvidia %s\\n' "$datmo_one"; done
      $datmo_limit nvidia-smi 2>/dev/null | while IFS= read -r datmo_one; do
        case $datmo_one in *'CUDA Version: '*) datmo_one=\${datmo_one#*CUDA Version: }; printf 'cuda %s\\n' "\${datmo_one%% *}" ;; esac
      done
      [ "$datmo_parts" = parts ] && $datmo_limit nvidia-smi -L 2>/dev/null | while IFS= read -r datmo_one; do
        case $datmo_one in *MIG*UUID:*) printf 'part %s\\n' "$datmo_one" ;; esac
      done
      return
    fi
  fi
  for datmo_one in /dev/nvidia[0-9]*; do [ -e "$datmo_one" ] && printf 'nvidia-device %s\\n' "$datmo_one"; done
  [ -e /dev/kfd ] && for datmo_one in /dev/dri/renderD*; do
    [ -e "$datmo_one" ] || continue
    datmo_at=/sys/class/drm/\${datmo_one##*/}/device
    printf 'amd-device %s|%s|%s|%s|%s\\n' "$datmo_one" "$(datmo_file $datmo_at/product_name)" "$(datmo_file $datmo_at/unique_id)" "$(datmo_file $datmo_at/mem_info_vram_total)" "$(datmo_file /sys/module/amdgpu/version)"
  done
}
datmo_text=$(datmo_seen)
datmo_number=0 datmo_isparts=
while IFS= read -r datmo_one; do
  case $datmo_one in part*) [ -n "$datmo_isparts" ] || datmo_number=0; datmo_isparts=1; datmo_number=$((datmo_number + 1)); continue ;; esac
  case $datmo_one in nvidia*|amd*) datmo_number=$((datmo_number + 1)) ;; esac
done <<END
$datmo_text
END
# Parts are listed by nvidia-smi alone; their devices do not tell how many there are.
[ "$datmo_parts" = parts ] && [ -z "$datmo_isparts" ] && datmo_count=all
datmo_end=ok
if [ "$datmo_count" = all ]; then [ "$datmo_number" -gt 0 ] || datmo_end=mismatch
else [ "$datmo_number" -eq "$datmo_count" ] || datmo_end=mismatch; fi
for datmo_one in $datmo_ids; do
  case $datmo_text in *"$datmo_one"*) ;; *) datmo_end=mismatch ;; esac
done
printf '%s\\nend %s\\n' "$datmo_text" "$datmo_end" >/task/.${FILE} && mv /task/.${FILE} /task/${FILE} || exit ${MISMATCH_CODE}
[ "$datmo_end" = ok ] || exit ${MISMATCH_CODE}
exec "$@"
`;

/** The words that look at the GPUs, then become the command. */
export function checkedWords(request: GpuRequest, words: readonly string[]): readonly string[] {
  const { count, ids, parts } = expected(request);
  return ["/bin/sh", "-c", SCRIPT, "datmo", count, ids.join(" "), parts ? "parts" : "whole", ...words];
}

/** How many are to be seen, and which ids among them. */
function expected(request: GpuRequest): { count: string; ids: readonly string[]; parts: boolean } {
  if (request.kind !== "devices") {
    return { count: request.kind === "all" ? "all" : String(request.count), ids: [], parts: false };
  }
  // A name of a device specification is the kind, and an id like all others.
  const names = request.ids.map((id) => id.slice(id.indexOf("=") + 1));
  const parts = names.some((name) => /^MIG-|^\d+:\d+$/.test(name));
  const isCounted = !names.includes("all") && !(parts && names.some((name) => !/^MIG-|^\d+:\d+$/.test(name)));
  const ids = names.filter((name) => /^(GPU|MIG)-|^renderD/.test(name));
  return { count: isCounted ? String(names.length) : "all", ids, parts };
}

/**
 * What a started container sees. `ended` is asked whether it has ended without a word. Throws GPU_MISMATCH when it
 * is not what was asked for, and GPU_NOT_AVAILABLE when nobody could look.
 */
export async function seenGpus(
  taskDirectory: string,
  request: GpuRequest,
  ended: () => Promise<boolean>,
): Promise<readonly JsonObject[]> {
  const until = Date.now() + CHECK_MS;
  let over = false;
  for (let turn = 1; ; turn++) {
    const text = await readReport(taskDirectory);
    if (text !== undefined) return judge(text, request);
    if (over) throw notChecked("the container ended before it said what it sees");
    if (Date.now() > until) throw notChecked(`no answer from inside within ${CHECK_MS / 1000} s`);
    await sleep(20);
    if (turn % 5 === 0) over = await ended();
  }
}

async function readReport(taskDirectory: string): Promise<string | undefined> {
  const content = await readSmallFile(join(taskDirectory, FILE), LIMIT_BYTES);
  const text = content?.toString("utf8") ?? "";
  return /^end (ok|mismatch)$/m.test(text) ? text : undefined;
}

function judge(text: string, request: GpuRequest): readonly JsonObject[] {
  const lines = text.split("\n");
  const cuda = lines.find((line) => line.startsWith("cuda "))?.slice(5);
  const gpus = lines.flatMap((line) => parseLine(line, cuda));
  if (/^end ok$/m.test(text)) return gpus;
  const seen = gpus.map((gpu) => String(gpu["uuid"] ?? gpu["device"])).join(", ");
  throw errors.GPU_MISMATCH({ asked: describe(request), seen: seen === "" ? "no GPU" : seen });
}

function parseLine(line: string, cuda: string | undefined): JsonObject[] {
  const device = /^nvidia-device (\S+)$/.exec(line)?.[1];
  if (device) return [{ vendor: "NVIDIA", device }];
  if (line.startsWith("amd-device ")) return [amdGpu(line.slice("amd-device ".length))];
  const part = /^part +(MIG \S+) +Device +\d+: \(UUID: (\S+)\)/.exec(line);
  if (part) return [{ vendor: "NVIDIA", model: part[1] ?? "", uuid: part[2] ?? "" }];
  if (!line.startsWith("nvidia ")) return [];
  const [index, model, uuid, memory, driver, capability] = line
    .slice(7)
    .split(",")
    .map((cell) => cell.trim());
  const mebibytes = Number(memory);
  return [
    {
      vendor: "NVIDIA",
      model: model ?? "",
      index: Number(index),
      uuid: uuid ?? "",
      ...(Number.isFinite(mebibytes) && { memoryBytes: mebibytes * 2 ** 20 }),
      driver: driver ?? "",
      ...(/^\d/.test(capability ?? "") && { computeCapability: capability ?? "" }),
      ...(cuda !== undefined && { cuda }),
    },
  ];
}

/** Of what the kernel shows, whatever there is: older drivers tell no name. */
function amdGpu(text: string): JsonObject {
  const [device = "", model = "", uuid = "", memory = "", driver = ""] = text.split("|");
  const memoryBytes = Number(memory);
  return {
    vendor: "AMD",
    device,
    ...(model !== "" && { model }),
    ...(uuid !== "" && { uuid }),
    ...(memoryBytes > 0 && { memoryBytes }),
    ...(driver !== "" && { driver }),
  };
}

function describe(request: GpuRequest): string {
  if (request.kind === "devices") return request.ids.join(", ");
  return request.kind === "all" ? "all" : String(request.count);
}

function notChecked(reason: string): Error {
  const how = "GPU images need /bin/sh, and a task folder that the container's user can write to.";
  return errors.GPU_NOT_AVAILABLE({ missing: "what the container sees could not be checked", how, reason });
}
