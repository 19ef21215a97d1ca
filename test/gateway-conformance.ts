import { afterAll, expect } from 'vitest'

/**
 * Holds every answer that a test of the gateway fetches against the OpenAPI document. Those tests speak to the gateway by the
 * platform's own `fetch`, so it is watched there; a file fails at its end where an answer was not as documented.
 */
const watched = /\/services\/gateway\/src\/app-[\w-]+\.test\.ts$/

if (watched.test(expect.getState().testPath ?? '')) {
  // Here, so that no other test pays for the validator.
  const { buildOpenApi } = await import('@portcullis/contracts/openapi')
  const { judgeBy } = await import('@portcullis/testkit/conformance')
  const judge = judgeBy(buildOpenApi({ title: 'Portcullis', serverUrl: 'https://account.acme.example' }))
  const faults = new Set<string>()
  const platformFetch = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const response = await platformFetch(input, init)
    const { method, url: asked } = new Request(input, init)
    const url = new URL(asked)
    const bytes = new Uint8Array(await response.clone().arrayBuffer())
    for (const fault of judge({ method, url, status: response.status, headers: response.headers, bytes })) {
      faults.add(`${method} ${url.pathname} ${response.status}: ${fault}`)
    }
    return response
  }
  afterAll(() => {
    globalThis.fetch = platformFetch
    if (faults.size > 0) throw new Error(`not as /openapi.json documents it:\n${[...faults].join('\n')}`)
  })
}
