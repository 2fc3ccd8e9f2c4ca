const COLLECTIONS = ['MinorGC', 'MajorGC']

/**
 * The longest tasks of a page by their own CPU time, out of a trace: on a machine that does other things too, a task that is interrupted looks longer
 * than it is. Once with the garbage collector, whose tasks are mostly its own, and once without. Only those between the marks `begin` and `end` count.
 *
 * @template T
 * @param {import('playwright-core').Page} page
 * @param {() => Promise<T>} run
 * @returns {Promise<{ result: T, cpu: number, own: number }>} milliseconds
 */
export async function traced(page, run) {
  const session = await page.context().newCDPSession(page)
  /** @type {any[]} */
  const events = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value))
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'blink.user_timing', 'devtools.timeline', 'v8'] },
  })
  const result = await run()
  const complete = new Promise(resolve => session.on('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await complete
  const markAt = name => events.find(event => event.name === name && event.cat.includes('user_timing'))
  const [begin, end] = [markAt('begin'), markAt('end')]
  const mine = events.filter(
    ({ tid, pid, ts, tdur }) =>
      tdur !== undefined && pid === begin.pid && tid === begin.tid && ts > begin.ts && ts < end.ts,
  )
  const tasks = mine.filter(({ name }) => name === 'ThreadControllerImpl::RunTask')
  if (tasks.length === 0) throw new Error('no task was traced')
  const collections = mine.filter(({ name }) => COLLECTIONS.includes(name))
  const own = tasks.map(task => {
    const within = collections.filter(({ ts }) => ts >= task.ts && ts < task.ts + task.dur)
    return cpuOf(task) - within.reduce((sum, collection) => sum + cpuOf(collection), 0)
  })
  return { result, cpu: Math.max(...tasks.map(cpuOf)), own: Math.max(...own) }
}

/** The thread's clock is coarse in places: no task takes more of it than of the other. @param {{ dur: number, tdur: number }} event @returns {number} milliseconds */
const cpuOf = ({ dur, tdur }) => Math.min(dur, tdur) / 1000
