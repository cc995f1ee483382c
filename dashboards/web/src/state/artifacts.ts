/** Questions about artifacts: names, versions, files, and who made and used them. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { apiUrl, escapePath, getJson } from "../api/client";
import type {
  ArtifactList,
  ArtifactVersionDetail,
  ArtifactVersionList,
  Lineage,
} from "../api/types";
import type { ArtifactAddress } from "../data/artifacts";

const AGAIN_MS = 15_000;

export function useArtifacts(project: string) {
  return useQuery({
    queryKey: ["artifacts", project],
    queryFn: ({ signal }) => getJson<ArtifactList>("artifacts", { project }, signal),
    refetchInterval: AGAIN_MS,
  });
}

const pathOf = ({ type, name }: Pick<ArtifactAddress, "type" | "name">): string =>
  `artifacts/${encodeURIComponent(type)}/${encodeURIComponent(name)}`;
const versionPath = (address: ArtifactAddress): string =>
  `${pathOf(address)}/${encodeURIComponent(address.version)}`;

export function useVersions(type: string, name: string) {
  return useQuery({
    queryKey: ["artifacts", type, name],
    queryFn: ({ signal }) => getJson<ArtifactVersionList>(pathOf({ type, name }), {}, signal),
    enabled: name !== "",
    refetchInterval: AGAIN_MS,
  });
}

/** One version; nothing is asked before its version is known. */
export function useVersion(address: ArtifactAddress) {
  const { type, name, version } = address;
  return useQuery({
    queryKey: ["artifact", type, name, version],
    queryFn: ({ signal }) => getJson<ArtifactVersionDetail>(versionPath(address), {}, signal),
    enabled: version !== "",
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  });
}

const DEPTH = 6;

export function useLineage(address: ArtifactAddress) {
  const { type, name, version } = address;
  return useQuery({
    queryKey: ["lineage", type, name, version],
    queryFn: ({ signal }) =>
      getJson<Lineage>(`${versionPath(address)}/lineage`, { depth: DEPTH }, signal),
    enabled: version !== "",
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  });
}

export const artifactFileUrl = (address: ArtifactAddress, path: string): string =>
  apiUrl(`${versionPath(address)}/files/${escapePath(path)}`);
