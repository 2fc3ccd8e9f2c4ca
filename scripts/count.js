// Reads how many tests ran from what a test runner printed.

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/** @param {import('./suites.js').Kind} kind @param {string} output @param {boolean} ok whether the command ended with 0 @returns {Count} */
export function count(kind, output, ok) {
  const text = output.replace(/\u001b\[[0-9;]*m/g, '')
  if (kind === 'checks') return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }
  const counted = kind === 'node' ? countNode(text) : add(countCargo(text), countNextest(text))
  // A compiler's error or a crash fails the command without failing a test.
  if (!ok && counted.failed === 0) counted.failed = 1
  return counted
}

/** @param {Count} a @param {Count} b @returns {Count} */
export function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** @param {Count} counted */
export function executed({ passed, failed }) {
  return passed + failed
}

/** `ℹ pass 3`, the closing lines of node's spec reporter. @param {string} text */
function countNode(text) {
  const of = /** @param {string} word */ word => sum(text, new RegExp(`^ℹ ${word} (\\d+)$`, 'gm'))
  return { passed: of('pass'), failed: of('fail') + of('cancelled'), skipped: of('skipped') + of('todo') }
}

/** `test result: ok. 3 passed; 0 failed; 1 ignored; …`, one line for each test binary. @param {string} text */
function countCargo(text) {
  const line = String.raw`^test result: \w+\. (?:\d+ passed; )?(?:\d+ failed; )?`
  return {
    passed: sum(text, /^test result: \w+\. (\d+) passed/gm),
    failed: sum(text, /^test result: \w+\. \d+ passed; (\d+) failed/gm),
    skipped: sum(text, new RegExp(`${line}(\\d+) ignored`, 'gm')),
  }
}

/** `Summary [ 0.1s] 3 tests run: 2 passed (1 slow), 1 failed, 0 skipped`. @param {string} text */
function countNextest(text) {
  const run = sum(text, /^\s*Summary \[.*?\] +(?:\d+\/)?(\d+) tests? run:/gm)
  const passed = sum(text, /^\s*Summary \[.*?\].*?: (\d+) passed/gm)
  // Timed out and not executed count as failed.
  return { passed, failed: run - passed, skipped: sum(text, /^\s*Summary \[.*\] .*?(\d+) skipped/gm) }
}

/** @param {string} text @param {RegExp} pattern */
function sum(text, pattern) {
  let total = 0
  for (const match of text.matchAll(pattern)) total += Number(match[1])
  return total
}
