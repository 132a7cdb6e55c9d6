namespace Raywright.Server.Hosting;

/// <summary>Where the server can be reached; known once it listens.</summary>
public sealed class ServerAddress
{
    /// <summary>Without a slash at the end.</summary>
    public string Url { get; internal set; } = "";

    public long StartedAt { get; internal set; }
}
