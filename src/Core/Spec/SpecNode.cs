using System.Collections.Immutable;
using Raywright.Core.Errors;

namespace Raywright.Core.Spec;

/// <summary>A piece of YAML with its place. Keys keep their order and may repeat, so that a reader can say so.</summary>
internal abstract record SpecNode(SourceLocation At)
{
    /// <param name="Value">Its text.</param>
    /// <param name="Plain">Written without quotes, so that it may also mean a number, a truth value or nothing.</param>
    internal sealed record Scalar(SourceLocation At, string Value, bool Plain) : SpecNode(At)
    {
        public bool IsEmpty => Plain && Value is "" or "~" or "null" or "Null" or "NULL";
    }

    internal sealed record List(SourceLocation At, ImmutableArray<SpecNode> Items) : SpecNode(At);

    internal sealed record Map(SourceLocation At, ImmutableArray<(SpecNode Key, SpecNode Value)> Entries) : SpecNode(At);

    /// <summary>Stands for what was refused already; nobody complains about it again.</summary>
    internal sealed record Refused(SourceLocation At) : SpecNode(At);
}
