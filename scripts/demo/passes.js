import { isDeepStrictEqual } from 'node:util'

/**
 * Calls one function for every file, again and again: as it is (twice, the first time to warm up), then memoized cold, warm, after an invalidation and after the ttl.
 *
 * @typedef {import('./sources.js').SourceFile} SourceFile
 *
 * @typedef {object} Subject
 * @property {string} title
 * @property {(...args: any[]) => any} fn
 * @property {(file: SourceFile) => unknown[]} argsOf
 *
 * @typedef {object} Pass
 * @property {string} name
 * @property {number} calls made to the function itself
 * @property {number | undefined} hits
 * @property {number} ms
 *
 * @typedef {object} Measured
 * @property {string} title
 * @property {Pass[]} passes
 * @property {any[]} values of the first pass, one for each file
 * @property {number} ttl milliseconds
 * @property {number} invalidated
 * @property {string[]} wrong what should have been equal and was not
 * @property {any} memoized
 * @property {Subject} subject
 */

export const PASSES = 6
/** Every fourth file is invalidated. */
const SHARE = 4
const SHORTEST_TTL = 1500
/** A machine that was suddenly slower gets a longer ttl, so often. */
const TRIES = 4

/**
 * @param {typeof import('../../js/entry/inline.js').mime} mime
 * @param {Subject} subject
 * @param {SourceFile[]} files
 * @param {import('./progress.js').Progress} progress
 * @returns {Promise<Measured>}
 */
export async function measure(mime, subject, files, progress) {
  const runner = new Runner(subject, files, progress)
  // The engine compiles the parser while it first runs; that is no pass to compare with.
  await runner.pass('warming up', runner.counted, undefined)
  const plain = await runner.pass('without mime', runner.counted, undefined)
  let ttl = Math.max(SHORTEST_TTL, Math.ceil((2 * plain.ms + 1000) / 100) * 100)
  for (let tries = 1; ; tries++, ttl *= 3) {
    const measured = await memoizedPasses(mime, runner, plain, ttl)
    if (measured !== undefined) return measured
    if (tries === TRIES)
      throw new Error(`the passes took longer than a ttl of ${ttl} ms; try --files with fewer`)
  }
}

/**
 * @param {typeof import('../../js/entry/inline.js').mime} mime
 * @param {Runner} runner
 * @param {Pass & { values: any[] }} plain
 * @param {number} ttl
 * @returns {Promise<Measured | undefined>} undefined when entries expired before their time came in the script
 */
async function memoizedPasses(mime, runner, plain, ttl) {
  const { subject, files, progress } = runner
  const memoized = mime(runner.counted, { ttl: `${ttl}ms`, maxEntries: files.length * 2 })
  const start = performance.now()
  const cold = await runner.pass('cold', memoized, memoized)
  const warm = await runner.pass('warm', memoized, memoized)
  const chosen = files.filter((_, i) => i % SHARE === 0)
  const known = chosen.filter(file => memoized.invalidate(...subject.argsOf(file)))
  const partial = await runner.pass(`${chosen.length} invalidated`, memoized, memoized)
  const last = performance.now()
  if (last - start >= ttl) {
    progress.note(`${subject.title}: slower than expected, once more with a longer ttl`)
    return undefined
  }
  await runner.wait(ttl - (performance.now() - last) + 5)
  const late = await runner.pass(`after the ttl`, memoized, memoized)

  const wrong = []
  if (known.length !== chosen.length)
    wrong.push(`${chosen.length - known.length} entries were not there to invalidate`)
  for (const { name, values } of [cold, warm, partial, late]) {
    const at = values.findIndex((value, i) => !isDeepStrictEqual(value, plain.values[i]))
    if (at >= 0) wrong.push(`${name} gave another answer for ${files[at].name}`)
  }
  const passes = [plain, cold, warm, partial, late]
  const invalidated = chosen.length
  return { title: subject.title, passes, values: plain.values, ttl, invalidated, wrong, memoized, subject }
}

class Runner {
  calls = 0

  /** @param {Subject} subject @param {SourceFile[]} files @param {import('./progress.js').Progress} progress */
  constructor(subject, files, progress) {
    this.subject = subject
    this.files = files
    this.progress = progress
    /** The function, and a count of its own beside what `stats()` says. @param {any[]} args */
    this.counted = (...args) => {
      this.calls++
      return subject.fn(...args)
    }
  }

  /**
   * @param {string} name
   * @param {(...args: any[]) => any} call
   * @param {any} memoized
   * @returns {Promise<Pass & { values: any[] }>}
   */
  async pass(name, call, memoized) {
    const { subject, files, progress } = this
    progress.begin(`${subject.title}: ${name}`)
    const before = { calls: this.calls, hits: memoized?.stats().hits }
    const values = []
    const start = performance.now()
    for (const file of files) {
      const value = call(...subject.argsOf(file))
      values.push(value instanceof Promise ? await value : value)
      progress.step()
    }
    const ms = performance.now() - start
    const hits = memoized && memoized.stats().hits - before.hits
    return { name, calls: this.calls - before.calls, hits, ms, values }
  }

  /** A real wait: nobody moves a clock. @param {number} ms */
  async wait(ms) {
    this.progress.begin(`${this.subject.title}: waiting ${(ms / 1000).toFixed(1)} s for the ttl to pass`)
    await new Promise(resolve => setTimeout(resolve, ms))
  }
}
