/** The profile "restricted" of the Pod Security Standards, as the apiserver enforces it. */
import { z } from 'zod'

const securityShape = z
  .looseObject({
    privileged: z.boolean().optional(),
    allowPrivilegeEscalation: z.boolean().optional(),
    runAsNonRoot: z.boolean().optional(),
    runAsUser: z.number().optional(),
    procMount: z.string().optional(),
    seLinuxOptions: z.looseObject({ type: z.string().optional() }).optional(),
    seccompProfile: z.looseObject({ type: z.string() }).optional(),
    appArmorProfile: z.looseObject({ type: z.string() }).optional(),
    capabilities: z.object({ add: z.array(z.string()).default([]), drop: z.array(z.string()).default([]) }).optional(),
    sysctls: z.array(z.looseObject({ name: z.string() })).default([]),
    windowsOptions: z.looseObject({ hostProcess: z.boolean().optional() }).optional(),
  })
  .default({ sysctls: [] })

const containerShape = z.looseObject({
  ports: z.array(z.looseObject({ hostPort: z.number().optional() })).default([]),
  securityContext: securityShape,
})

const specShape = z.looseObject({
  hostNetwork: z.boolean().default(false),
  hostPID: z.boolean().default(false),
  hostIPC: z.boolean().default(false),
  securityContext: securityShape,
  volumes: z.array(z.looseObject({ name: z.string() })).default([]),
  containers: z.array(containerShape),
  initContainers: z.array(containerShape).default([]),
  ephemeralContainers: z.array(containerShape).default([]),
})

type Spec = z.infer<typeof specShape>
type Security = z.infer<typeof securityShape>

const volumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]
const sysctls =
  /^(kernel\.shm_rmid_forced|net\.ipv4\.(ip_local_port_range|ip_unprivileged_port_start|tcp_syncookies|ping_group_range|tcp_keepalive_(time|fin_timeout|intvl|probes)|ip_local_reserved_ports)|net\.ipv4\.tcp_[rw]mem)$/
const profiles = ['RuntimeDefault', 'Localhost']

const all = (spec: Spec) => [...spec.initContainers, ...spec.containers, ...spec.ephemeralContainers]
const contexts = (spec: Spec): Security[] => [spec.securityContext, ...all(spec).map((one) => one.securityContext)]
/** What counts for each container: its own word, else the Pod's. */
const said = <T>(spec: Spec, of: (security: Security) => T | undefined) =>
  all(spec).map(({ securityContext }) => of(securityContext) ?? of(spec.securityContext))

const controls: { readonly [name: string]: (spec: Spec) => boolean } = {
  'no namespaces of the host': ({ hostNetwork, hostPID, hostIPC }) => !hostNetwork && !hostPID && !hostIPC,
  'no ports of the host': (spec) => all(spec).every(({ ports }) => ports.every(({ hostPort = 0 }) => hostPort === 0)),
  'nothing privileged': (spec) => contexts(spec).every(({ privileged }) => privileged !== true),
  'no host processes': (spec) => contexts(spec).every(({ windowsOptions }) => windowsOptions?.hostProcess !== true),
  'volumes that are not the host’s': (spec) =>
    spec.volumes.every((volume) => Object.keys(volume).every((key) => key === 'name' || volumes.includes(key))),
  'no more privileges than at its start': (spec) =>
    all(spec).every(({ securityContext }) => securityContext.allowPrivilegeEscalation === false),
  'not as root': (spec) => said(spec, ({ runAsNonRoot }) => runAsNonRoot).every((word) => word === true),
  'not as user 0': (spec) => contexts(spec).every(({ runAsUser }) => runAsUser !== 0),
  'a seccomp profile': (spec) =>
    said(spec, ({ seccompProfile }) => seccompProfile?.type).every(
      (type) => type !== undefined && profiles.includes(type),
    ),
  'all capabilities dropped': (spec) =>
    all(spec).every(({ securityContext: { capabilities } }) => capabilities?.drop.includes('ALL') === true),
  'no capability but to bind a low port': (spec) =>
    all(spec).every(
      ({ securityContext: { capabilities } }) => capabilities?.add.every((one) => one === 'NET_BIND_SERVICE') !== false,
    ),
  'the default /proc': (spec) =>
    contexts(spec).every(({ procMount }) => procMount === undefined || procMount === 'Default'),
  'safe sysctls': (spec) => spec.securityContext.sysctls.every(({ name }) => sysctls.test(name)),
  'AppArmor not switched off': (spec) =>
    contexts(spec).every(
      ({ appArmorProfile }) => appArmorProfile === undefined || profiles.includes(appArmorProfile.type),
    ),
  'no SELinux type of its own': (spec) =>
    contexts(spec).every(({ seLinuxOptions }) => seLinuxOptions?.type === undefined),
}

/** The profile's controls by name. */
export const restrictedControls = Object.keys(controls)

/** Whether a Pod's spec keeps to one control. */
export function keepsTo(control: string, spec: unknown): boolean {
  const judge = controls[control]
  if (judge === undefined) throw new Error(`The profile has no control "${control}"`)
  return judge(specShape.parse(spec))
}
