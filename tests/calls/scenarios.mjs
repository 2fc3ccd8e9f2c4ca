import { aborts } from './aborts.mjs'
import { errors } from './errors.mjs'
import { flights } from './flights.mjs'
import { invalidation } from './invalidation.mjs'
import { stale } from './stale.mjs'
import { tags } from './tags.mjs'
import { time } from './time.mjs'
import { values } from './values.mjs'

/** @type {{ title: string, scenarios: import('./scenario.mjs').Scenario[] }[]} */
export const groups = [
  { title: 'Values', scenarios: values },
  { title: 'Errors', scenarios: errors },
  { title: 'Loads', scenarios: flights },
  { title: 'Forgetting and refreshing', scenarios: invalidation },
  { title: 'Tags', scenarios: tags },
  { title: 'Stale values', scenarios: stale },
  { title: 'AbortSignal', scenarios: aborts },
  { title: 'Time', scenarios: time },
]

export const scenarios = groups.flatMap(group => group.scenarios)
