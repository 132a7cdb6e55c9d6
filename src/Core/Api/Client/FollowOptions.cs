namespace Raywright.Core.Api.Client;

/// <summary>How long and how loudly a stream of events is followed.</summary>
/// <param name="Patience">How long a server may be away before following ends with a problem.</param>
/// <param name="Connected">Told <c>false</c> when the connection is lost and <c>true</c> when it is back.</param>
public sealed record FollowOptions(TimeSpan Patience, Action<bool>? Connected = null)
{
    public static readonly FollowOptions Default = new(TimeSpan.FromMinutes(2));
}
