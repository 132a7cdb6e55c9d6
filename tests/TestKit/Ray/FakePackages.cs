namespace Raywright.TestKit.Ray;

/// <summary>
/// Packages of the fake cluster. A GET pins one until <see cref="ExpirePins"/>; what was once pinned or used and is neither any
/// more is deleted, what was only uploaded stays: as Ray does.
/// </summary>
public sealed class FakePackages
{
    private const long MostBytes = 104857600;

    private readonly Lock gate;
    private readonly Dictionary<string, Package> packages = new(StringComparer.Ordinal);

    internal FakePackages(Lock gate) => this.gate = gate;

    /// <summary>Whether a node that ran a package before keeps a copy, so that it starts again without the cluster's.</summary>
    public bool NodesKeepCopies { get; set; } = true;

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (gate)
                return [.. packages.Keys.Order(StringComparer.Ordinal)];
        }
    }

    internal Func<string, bool> IsUsed { get; set; } = _ => false;

    public bool Has(string name)
    {
        lock (gate)
            return packages.ContainsKey(name);
    }

    /// <summary>The 600 seconds after the last GET of each package are over.</summary>
    public void ExpirePins()
    {
        lock (gate)
        {
            foreach (Package package in packages.Values)
                package.Pinned = false;
            Sweep();
        }
    }

    /// <summary>As if somebody had sent it and asked for it.</summary>
    public void Add(string name)
    {
        lock (gate)
            packages[name] = new() { Pinned = true, Touched = true };
    }

    public void Delete(string name)
    {
        lock (gate)
            packages.Remove(name);
    }

    internal void Clear() => packages.Clear();

    internal void Sweep()
    {
        foreach ((string name, Package package) in packages.ToArray())
        {
            bool used = IsUsed(name);
            package.Touched |= used;
            if (package is { Touched: true, Pinned: false } && !used)
                packages.Remove(name);
        }
    }

    internal FakeAnswer Get(string protocol, string name)
    {
        if (protocol != "gcs")
            return FakeAnswer.Trouble;
        if (!packages.TryGetValue(name, out Package? package))
            return FakeAnswer.Text(404, $"Package gcs://{name} does not exist");
        package.Pinned = package.Touched = true;
        return FakeAnswer.Empty;
    }

    internal FakeAnswer Put(string protocol, string name, long bytes)
    {
        if (bytes > MostBytes)
            return FakeAnswer.Text(413, $"Maximum request body size {MostBytes} exceeded.");
        if (protocol != "gcs")
            return FakeAnswer.Trace(500, $"ValueError: Protocol {protocol} is not supported");
        packages.TryAdd(name, new());
        return FakeAnswer.Empty;
    }

    private sealed class Package
    {
        public bool Pinned { get; set; }

        /// <summary>Whether it was ever pinned or used: only then does the cluster count its users.</summary>
        public bool Touched { get; set; }
    }
}
