/** The four doors of the platform on 127.0.0.1, and the port of the LoadBalancer Service behind each. */
export const doors = {
  http: { variable: 'MYTAEK1_HTTP_PORT', defaultPort: 8080, servicePort: 80 },
  https: { variable: 'MYTAEK1_HTTPS_PORT', defaultPort: 8443, servicePort: 443 },
  rtmp: { variable: 'MYTAEK1_RTMP_PORT', defaultPort: 1935, servicePort: 1935 },
  rtmps: { variable: 'MYTAEK1_RTMPS_PORT', defaultPort: 1936, servicePort: 1936 },
} as const

/** The name of one door. */
export type DoorName = keyof typeof doors

/** The host port of each door. */
export type Ports = Record<DoorName, number>

/** All doors, in the order people are told of them. */
export const doorNames = Object.keys(doors) as DoorName[]

/** A setting in the environment that cannot be used; the message names every bad one. */
export class BadSettingsError extends Error {
  readonly code = 'bad_settings'
}

/**
 * Reads the host ports from the environment.
 *
 * @throws {BadSettingsError} a value is no port, or two doors share one; every such variable is named.
 */
export function readPorts(env: NodeJS.ProcessEnv): Ports {
  const problems: string[] = []
  const ports = {} as Ports
  const owners = new Map<number, string>()
  for (const name of doorNames) {
    const { variable, defaultPort } = doors[name]
    const text = env[variable] ?? String(defaultPort)
    const port = Number(text)
    if (!/^\d+$/.test(text) || port < 1 || port > 65_535) problems.push(`${variable}=${text} is no port (1 to 65535)`)
    const owner = owners.get(port)
    if (owner !== undefined) problems.push(`${variable} and ${owner} are both ${port}`)
    owners.set(port, variable)
    ports[name] = port
  }
  if (problems.length > 0) throw new BadSettingsError(problems.join('; '))
  return ports
}
