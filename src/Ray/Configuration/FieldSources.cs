using System.Collections.Immutable;
using Raywright.Core.Spec;

namespace Raywright.Ray.Configuration;

/// <summary>Who decided a value of the spec that a line was made from.</summary>
internal sealed class FieldSources(ImmutableSortedDictionary<string, FieldOrigin> origins, string environment)
{
    /// <summary>A reason whose value came from a key of the spec.</summary>
    public ServeReason Because(string text, string key) => new(text, Of(key));

    /// <summary>A reason for what somebody may have written, and else was found in the files.</summary>
    public ServeReason BecauseWrittenOrFound(string text, string key) =>
        new(text, origins.IsEmpty || origins.ContainsKey(key) ? Of(key) : ServeSource.Files);

    public static ServeReason Always(string text) => new(text, ServeSource.Policy);

    private ServeSource Of(string key) =>
        origins.IsEmpty ? ServeSource.Revision : ServeSource.Of(origins.GetValueOrDefault(key) ?? new FieldOrigin(OriginLayer.Default), environment);
}
