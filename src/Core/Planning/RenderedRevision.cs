using System.Collections.Immutable;
using Raywright.Core.Engines;

namespace Raywright.Core.Planning;

/// <summary>A revision as it would be applied, each line explained: what <c>raywright render</c> shows.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Values">Its values, in the order in which a person reads them.</param>
/// <param name="Notes">What the spec says and has no effect here yet.</param>
public sealed record RenderedRevision(RevisionConfig Revision, ImmutableArray<ExplainedValue> Values, ImmutableArray<string> Notes);

/// <param name="Key">Dotted, as in the spec, e.g. <c>resources.cpus</c>.</param>
/// <param name="Value">As a spec writes it.</param>
/// <param name="Reason">What it does.</param>
/// <param name="Origin">Who decided it, in words.</param>
/// <param name="Location"><c>file:line:column</c>, where it is written in a file.</param>
public sealed record ExplainedValue(string Key, string Value, string Reason, string Origin, string? Location = null);
