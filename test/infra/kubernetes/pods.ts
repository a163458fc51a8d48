import type { KubernetesObject } from '../../support/helm-chart.ts';

type Labels = Readonly<Record<string, string>>;

/** What tests read of a container. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: {
      readonly fieldRef?: { readonly fieldPath: string };
      readonly secretKeyRef?: { readonly name: string; readonly key: string };
    };
  }[];
  readonly ports?: readonly {
    readonly name: string;
    readonly containerPort: number;
    readonly protocol: string;
  }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly exec?: { readonly command: readonly string[] } } };
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly privileged?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
}

/** What tests read of a pod. */
export interface Pod {
  readonly metadata: { readonly labels: Labels; readonly annotations?: Labels };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly serviceAccountName?: string;
    readonly automountServiceAccountToken?: boolean;
    readonly terminationGracePeriodSeconds?: number;
    readonly securityContext?: {
      readonly runAsNonRoot?: boolean;
      readonly runAsUser?: number;
      readonly seccompProfile?: { readonly type: string };
    };
    readonly volumes?: readonly { readonly name: string; readonly [kind: string]: unknown }[];
  };
}

/** The pods that objects are or make. */
export const podsOf = (objects: readonly KubernetesObject[]): readonly Pod[] =>
  objects.flatMap((object) => {
    if (object.kind === 'Pod') return [object as unknown as Pod];
    return ['Deployment', 'StatefulSet'].includes(object.kind) ? [templateOf(object)] : [];
  });

export const templateOf = (object: KubernetesObject): Pod =>
  (object as unknown as { readonly spec: { readonly template: Pod } }).spec.template;

/** The only object of a kind, or the one of that name. */
export function only<T = KubernetesObject>(
  objects: readonly KubernetesObject[],
  kind: string,
  name?: string,
): T {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found.length !== 1) throw new Error(`expected one ${kind} ${name ?? ''}, found ${found.length}`);
  return found[0] as T;
}

/** The container in which a node runs. */
export const nodeContainer = (objects: readonly KubernetesObject[]): Container =>
  templateOf(only(objects, 'Deployment')).spec.containers[0] as Container;

export const isSelected = (selector: Labels, { metadata }: Pod): boolean =>
  Object.entries(selector).every(([name, value]) => metadata.labels[name] === value);

const VOLUMES = ['configMap', 'emptyDir', 'secret', 'projected', 'persistentVolumeClaim', 'downwardAPI'];

/** What the restricted Pod Security Standard has against a pod, and that it may write to its root. */
export function violationsOf({ spec }: Pod): readonly string[] {
  const { runAsNonRoot, runAsUser, seccompProfile } = spec.securityContext ?? {};
  const foreign = (spec.volumes ?? []).flatMap((volume) =>
    Object.keys(volume).filter((key) => key !== 'name' && !VOLUMES.includes(key)),
  );
  return [
    ...(runAsNonRoot === true && runAsUser !== 0 ? [] : ['may run as root']),
    ...(seccompProfile?.type === 'RuntimeDefault' ? [] : ['may make every system call']),
    ...foreign.map((kind) => `has a volume of kind ${kind}`),
    ...spec.containers.flatMap(({ name, securityContext = {} }) =>
      violationsOfContainer(securityContext).map((violation) => `${name} ${violation}`),
    ),
  ];
}

function violationsOfContainer(context: NonNullable<Container['securityContext']>): readonly string[] {
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, privileged, capabilities } = context;
  const drops = capabilities?.drop?.includes('ALL') === true && capabilities.add === undefined;
  return [
    ...(allowPrivilegeEscalation === false && privileged !== true ? [] : ['may gain privileges']),
    ...(drops ? [] : ['keeps capabilities']),
    ...(readOnlyRootFilesystem === true ? [] : ['may write to its root']),
  ];
}
