/**
 * The longest tasks of a page by their own CPU time, out of a trace: on a machine that does other things too, a task that is interrupted looks longer
 * than it is. Only those between the marks `begin` and `end` count.
 *
 * @template T
 * @param {import('playwright-core').Page} page
 * @param {() => Promise<T>} run
 * @returns {Promise<{ result: T, cpu: number }>} milliseconds
 */
export async function traced(page, run) {
  const session = await page.context().newCDPSession(page)
  /** @type {any[]} */
  const events = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value))
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'blink.user_timing'] },
  })
  const result = await run()
  const complete = new Promise(resolve => session.on('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await complete
  const markAt = name => events.find(event => event.name === name && event.cat.includes('user_timing'))
  const [begin, end] = [markAt('begin'), markAt('end')]
  const tasks = events.filter(
    ({ name, tid, pid, ts, tdur }) =>
      name === 'ThreadControllerImpl::RunTask' &&
      tdur !== undefined &&
      pid === begin.pid &&
      tid === begin.tid &&
      ts > begin.ts &&
      ts < end.ts,
  )
  if (tasks.length === 0) throw new Error('no task was traced')
  return { result, cpu: tasks.reduce((longest, { tdur }) => Math.max(longest, tdur), 0) / 1000 }
}
