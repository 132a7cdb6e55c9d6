using System.Collections.Immutable;
using Raywright.Core.Errors;

namespace Raywright.Core.Spec;

/// <summary>
/// Finds the effective value of each key, and remembers which layer it came from. Precedence, highest first: the environment's
/// object, the spec's part for the environment, the spec, the default.
/// </summary>
internal sealed class SpecLayers(SpecDocument spec, EnvironmentConfig environment)
{
    private readonly SpecMap? own = spec.Root.Get<ImmutableSortedDictionary<string, SpecMap>>("environments")?.GetValueOrDefault(environment.Name);
    private readonly SortedDictionary<string, FieldOrigin> origins = new(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, FieldOrigin> Origins => origins.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private (SpecMap? Map, OriginLayer Layer)[] Maps =>
        [(environment.Overrides, OriginLayer.Environment), (own, OriginLayer.SpecEnvironment), (spec.Root, OriginLayer.Spec)];

    public T Value<T>(string path, T otherwise) where T : notnull
    {
        foreach ((SpecMap? map, OriginLayer layer) in Maps)
        {
            if (map is not null && map.TryGet(path, out T? value, out SourceLocation at))
            {
                origins[path] = new(layer, at);
                return value;
            }
        }
        origins[path] = new(OriginLayer.Default);
        return otherwise;
    }

    /// <summary>A key without a default: where nobody writes it, it has no origin either.</summary>
    public T? Optional<T>(string path) where T : class => Maps.Any(layer => layer.Map?.Has(path) == true) ? Value<T>(path, null!) : null;

    /// <summary>Names of the user's choice: layers add to each other, name by name.</summary>
    public ImmutableSortedDictionary<string, T> Named<T>(string path)
    {
        ImmutableSortedDictionary<string, T> all = ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
        foreach ((SpecMap? map, OriginLayer layer) in Maps.Reverse())
        {
            if (map is null || !map.TryGet(path, out ImmutableSortedDictionary<string, T>? values, out SourceLocation at))
                continue;
            all = all.SetItems(values);
            foreach (string name in values.Keys)
                origins[$"{path}.{name}"] = new(layer, at);
        }
        return all;
    }

    /// <summary>A key that no environment changes.</summary>
    public T? Only<T>(string path) where T : class
    {
        T? value = spec.Root.Get<T>(path);
        if (value is not null)
            origins[path] = new(OriginLayer.Spec, spec.Root.At(path));
        return value;
    }

    public void Note(string path, FieldOrigin origin) => origins[path] = origin;

    public FieldOrigin Origin(string path) => origins.GetValueOrDefault(path) ?? new(OriginLayer.Default);

    public SourceLocation At(string path) => Origin(path).Location ?? spec.Root.Location;

    /// <summary>Whether the spec, not the environment, decided the value.</summary>
    public bool IsOfSpec(string path) => Origin(path).Layer is OriginLayer.Spec or OriginLayer.SpecEnvironment;

    public IEnumerable<Problem> Locked()
    {
        foreach (string path in environment.Locks)
        {
            bool replaced = environment.Overrides?.Has(path) == true;
            SpecMap? writes = own?.Has(path) == true ? own : !replaced && spec.Root.Has(path) ? spec.Root : null;
            if (writes is not null)
                yield return new(Catalogue.FieldLocked, $"The environment {environment.Name} locks `{path}`.", path, writes.At(path), "Remove the key from the spec.");
        }
    }
}
