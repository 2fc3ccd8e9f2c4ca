// The one place of the size budget, in bytes. scripts/exercise.mjs fails the build above it, tests/js/build.test.mjs the tests.
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

export const WASM_GZIP_BUDGET = 62 * 1024

/** @param {Uint8Array} bytes */
export function sizes(bytes) {
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })
      .length,
  }
}
