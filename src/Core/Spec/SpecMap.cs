using System.Diagnostics.CodeAnalysis;
using Raywright.Core.Errors;

namespace Raywright.Core.Spec;

/// <summary>An object of the spec: values in the types of their <see cref="SpecKind"/>, each with its place in the file.</summary>
public sealed class SpecMap(SourceLocation location)
{
    private readonly Dictionary<string, (object? Value, SourceLocation At)> entries = new(StringComparer.Ordinal);

    public SourceLocation Location => location;

    /// <summary>The keys that are written, readable or not.</summary>
    public IEnumerable<string> Names => entries.Keys;

    /// <param name="name">A key.</param>
    /// <param name="value">Null where it cannot be read, which has been said already.</param>
    /// <param name="at">Where the value stands.</param>
    internal void Add(string name, object? value, SourceLocation at) => entries.Add(name, (value, at));

    /// <summary>The value at a dotted path such as <c>tests.quality.metric</c>.</summary>
    public bool TryGet<T>(string path, [NotNullWhen(true)] out T? value, out SourceLocation at) where T : notnull
    {
        SpecMap map = this;
        string[] names = path.Split('.');
        for (int index = 0; index < names.Length; index++)
        {
            if (!map.entries.TryGetValue(names[index], out (object? Value, SourceLocation At) entry))
                break;
            if (index == names.Length - 1 && entry.Value is T typed)
            {
                (value, at) = (typed, entry.At);
                return true;
            }
            if (entry.Value is not SpecMap inner)
                break;
            map = inner;
        }
        (value, at) = (default, default);
        return false;
    }

    public T? Get<T>(string path) where T : class => TryGet(path, out T? value, out _) ? value : null;

    public T? GetValue<T>(string path) where T : struct => TryGet(path, out T value, out _) ? value : null;

    /// <summary>Whether something stands there, readable or not. Paths of two names.</summary>
    internal bool Writes(string path) => path.Split('.') is [var first, var second] && Get<SpecMap>(first)?.entries.ContainsKey(second) == true;

    public bool Has(string path) => TryGet(path, out object? _, out _);

    /// <summary>Where a value stands; the object itself where the key is absent.</summary>
    public SourceLocation At(string path) => TryGet(path, out object? _, out SourceLocation at) ? at : location;
}

/// <summary>A spec that reads well: every key known, every value of its type.</summary>
/// <param name="File">Its name, for problems.</param>
/// <param name="Root">What stands in it.</param>
public sealed record SpecDocument(string File, SpecMap Root)
{
    public string Model => Root.Get<string>("model")!;

    public string Source => Root.Get<string>("source")!;
}
