// Formats DBCluster, DBInstance and DBClusterSnapshot as the management API does.
import type { ClusterSnapshot } from './cluster-snapshots.ts';
import type { Cluster } from './clusters.ts';
import type { Instance } from './instances.ts';
import { arnOf, ACCOUNT } from '../names.ts';
import type { Account } from '../account.ts';

/** The address at which this machine's ports are reached. */
export interface NeptuneAccount {
  account: Account;
  address: string;
}

const SUBNET_GROUP = 'default-vpc';
const VPC_SECURITY_GROUPS = { VpcSecurityGroupMembership: [{ VpcSecurityGroupId: 'sg-0a1b2c3d', Status: 'active' }] };

function kmsKeyIn(region: string): string {
  return `arn:aws:kms:${region}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`;
}

function date(ms: number): string {
  return new Date(ms).toISOString();
}

/** A cluster as of `time`. `status` is passed because the caller has read it already. */
export function describeCluster(
  place: NeptuneAccount,
  cluster: Cluster,
  status: string,
  time: number,
): Record<string, unknown> {
  const { region } = place.account;
  const moment = cluster.status.moment(time);
  const { identifier, instances } = cluster;
  const zones = ['a', 'b', 'c'].map((zone) => region + zone);
  const writer = cluster.writer.at(time);
  return {
    AllocatedStorage: 1,
    AvailabilityZones: { AvailabilityZone: zones },
    BackupRetentionPeriod: 7,
    DBClusterIdentifier: identifier,
    DBClusterParameterGroup: 'default.neptune1.4',
    DBSubnetGroup: SUBNET_GROUP,
    Status: status,
    EarliestRestorableTime: date(cluster.createdAt),
    Endpoint: place.address,
    ReaderEndpoint: place.address,
    MultiAZ: instances.length > 1,
    Engine: cluster.engine,
    EngineVersion: cluster.engineVersion,
    LatestRestorableTime: date(time),
    Port: cluster.port,
    MasterUsername: 'admin',
    DBClusterOptionGroupMemberships: '',
    PreferredBackupWindow: '03:00-03:30',
    PreferredMaintenanceWindow: 'sun:04:00-sun:04:30',
    ReadReplicaIdentifiers: '',
    DBClusterMembers: {
      DBClusterMember: instances.map((instance) => ({
        DBInstanceIdentifier: instance.identifier,
        IsClusterWriter: instance.identifier === writer,
        DBClusterParameterGroupStatus: 'in-sync',
        PromotionTier: instance.promotionTier,
      })),
    },
    VpcSecurityGroups: VPC_SECURITY_GROUPS,
    HostedZoneId: 'Z0STANDINSTANDIN',
    StorageEncrypted: true,
    KmsKeyId: kmsKeyIn(region),
    DbClusterResourceId: cluster.resourceId,
    DBClusterArn: cluster.arn,
    AssociatedRoles: '',
    IAMDatabaseAuthenticationEnabled: cluster.iam,
    CloneGroupId: cluster.resourceId.toLowerCase(),
    ClusterCreateTime: date(cluster.createdAt),
    CopyTagsToSnapshot: false,
    EnabledCloudwatchLogsExports: '',
    DeletionProtection: false,
    CrossAccountClone: false,
    ...(status === 'stopped' &&
      moment &&
      Number.isFinite(moment.until) && { AutomaticRestartTime: date(moment.until) }),
    ...(cluster.globalCluster !== undefined && { GlobalClusterIdentifier: cluster.globalCluster }),
    StorageType: 'standard',
    NetworkType: 'IPV4',
  };
}

/** An instance as of `time`. */
export function describeInstance(
  place: NeptuneAccount,
  cluster: Cluster,
  instance: Instance,
  status: string,
  time: number,
): Record<string, unknown> {
  const { region } = place.account;
  return {
    DBInstanceIdentifier: instance.identifier,
    DBInstanceClass: instance.instanceClass,
    Engine: cluster.engine,
    DBInstanceStatus: status,
    MasterUsername: 'admin',
    Endpoint: { Address: place.address, Port: instance.port, HostedZoneId: 'Z0STANDINSTANDIN' },
    AllocatedStorage: 1,
    InstanceCreateTime: date(cluster.createdAt),
    PreferredBackupWindow: '03:00-03:30',
    BackupRetentionPeriod: 7,
    VpcSecurityGroups: VPC_SECURITY_GROUPS,
    AvailabilityZone: region + instance.availabilityZone,
    DBSubnetGroup: { DBSubnetGroupName: SUBNET_GROUP, VpcId: 'vpc-0a1b2c3d', SubnetGroupStatus: 'Complete' },
    PreferredMaintenanceWindow: 'sun:04:00-sun:04:30',
    LatestRestorableTime: date(time),
    MultiAZ: false,
    EngineVersion: cluster.engineVersion,
    AutoMinorVersionUpgrade: true,
    LicenseModel: 'amazon-license',
    PubliclyAccessible: false,
    StorageType: 'standard',
    DbInstancePort: 0,
    DBClusterIdentifier: cluster.identifier,
    StorageEncrypted: true,
    PromotionTier: instance.promotionTier,
    DBInstanceArn: arnOf.instance(region, instance.identifier),
    IAMDatabaseAuthenticationEnabled: cluster.iam,
    DeletionProtection: false,
    NetworkType: 'IPV4',
  };
}

export function describeClusterSnapshot(
  { account: { region } }: NeptuneAccount,
  snapshot: ClusterSnapshot,
  status: string,
): Record<string, unknown> {
  const { cluster } = snapshot;
  return {
    DBClusterSnapshotIdentifier: snapshot.identifier,
    DBClusterIdentifier: cluster.identifier,
    SnapshotCreateTime: date(snapshot.createdAt),
    Engine: cluster.engine,
    AllocatedStorage: 1,
    Status: status,
    Port: cluster.port,
    ClusterCreateTime: date(cluster.createdAt),
    MasterUsername: 'admin',
    EngineVersion: cluster.engineVersion,
    LicenseModel: 'amazon-license',
    SnapshotType: 'manual',
    PercentProgress: status === 'available' ? 100 : 0,
    StorageEncrypted: true,
    KmsKeyId: kmsKeyIn(region),
    DBClusterSnapshotArn: snapshot.arn,
    IAMDatabaseAuthenticationEnabled: cluster.iam,
    StorageType: 'standard',
  };
}
