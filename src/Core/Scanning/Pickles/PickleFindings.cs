namespace Raywright.Core.Scanning.Pickles;

/// <summary>What one walk over a pickle has found, before it is decided whether it was a pickle at all.</summary>
internal sealed class PickleFindings(ScanBudget budget)
{
    // Texts are kept in case they become names, tuples in case they become arguments; both within bounds.
    private const long MostTextLength = 64L << 20;
    private const long MostBytes = 64L << 20;
    private const int MostKept = 200_000;
    private const int MostNames = 10_000;
    private const int MostOthers = 20;

    private readonly Dictionary<GlobalName, GlobalJudgement> names = [];
    private readonly List<(Errors.ErrorDefinition Definition, string Detail)> others = [];
    private long textLength;
    private long bytesKept;
    private int kept;

    /// <summary>The names that were looked up, in their order, with what they mean.</summary>
    public IEnumerable<KeyValuePair<GlobalName, GlobalJudgement>> Names => names;

    /// <summary>What else speaks against it, all of it malicious.</summary>
    public IReadOnlyList<(Errors.ErrorDefinition Definition, string Detail)> Others => others;

    /// <summary>Pickles as bytes that the pickle itself would load.</summary>
    public List<byte[]> Inner { get; } = [];

    /// <summary>Packages by the version that wrote the pickle, where an object says it.</summary>
    public Dictionary<string, string> Libraries { get; } = new(StringComparer.Ordinal);

    /// <summary>How many joblib arrays were skipped.</summary>
    public int Arrays { get; set; }

    /// <summary>
    /// Whether something speaks against it even if it is no complete pickle: numbers may look like opcodes by chance, but
    /// not like names.
    /// </summary>
    public bool Malicious => names.Count > 0 && (others.Count > 0 || names.Values.Any(name => name == GlobalJudgement.Dangerous));

    public void Count() => budget.Opcodes++;

    public bool KeepsText(int length) => (textLength += length) <= MostTextLength;

    public bool KeepsBytes(long length) => bytesKept + length <= MostBytes && (bytesKept += length) > 0;

    /// <summary>What goes into the memo for <paramref name="value"/>.</summary>
    public PickleValue Keep(PickleValue value) => value is TupleValue && ++kept > MostKept ? PickleValue.UnknownTuple : value;

    public void Lookup(GlobalName name)
    {
        if (names.ContainsKey(name))
            return;
        GlobalJudgement judgement = GlobalRules.Judge(name);
        if (names.Count < MostNames || judgement == GlobalJudgement.Dangerous)
            names[name] = judgement;
    }

    /// <summary>Says that a name which is dangerous by itself was used for something that is not.</summary>
    public void Excuse(GlobalName name) => names[name] = GlobalJudgement.Reference;

    /// <summary>A call of <paramref name="callee"/>; returns what is known about its result.</summary>
    public PickleValue Called(GlobalValue callee, PickleValue arguments) => CallRules.Call(this, callee, arguments);

    public void Built(MadeValue made, PickleValue state) => CallRules.Build(this, made, state);

    /// <summary>What an entry in the state of an object tells about the libraries that it needs.</summary>
    public void Entry(PickleValue key, PickleValue value)
    {
        if (key is not TextValue { Text: var name })
            return;
        if (name == "_sklearn_version" && value is TextValue { Text: var version })
            Libraries.TryAdd("scikit-learn", version);
        // It was fitted on a table and wants one again.
        else if (name == "feature_names_in_")
            Libraries.TryAdd("pandas", "");
    }

    /// <summary>Takes over what a later pickle of the same stream has.</summary>
    public void Add(PickleFindings later)
    {
        foreach ((GlobalName name, GlobalJudgement judgement) in later.names)
            names.TryAdd(name, judgement);
        foreach ((Errors.ErrorDefinition definition, string detail) in later.others)
            Add(definition, detail);
        Inner.AddRange(later.Inner);
        foreach ((string package, string version) in later.Libraries)
            Libraries.TryAdd(package, version);
        Arrays += later.Arrays;
    }

    public void Opaque(string detail) => Add(Errors.Catalogue.ScanOpaque, detail);

    public void Tampering(string detail) => Add(Errors.Catalogue.ScanTampering, detail);

    public void RunsCode(string detail) => Add(Errors.Catalogue.ScanRunsCode, detail);

    private void Add(Errors.ErrorDefinition definition, string detail)
    {
        if (others.Count < MostOthers)
            others.Add((definition, detail));
    }
}
