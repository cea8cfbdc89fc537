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

/** $1: number of GPUs, or `all`; $2: words that must appear in what is seen. Then the command. */
const SCRIPT = `datmo_count=$1 datmo_ids=$2; shift 2
datmo_limit=; command -v timeout >/dev/null 2>&1 && datmo_limit='timeout 20'
datmo_seen() {
  if command -v nvidia-smi >/dev/null 2>&1; then
    datmo_list=$($datmo_limit nvidia-smi --query-gpu=${QUERY} --format=csv,noheader,nounits 2>/dev/null) || datmo_list=
    if [ -n "$datmo_list" ]; then
      printf '%s\\n' "$datmo_list" | while IFS= read -r datmo_one; do printf 'nvidia %s\\n' "$datmo_one"; done
      $datmo_limit nvidia-smi 2>/dev/null | while IFS= read -r datmo_one; do
        case $datmo_one in *'CUDA Version: '*) datmo_one=\${datmo_one#*CUDA Version: }; printf 'cuda %s\\n' "\${datmo_one%% *}" ;; esac
      done
      return
    fi
  fi
  for datmo_one in /dev/nvidia[0-9]*; do [ -e "$datmo_one" ] && printf 'nvidia-device %s\\n' "$datmo_one"; done
  [ -e /dev/kfd ] && for datmo_one in /dev/dri/renderD*; do [ -e "$datmo_one" ] && printf 'amd-device %s\\n' "$datmo_one"; done
}
datmo_text=$(datmo_seen)
datmo_number=0
while IFS= read -r datmo_one; do
  case $datmo_one in nvidia*|amd*) datmo_number=$((datmo_number + 1)) ;; esac
done <<END
$datmo_text
END
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
  const count =
    request.kind === "all" ? "all" : request.kind === "count" ? request.count : request.ids.length;
  const isParts = request.kind === "devices" && request.ids.some((id) => /^MIG-|:/.test(id));
  const uuids = request.kind === "devices" ? request.ids.filter((id) => id.startsWith("GPU-")) : [];
  // Parts of a GPU are not listed one by one.
  return ["/bin/sh", "-c", SCRIPT, "datmo", isParts ? "all" : String(count), uuids.join(" "), ...words];
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
  const device = /^(nvidia|amd)-device (\S+)$/.exec(line);
  if (device) return [{ vendor: device[1] === "amd" ? "AMD" : "NVIDIA", device: device[2] ?? "" }];
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

function describe(request: GpuRequest): string {
  if (request.kind === "devices") return request.ids.join(", ");
  return request.kind === "all" ? "all" : String(request.count);
}

function notChecked(reason: string): Error {
  const how = "GPU images need /bin/sh, and a task folder that the container's user can write to.";
  return errors.GPU_NOT_AVAILABLE({ missing: "what the container sees could not be checked", how, reason });
}
