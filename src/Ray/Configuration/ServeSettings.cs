using System.Collections.Immutable;
using Raywright.Core.Spec;

namespace Raywright.Ray.Configuration;

/// <summary>What a Serve configuration needs to know besides the revision.</summary>
public sealed record ServeSettings
{
    /// <summary>
    /// Where Ray's own proxies listen. Null leaves it out: on a cluster that somebody else started it is not ours to say, and Ray
    /// reads it only when Serve starts.
    /// </summary>
    public ServeAddress? Http { get; init; }

    /// <summary>Where nodes find the package (<see cref="ReplicaPackage"/>), an address that Ray takes; null where nobody made one.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Name of the installation that the application is of, as its agent is called.</summary>
    public string Installation { get; init; } = "raywright";

    /// <summary>SHA-256 of what replicas want to see in each request, lower-case hex; null where whoever reaches them may ask.</summary>
    public string? TokenDigest { get; init; }

    /// <summary>Who decided each value, by the dotted key of the spec (<see cref="ModelConfig.Origins"/>); empty where nobody kept it.</summary>
    public ImmutableSortedDictionary<string, FieldOrigin> Origins { get; init; } = ImmutableSortedDictionary<string, FieldOrigin>.Empty;
}

/// <param name="Host">The address of an interface, without a port.</param>
public sealed record ServeAddress(string Host, int Port)
{
    /// <summary>Of a head on this machine: nobody else may ask past the gateway.</summary>
    public static readonly ServeAddress Local = new("127.0.0.1", 8000);
}
