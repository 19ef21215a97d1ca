import { describeDevice, readDevice } from '@portcullis/runtime/device'

/**
 * Whether a `User-Agent` is the device that a selector names: as lists of sessions call it (`Firefox on Linux`), or by its
 * browser, its program or its system alone. The case of letters does not count. Pure.
 */
export function isDevice(userAgent: string, wanted: string): boolean {
  const device = readDevice(userAgent)
  const names = [
    describeDevice(userAgent),
    'name' in device ? device.name : undefined,
    'system' in device ? device.system : undefined,
    ...('languages' in device ? device.languages : []),
  ]
  return names.some((name) => name?.toLowerCase() === wanted.toLowerCase())
}
