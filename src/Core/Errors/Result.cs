using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Raywright.Core.Errors;

/// <summary>Either a value or every problem that stood in its way (at least one).</summary>
public readonly struct Result<T>
{
    private readonly T? value;
    private readonly ImmutableArray<Problem> problems;

    private Result(T? value, ImmutableArray<Problem> problems) => (this.value, this.problems) = (value, problems);

    [MemberNotNullWhen(true, nameof(value))]
    public bool Ok => problems.IsDefaultOrEmpty;

    /// <summary>The value; asking for it where there are problems is a bug.</summary>
    public T Value => Ok ? value! : throw new InvalidOperationException($"No value: {problems[0]}");

    /// <summary>Empty where <see cref="Ok"/>.</summary>
    public ImmutableArray<Problem> Problems => problems.IsDefault ? [] : problems;

    public static implicit operator Result<T>(T value) => new(value, []);

    public static implicit operator Result<T>(Problem problem) => new(default, [problem]);

    public static implicit operator Result<T>(ImmutableArray<Problem> problems) =>
        problems.IsDefaultOrEmpty ? throw new ArgumentException("A failure needs at least one problem.", nameof(problems)) : new(default, problems);
}
