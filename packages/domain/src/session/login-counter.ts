/** Name under which wrong passwords for an address are counted; those of a device that has logged in before, apart. */
export function loginCounter(emailKey: string, deviceId?: string): string {
  return deviceId === undefined ? `login|password|${emailKey}` : `login|password|${emailKey}|device|${deviceId}`
}
