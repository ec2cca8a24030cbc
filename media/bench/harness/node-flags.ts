/** How the chart starts Node for each process (NODE_OPTIONS in its templates): how much room young objects have. */
export const nodeFlags = Object.freeze({
  ingest: ['--max-semi-space-size=8'],
  stream: ['--max-semi-space-size=8'],
  transcoder: ['--max-semi-space-size=1'],
  edge: ['--max-semi-space-size=8'],
})
