namespace Raywright.Core.Api.Client;

/// <summary>What the gateway answered to a question in the neutral form.</summary>
/// <param name="Body">JSON, as it came.</param>
/// <param name="RequestId">Under which the server's log knows it.</param>
/// <param name="Version"><c>iris:7</c>.</param>
/// <param name="Elapsed">From here and back.</param>
public sealed record ServedAnswer(byte[] Body, string? RequestId, string? Version, string? Revision, TimeSpan Elapsed);
