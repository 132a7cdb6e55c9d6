using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Spec;

namespace Raywright.Core.Planning;

/// <summary>Renders what an engine is told from what a person wrote.</summary>
public static class RevisionRenderer
{
    /// <summary>
    /// The revision of one version at one endpoint. Its ID changes with version, resources, batching, variables and compute, and
    /// with nothing else (DESIGN 5, Identity).
    /// </summary>
    /// <param name="config">The resolved spec.</param>
    /// <param name="environment">Where it is to run.</param>
    /// <param name="version">Number of the version.</param>
    /// <param name="digest">Digest of the version's files.</param>
    /// <param name="runtime">What runs the artifact.</param>
    /// <param name="artifact">The file to load, relative to the version's folder.</param>
    public static RevisionConfig Render(ModelConfig config, EnvironmentConfig environment, int version, string digest, RuntimeKind runtime, string artifact)
    {
        string identity = string.Create(CultureInfo.InvariantCulture,
            $"""
            compute={environment.Compute}
            version={version} {digest} {runtime} {artifact}
            contract={ContractDigest(config.Contract)}
            resources={config.Resources.Cpus:R} {config.Resources.MemoryBytes} {config.Resources.Gpus:R}
            batching={config.Batching.MaxSize} {config.Batching.MaxWait.Ticks}
            {string.Join('\n', config.Variables.Select(pair => $"{pair.Key}={JsonEncodedText.Encode(pair.Value)}"))}
            """);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..8];
        return new RevisionConfig
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{config.Model}-{environment.Name}-{version}-{hash}"),
            Model = config.Model,
            Environment = environment.Name,
            Version = version,
            Digest = digest,
            Runtime = runtime,
            Artifact = artifact,
            Contract = config.Contract,
            Resources = config.Resources,
            Batching = config.Batching,
            Variables = config.Variables,
            Replicas = Math.Max(1, config.Scaling.Min),
        };
    }

    /// <summary>Identity of a version: its files, its contract and what runs it. The same again is no new version.</summary>
    public static string VersionIdentity(string digest, Contract contract, RuntimeKind runtime) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{digest} {ContractDigest(contract)} {runtime}")));

    public static string ContractDigest(Contract contract) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(contract, ApiJson.Default.Contract)));
}
