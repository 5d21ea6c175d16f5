import { readFileSync } from 'node:fs';

/** The greatest memory of this program so far, in MB. `maxRSS` counts what started it, too. */
export function peakRssMB(): number {
  try {
    const [, kilobytes] = readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+)/) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) / 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS / 1024;
}
