namespace Raywright.TestKit.Ray;

/// <summary>What the code of an application does when the fake starts it.</summary>
public sealed record FakeBehaviour
{
    private FakeBehaviour(string kind, string error = "") => (Kind, Error) = (kind, error);

    public static FakeBehaviour Good { get; } = new("good");

    /// <summary>Stays in <c>DEPLOYING</c> without deployments until it behaves otherwise.</summary>
    public static FakeBehaviour BuildsForEver { get; } = new("building");

    /// <summary>Replicas stay in <c>STARTING</c> until it behaves otherwise.</summary>
    public static FakeBehaviour StartsForEver { get; } = new("starting");

    /// <summary>Once deleted it stays in <c>DELETING</c>, as with a request in flight, until it behaves otherwise.</summary>
    public static FakeBehaviour StopsForEver { get; } = new("stopping");

    internal string Kind { get; }

    internal string Error { get; }

    /// <summary>The module cannot be imported, or its builder raises.</summary>
    public static FakeBehaviour ImportFails(string error) => new("import", error);

    /// <summary>Each replica fails to start. After three tries a replica (at most twenty) Ray gives up.</summary>
    public static FakeBehaviour ConstructorRaises(string error) => new("constructor", error);
}
