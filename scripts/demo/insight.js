import { relative } from 'node:path'
import { time } from './table.js'

/**
 * A few lines on what was found, and what `stats()` says.
 * @param {import('./passes.js').Measured[]} results the parser's, the digest's
 * @param {import('./sources.js').Sources} sources
 * @param {string} directory
 */
export async function insight([parsed, digested], { files }, directory) {
  /** @type {import('./statistics.js').Statistics[]} */
  const found = parsed.values
  const broken = found
    .map((value, i) => ({ value, file: files[i] }))
    .filter(({ value }) => value.error !== undefined)
  const total = name => found.reduce((sum, value) => sum + value[name], 0)
  const bytes = digested.values.reduce((sum, value) => sum + value.bytes, 0)
  const lines = [
    `found       ${counted(total('lines'), 'line')} in ${(bytes / 1e6).toFixed(2)} MB: ${[
      counted(total('functions'), 'function'),
      counted(total('classes'), 'class', 'classes'),
      counted(total('imports'), 'import'),
      counted(total('exports'), 'export'),
      counted(total('branches'), 'branch', 'branches'),
    ].join(', ')}`,
    ...extremes(found, files),
  ]
  if (broken.length > 0) {
    const { file, value } = broken[0]
    const does = broken.length === 1 ? 'file does' : 'files do'
    lines.push(
      `unparsed    ${broken.length} ${does} not parse, first ${place(file)}: ${value.error?.split('\n')[0]}`,
    )
  } else lines.push('unparsed    none: every file parses')
  lines.push(await together(digested, files[0]))
  for (const { title, memoized, ttl } of [parsed, digested])
    lines.push(...statsLines(title, memoized.stats(), ttl))
  return lines.join('\n')

  /** @param {import('./sources.js').SourceFile} file */
  function place(file) {
    return relative(directory, file.path)
  }

  /** @param {import('./statistics.js').Statistics[]} found @param {import('./sources.js').SourceFile[]} files */
  function extremes(found, files) {
    const lines = []
    const deepest = indexOfMost(found, value => value.depth)
    if (found[deepest].depth > 0)
      lines.push(`deepest     ${found[deepest].depth} blocks, ${place(files[deepest])}`)
    const longest = indexOfMost(found, value => value.longest?.lines ?? 0)
    const record = found[longest].longest
    if (record)
      lines.push(`longest     ${record.name}, ${record.lines} lines, ${place(files[longest])}:${record.line}`)
    return lines
  }
}

/** @param {number} n @param {string} one @param {string} [many] */
function counted(n, one, many = `${one}s`) {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}

/** @template T @param {T[]} list @param {(item: T) => number} size */
function indexOfMost(list, size) {
  let best = 0
  for (let i = 1; i < list.length; i++) if (size(list[i]) > size(list[best])) best = i
  return best
}

/** Callers who come while a load runs join it. @param {import('./passes.js').Measured} digested @param {import('./sources.js').SourceFile} file */
async function together({ memoized, subject }, file) {
  const args = subject.argsOf(file)
  memoized.invalidate(...args)
  const before = memoized.stats()
  await Promise.all(Array.from({ length: 10 }, () => memoized(...args)))
  const { loads, coalesced } = memoized.stats()
  return `together    10 callers at once: ${counted(loads - before.loads, 'call')}, ${coalesced - before.coalesced} joined it`
}

/** @param {string} title @param {any} stats @param {number} ttl */
function statsLines(title, { hits, misses, coalesced, loads, errors, entries, bytes, removals }, ttl) {
  const gone = Object.entries(removals).filter(([, n]) => n > 0)
  const size = `${entries} entries of ${time(ttl)}, ${(bytes / 1024).toFixed(0)} KiB of keys`
  return [
    `stats()     ${title}: ${size}; removed: ${gone.map(([cause, n]) => `${n} ${cause}`).join(', ')}`,
    `            ${hits} hits, ${misses} misses, ${coalesced} coalesced, ${loads} loads, ${errors} errors`,
  ]
}
