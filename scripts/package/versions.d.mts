export function productVersion(root: string): string;
export function pythonVersion(version: string): string;
export function rVersion(version: string): string;
export function assertVersion(path: string, pattern: RegExp, version: string): void;
