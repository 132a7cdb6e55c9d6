namespace Raywright.Server.Hosting;

/// <summary>Where the server can be reached; known once it listens.</summary>
public sealed class ServerAddress
{
    /// <summary>Without a slash at the end.</summary>
    public string Url { get; internal set; } = "";

    /// <summary>Of the app; the same where it has no port of its own.</summary>
    public string AppUrl { get; internal set; } = "";

    public long StartedAt { get; internal set; }
}
