import type { Variables } from "../../util/executables.ts";

/** Variables that change results or speed without a trace in code or config. */
const STEERING = new Set([
  "PYTHONHASHSEED",
  "CUBLAS_WORKSPACE_CONFIG",
  "CUDA_VISIBLE_DEVICES",
  "CUDA_LAUNCH_BLOCKING",
  "HIP_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
  "NVIDIA_TF32_OVERRIDE",
  "NCCL_ALGO",
  "NCCL_PROTO",
  "OMP_NUM_THREADS",
  "OMP_DYNAMIC",
  "MKL_NUM_THREADS",
  "MKL_CBWR",
  "MKL_DYNAMIC",
  "OPENBLAS_NUM_THREADS",
  "NUMEXPR_NUM_THREADS",
  "VECLIB_MAXIMUM_THREADS",
  "RCPP_PARALLEL_NUM_THREADS",
  "TF_DETERMINISTIC_OPS",
  "TF_CUDNN_DETERMINISTIC",
  "TF_ENABLE_ONEDNN_OPTS",
  "TF_FORCE_GPU_ALLOW_GROWTH",
  "XLA_FLAGS",
  "JAX_ENABLE_X64",
  "JAX_PLATFORMS",
  "PYTORCH_CUDA_ALLOC_CONF",
  "PYTORCH_ENABLE_MPS_FALLBACK",
  "TOKENIZERS_PARALLELISM",
  "KMP_DETERMINISTIC_REDUCTION",
  "TZ",
  "LANG",
  "LC_ALL",
]);

const LONGEST = 1_000;

/** The steering variables that are set; of other names only seeds, and only when they are numbers. */
export function steeringVariables(variables: Variables): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(variables).sort()) {
    const value = variables[name];
    if (value === undefined || value.length > LONGEST) continue;
    if (STEERING.has(name) || isSeed(name, value)) found[name] = value;
  }
  return found;
}

/** A seed that is no number may be the seed phrase of a wallet. */
function isSeed(name: string, value: string): boolean {
  return /(?:^|_)SEED$/i.test(name) && /^-?\d{1,20}$/.test(value);
}
