using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
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
    /// <param name="python">What the Python runtime is told; null for what needs none.</param>
    public static RevisionConfig Render(ModelConfig config, EnvironmentConfig environment, int version, string digest, RuntimeKind runtime, string artifact, PythonConfig? python = null)
    {
        string identity = string.Create(CultureInfo.InvariantCulture,
            $"""
            compute={environment.Compute}
            version={version} {digest} {VersionContent.RuntimeText(runtime, python)} {artifact}
            contract={ContractDigest(config.Contract)}
            {Running(config)}
            {string.Join('\n', config.Variables.Select(pair => $"{pair.Key}={JsonEncodedText.Encode(pair.Value)}"))}
            """);
        string hash = Hash(identity)[..8];
        return new RevisionConfig
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{config.Model}-{environment.Name}-{version}-{hash}"),
            Model = config.Model,
            Environment = environment.Name,
            Compute = environment.Compute,
            Version = version,
            Digest = digest,
            Runtime = runtime,
            Python = python,
            Artifact = artifact,
            Contract = config.Contract,
            Resources = config.Resources,
            Batching = config.Batching,
            Variables = config.Variables,
            Replicas = Math.Max(1, config.Scaling.Min),
        };
    }

    /// <summary>Identity of a version: its files, its contract and what runs it (<see cref="VersionContent.RuntimeText"/>). The same again is no new version.</summary>
    public static string VersionIdentity(string digest, Contract contract, string runtime) =>
        Hash($"{digest} {ContractDigest(contract)} {runtime}");

    /// <summary>
    /// What evidence is about (DESIGN 5, Identity): a version, its tests, resources and batching. The same again needs no new test;
    /// environment, scaling, rollout and variables do not matter to it.
    /// </summary>
    /// <param name="versionIdentity">Of <see cref="VersionIdentity"/>.</param>
    /// <param name="config">Its tests, resources and batching.</param>
    /// <param name="testFiles">The cases and what else the tests read.</param>
    public static string EvidenceIdentity(string versionIdentity, ModelConfig config, IEnumerable<FileReference> testFiles)
    {
        QualityConfig? quality = config.Tests.Quality;
        string identity = string.Create(CultureInfo.InvariantCulture,
            $"""
            version={versionIdentity}
            files={FileSet.Digest(testFiles)}
            unit={JsonEncodedText.Encode(config.Tests.Unit ?? "")}
            quality={quality?.Metric} {quality?.AtLeast:R} {quality?.AtMost:R}
            {Running(config)}
            """);
        // A line of its own only where there is one: evidence without it stays what it was.
        return Hash(config.Tests.Parity is { } twin ? $"{identity}\nparity={JsonEncodedText.Encode(twin)}" : identity);
    }

    public static string ContractDigest(Contract contract) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(contract, ApiJson.Default.Contract)));

    private static string Running(ModelConfig config)
    {
        string running = string.Create(CultureInfo.InvariantCulture,
            $"""
            resources={config.Resources.Cpus:R} {config.Resources.MemoryBytes} {config.Resources.Gpus:R}
            batching={config.Batching.MaxSize} {config.Batching.MaxWait.Ticks}
            """);
        return string.Join('\n', [running, .. Nodes(config.Resources)]);
    }

    /// <summary>
    /// Which nodes of a cluster. Lines only where there is something, so that a revision without them stays what it was; and no line
    /// could be one of a variable, whose name has no dot.
    /// </summary>
    private static IEnumerable<string> Nodes(ResourcesConfig resources)
    {
        if (resources.Accelerator is { } accelerator)
            yield return $"resources.accelerator={JsonEncodedText.Encode(accelerator)}";
        foreach ((string name, double amount) in resources.Custom ?? ImmutableSortedDictionary<string, double>.Empty)
            yield return string.Create(CultureInfo.InvariantCulture, $"resources.custom.{JsonEncodedText.Encode(name)}={amount:R}");
        foreach ((string name, string value) in resources.Labels ?? ImmutableSortedDictionary<string, string>.Empty)
            yield return $"resources.labels.{JsonEncodedText.Encode(name)}={JsonEncodedText.Encode(value)}";
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
