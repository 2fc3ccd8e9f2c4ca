import { nanoseconds, table, times } from './table.mjs'

/**
 * The cases of a bench file beside those they are measured against, and what each aims at.
 * @param {import('./main.mjs').Result[]} results
 */
export function printAims(results) {
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
}

/** An aim that leaves less time than the floor takes is out of reach, whatever the code. */
function verdict(ratio, target, contender, floor) {
  if (ratio >= target) return 'reached'
  return floor && floor.ns > contender.ns / target
    ? `out of reach: below ${nanoseconds(contender.ns / target)}`
    : 'missed'
}
