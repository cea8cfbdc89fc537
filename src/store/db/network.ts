import type { Files } from "./files.ts";

/** Magic numbers of network file systems in statfs(2): NFS, SMB, CIFS, AFS, Ceph, 9P, Lustre, GPFS, BeeGFS. */
const NETWORK_TYPES = new Set([
  0x6969, 0x517b, 0xfe534d42, 0xff534d42, 0x5346414f, 0x00c36400, 0x01021997, 0x0bd00bd0, 0x47504653,
  0x19830326,
]);

/** True when a folder lies on a network file system, where other machines' changes show late and in any order. */
export function isOnNetwork(files: Files, directory: string): boolean {
  try {
    return NETWORK_TYPES.has(files.fileSystemType(directory) >>> 0);
  } catch {
    return false;
  }
}
