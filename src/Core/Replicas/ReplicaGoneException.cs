namespace Raywright.Core.Replicas;

/// <summary>A replica ended before it was given a call whole.</summary>
public sealed class ReplicaGoneException(string message, Exception inner) : IOException(message, inner);
