/** Reads a counter of a service's metrics page, summed over the labels that hold `label`; 0 when it was never counted. */
export async function counterOf(metricsUrl: string, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`${metricsUrl}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith(name) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
