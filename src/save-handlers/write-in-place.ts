import { systemCalls } from './system-calls.ts'

/**
 * Makes `bytes` the whole content of the open file, on the same inode, where `old` is what it holds now.
 * After an error the file holds `old`.
 */
export function writeInPlace(fd: number, old: Uint8Array, bytes: Uint8Array): void {
  const { pwrite, ftruncate } = systemCalls()
  let written = 0
  try {
    while (written < bytes.length) {
      written += pwrite(fd, bytes.subarray(written), written)
    }
    if (bytes.length < old.length) {
      ftruncate(fd, bytes.length)
    }
  } catch (error) {
    if (old.length > 0) {
      pwrite(fd, old, 0)
    }
    ftruncate(fd, old.length)
    throw error
  }
}
