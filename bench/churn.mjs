// npm run bench:churn: how much wasm memory a full index takes while entries come and go, all new, for as long as it takes.
//
//     --inserts n   100,000,000 without it
//     --entries n   at most; 1,000,000 without it
//
// In the core, without a function around it: a miss and a commit each, with a ttl, a key of five cells as a string of 24 units makes.
import { parseArgs } from 'node:util'
import { churn } from './lib/churn.mjs'
import { table } from './lib/table.mjs'

const MOST_GROWTH = 1.2

const { values } = parseArgs({
  options: {
    inserts: { type: 'string', default: '100000000' },
    entries: { type: 'string', default: '1000000' },
  },
})
const entries = Number(values.entries)
const inserts = Number(values.inserts)
const number = value => value.toLocaleString('en', { maximumFractionDigits: 2 })

const rows = [['inserts', 'wasm memory, MB', 'of that after the first fill']]
let filled = 0
for (const [count, bytes] of churn(entries, inserts)) {
  if (filled === 0) filled = bytes
  rows.push([number(count), number(bytes / 1e6), number(bytes / filled)])
  console.error(`${number(count)} inserts: ${number(bytes / 1e6)} MB`)
}
console.log(`Node ${process.versions.node}; at most ${number(entries)} entries\n\n${table(rows)}`)
const growth = Number(rows.at(-1)?.[2])
console.log(`\n${growth <= MOST_GROWTH ? 'reached' : 'missed'}: at most ${MOST_GROWTH} times`)
