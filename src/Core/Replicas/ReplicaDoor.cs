namespace Raywright.Core.Replicas;

/// <summary>What a replica wants to see in each request where not only its server can connect to it.</summary>
/// <param name="Token">Secret of the revision, visible ASCII.</param>
/// <param name="Replica">Who is meant: a port that was given back is soon another's. Null where somebody in between chooses.</param>
/// <param name="Prefix">Beginning of the path, for whoever stands in between, e.g. <c>/iris-dev-1-0a1b2c3d</c>.</param>
public sealed record ReplicaDoor(string Token, string? Replica, string Prefix = "")
{
    /// <summary>The header fields that say it, each with its line end.</summary>
    internal string Fields => $"x-raywright-token: {Token}\r\n{(Replica is null ? "" : $"x-raywright-replica: {Replica}\r\n")}";

    public override string ToString() => $"{Prefix}{Replica}";
}
