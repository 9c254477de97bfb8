/**
 * What is changed in postgres.js 3.4.9 (porsager/postgres #1066, #1154, #1208, no release has it): a backend that dies
 * must cost its queries, never the process, and never let a transaction go on through somebody else's connection; and
 * who waits for a connection may stop waiting; a server that went away without a word is not waited for.
 * @type {import('./apply.js').Patch}
 */
export const postgres = {
	package: 'postgres',
	version: '3.4.9',
	files: {
		'src/connection.js': [
			// A statement of a transaction whose socket is gone. "true" leaves the connection among the closed ones.
			[
				`    if (stream)
      return queryError(q, Errors.generic('COPY_IN_PROGRESS'`,
				`    if (!socket)
      return (queryError(q, Errors.connection('CONNECTION_CLOSED', options)), true)

    if (stream)
      return queryError(q, Errors.generic('COPY_IN_PROGRESS'`
			],
			// A statement ends within its time limit. A server that is silent for longer went away without a word, and the
			// system waits for it a quarter of an hour. A process that was stopped meanwhile reads first what came.
			[
				`      keep_alive && socket.setKeepAlive && socket.setKeepAlive(true, 1000 * keep_alive)
`,
				`      keep_alive && socket.setKeepAlive && socket.setKeepAlive(true, 1000 * keep_alive)
      leaveWhenSilent(socket, 1.25 * parseInt(options.connection.statement_timeout))
`
			],
			[
				`  function error(err) {
    if (connection.queue`,
				`  function leaveWhenSilent(asked, ms) {
    ms > 0 && asked.setTimeout(ms).on('timeout', () => {
      const read = asked.bytesRead
      setImmediate(() => query && asked.bytesRead === read && asked.destroy())
    })
  }

  function error(err) {
    if (connection.queue`
			],
			// An answer to the server's handshake that comes too late: as a timer's throw it would end the process.
			[
				`  function write(x, fn) {
    chunk = chunk ?`,
				`  function write(x, fn) {
    if (!socket)
      return true

    chunk = chunk ?`
			],
			// A backend that dies while a new connection asks for its types: the waiting query is told, nobody waits for this.
			[`        return fetchArrayTypes()\n`, `        return fetchArrayTypes().catch(noop)\n`],
			// A timer that was cleared but still looked set kept everything later from being sent; old bytes went out first.
			[
				`    clearImmediate(nextWriteTimer)
    if (socket) {`,
				`    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    if (socket) {`
			],
			[
				`    clearImmediate(nextWriteTimer)
    socket.removeListener('data', data)`,
				`    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    socket.removeListener('data', data)`
			]
		],
		'src/index.js': [
			// Only what still waits for a connection can leave: a query that opens one would leave it open and unused. "late"
			// says why (db/boundWait.ts).
			[
				`        : (
          queries.remove(query),
          query.cancelled = true,
          query.reject(Errors.generic('57014', 'canceling statement due to user request')),
          resolve()
        )`,
				`        : (
          queries.remove(query) && (
            query.cancelled = true,
            query.reject(query.late || Errors.generic('57014', 'canceling statement due to user request'))
          ),
          resolve()
        )`
			],
			// A transaction that lost its connection is over, also when the pool has opened that connection anew.
			[
				`    let savepoints = 0
      , connection
      , prepare = null
`,
				`    let savepoints = 0
      , connection
      , prepare = null
      , lost = null
`
			],
			[
				`        new Promise((_, reject) => connection.onclose = reject)
`,
				`        new Promise((_, reject) => connection.onclose = e => {
          lost = e
          while (queries.length)
            queries.shift().reject(e)
          reject(e)
        })
`
			],
			[
				`        q.catch(e => uncaughtError || (uncaughtError = e))
        c.queue === full`,
				`        q.catch(e => uncaughtError || (uncaughtError = e))
        if (lost)
          return q.reject(lost)

        c.queue === full`
			]
		]
	}
};
