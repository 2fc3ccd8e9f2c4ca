// npm run bench:keys: the way of a hit beside a Map with the obvious key, hash() beside object-hash and ohash, and what they aim at. `floor` is the
// part of it that nothing can do without: see lib/floors.mjs.
import { hasHash, keys } from './cases/keys.mjs'
import { main } from './lib/main.mjs'
import { nanoseconds, table, times } from './lib/table.mjs'

function print(results) {
  const rows = [['case', 'my-mimic ns', 'beside', 'ns', 'times as fast', 'aim', '']]
  for (const { name, measured, targets = {} } of results) {
    const own = measured.find(contender => contender.name === 'my-mimic')
    const floor = measured.find(contender => contender.name === 'floor')
    for (const contender of measured) {
      if (contender === own) continue
      const ratio = own && contender.times
      const target = targets[contender.name]
      rows.push([
        name,
        own ? nanoseconds(own.ns) : '–',
        contender.name,
        nanoseconds(contender.ns),
        ratio ? times(ratio) : '–',
        target ? times(target) : '',
        ratio && target ? verdict(ratio, target, contender, floor) : '',
      ])
    }
  }
  console.log(`\n${table(rows)}`)
  if (!hasHash)
    console.log(
      '\nhash() is not exported by this version: its aims (10× object-hash, 4× ohash) were not measured.',
    )
}

/** An aim that leaves less time than the floor takes is out of reach, whatever the code. */
function verdict(ratio, target, contender, floor) {
  if (ratio >= target) return 'reached'
  return floor && floor.ns > contender.ns / target
    ? `out of reach: below ${nanoseconds(contender.ns / target)}`
    : 'missed'
}

await main(import.meta.url, keys, print)
