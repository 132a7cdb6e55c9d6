using System.Globalization;

namespace Raywright.Gateway.Pipeline;

/// <summary>What an address below <c>/serve</c> asks for.</summary>
public enum ServeKind
{
    Unknown,
    Predict,
    InferenceServer,
    InferenceLive,
    InferenceReady,
    InferenceModel,
    InferenceModelReady,
    InferenceRun,
    OpenApi,
    Docs,
}

/// <summary>An address below <c>/serve</c>, taken apart without copying more than names.</summary>
/// <param name="Version">The version that the address pins.</param>
public readonly record struct ServeAddress(ServeKind Kind, string Environment, string Model, int? Version)
{
    public const string Prefix = "/serve/";

    public static ServeAddress Parse(string path)
    {
        ReadOnlySpan<char> rest = path.AsSpan(Prefix.Length);
        int slash = rest.IndexOf('/');
        if (slash <= 0)
            return default;
        string environment = rest[..slash].ToString();
        rest = rest[(slash + 1)..];
        if (rest.StartsWith("predict/", StringComparison.Ordinal))
            return OfModel(ServeKind.Predict, environment, rest["predict/".Length..]);
        return rest switch
        {
            "v2" or "v2/" => new(ServeKind.InferenceServer, environment, "", null),
            "v2/health/live" => new(ServeKind.InferenceLive, environment, "", null),
            "v2/health/ready" => new(ServeKind.InferenceReady, environment, "", null),
            "openapi.json" => new(ServeKind.OpenApi, environment, "", null),
            "docs" => new(ServeKind.Docs, environment, "", null),
            _ when rest.StartsWith("v2/models/", StringComparison.Ordinal) => Inference(environment, rest["v2/models/".Length..]),
            _ => default,
        };
    }

    private static ServeAddress Inference(string environment, ReadOnlySpan<char> rest)
    {
        ServeKind kind = ServeKind.InferenceModel;
        if (rest.EndsWith("/infer", StringComparison.Ordinal))
        {
            kind = ServeKind.InferenceRun;
            rest = rest[..^"/infer".Length];
        }
        else if (rest.EndsWith("/ready", StringComparison.Ordinal))
        {
            kind = ServeKind.InferenceModelReady;
            rest = rest[..^"/ready".Length];
        }
        int versions = rest.IndexOf("/versions/", StringComparison.Ordinal);
        if (versions < 0)
            return OfModel(kind, environment, rest);
        return int.TryParse(rest[(versions + "/versions/".Length)..], NumberStyles.None, CultureInfo.InvariantCulture, out int version)
            ? OfModel(kind, environment, rest[..versions]) with { Version = version }
            : default;
    }

    private static ServeAddress OfModel(ServeKind kind, string environment, ReadOnlySpan<char> name)
    {
        int colon = name.IndexOf(':');
        if (name.IsEmpty || name.Contains('/'))
            return default;
        if (colon < 0)
            return new(kind, environment, name.ToString(), null);
        return int.TryParse(name[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int version)
            ? new(kind, environment, name[..colon].ToString(), version)
            : default;
    }
}
