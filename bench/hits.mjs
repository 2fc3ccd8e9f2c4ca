// npm run bench:hits: hit ratios of the real index on recorded traces, beside other policies.
//
//     --traces folder   NAME.u32.xz and baselines.csv; or MIMIC_TRACES; ../shared/traces without either
//     --only name       the traces whose name contains it
//     --svg file        where the picture goes; bench/hits.svg without it, when all traces were run
//
// bench/hits/ replays the traces. What the others reach is not measured here: it is taken from the folder's baselines.csv.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { picture } from './lib/picture.mjs'
import { table } from './lib/table.mjs'
import { root } from './lib/native.mjs'
import { baselinesOf, replayNatively, traceFolder } from './lib/traces.mjs'

/** Columns of baselines.csv, and their names here. The first is what the gap is counted from, the last what to. */
const OTHERS = {
  lru: 'LRU',
  sieve: 'SIEVE',
  s3fifo: 'S3-FIFO',
  arc: 'ARC',
  caffeineHEAD: 'Caffeine',
  min: 'optimum',
}
const OURS = 'my-mimic'
const NAMES = [...Object.values(OTHERS).slice(0, -1), OURS, OTHERS.min]

/** A trace whose optimum is less than a point above LRU says nothing about the gap. */
const GAP_FROM = 1

const { values } = parseArgs({
  options: { traces: { type: 'string' }, only: { type: 'string' }, svg: { type: 'string' } },
})
const folder = traceFolder('bench:hits', values.traces)

const points = measure()
const traces = [...new Set(points.map(({ trace }) => trace))]
const rows = traces.map(trace => ({
  trace,
  ratios: means(points.filter(point => point.trace === trace).map(({ ratios }) => ratios)),
}))
print()
const svg = values.svg ?? (values.only === undefined ? join(root, 'bench', 'hits.svg') : undefined)
if (svg) {
  writeFileSync(svg, picture(traces, NAMES, points))
  console.log(`\ndrawn: ${resolve(svg)}`)
}

/** Every trace and capacity, with the hit ratio of each policy in percent. */
function measure() {
  const measured = new Map(
    replayNatively('bench:hits', folder, values.only).map(({ trace, capacity, requests, hits }) => [
      `${trace} ${capacity}`,
      (100 * hits) / requests,
    ]),
  )
  return baselinesOf(folder)
    .filter(({ trace, capacity }) => measured.has(`${trace} ${capacity}`))
    .map(line => ({
      trace: line.trace,
      capacity: Number(line.capacity),
      ratios: {
        ...Object.fromEntries(Object.entries(OTHERS).map(([column, name]) => [name, Number(line[column])])),
        [OURS]: measured.get(`${line.trace} ${line.capacity}`),
      },
    }))
}

/** @param {Record<string, number>[]} ratios @returns {Record<string, number>} */
function means(ratios) {
  const mean = name => ratios.reduce((sum, of) => sum + of[name], 0) / ratios.length
  return Object.fromEntries(NAMES.map(name => [name, mean(name)]))
}

/** Of the way from LRU to the optimum, how much in percent. @param {Record<string, number>} ratios */
function gaps(ratios) {
  const way = ratios[OTHERS.min] - ratios[OTHERS.lru]
  return Object.fromEntries(NAMES.map(name => [name, (100 * (ratios[name] - ratios[OTHERS.lru])) / way]))
}

function print() {
  const line = (name, of, digits = 2) => [name, ...NAMES.map(policy => of[policy].toFixed(digits))]
  const apart = rows.filter(({ ratios }) => ratios[OTHERS.min] - ratios[OTHERS.lru] >= GAP_FROM)
  console.log(
    `Hit ratio in percent, mean over a trace's capacities; ${OURS} measured, the others from ${join(folder, 'baselines.csv')}\n`,
  )
  const lines = [
    ['hit ratio %', ...NAMES],
    ...rows.map(({ trace, ratios }) => line(trace, ratios)),
    line('mean', means(rows.map(({ ratios }) => ratios))),
  ]
  if (apart.length > 0) lines.push(line('gap closed %', means(apart.map(({ ratios }) => gaps(ratios))), 1))
  console.log(table(lines))
}
