using System.Collections.Frozen;

namespace Raywright.Core.Scanning.Pickles;

/// <summary>What it means that a pickle looks a name up.</summary>
internal enum GlobalJudgement
{
    /// <summary>A class, or a function that libraries use to restore their objects.</summary>
    Allowed,

    /// <summary>A function that may be part of a model, as <c>numpy.log1p</c> is, but that loading never calls.</summary>
    Reference,

    /// <summary>On no list.</summary>
    Unknown,

    /// <summary>Runs programs or text, reads or writes files, or gives access to what does.</summary>
    Dangerous,
}

/// <summary>
/// Judges names by lists: what is known to be harmless is allowed, the rest of Python's own library is dangerous, and a
/// package that nobody listed is unknown. <see cref="GlobalLists"/> holds the lists.
/// </summary>
internal static class GlobalRules
{
    private static readonly FrozenDictionary<string, GlobalRule[]> ByRoot = GlobalRule.Parse(GlobalLists.Dangerous, GlobalJudgement.Dangerous)
        .Concat(GlobalRule.Parse(GlobalLists.Restorers, GlobalJudgement.Allowed))
        .Concat(GlobalRule.Parse(GlobalLists.References, GlobalJudgement.Reference))
        .GroupBy(rule => rule.Root, StringComparer.Ordinal)
        .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);

    private static readonly FrozenSet<string> StandardLibrary = Words(GlobalLists.StandardLibrary);
    private static readonly FrozenSet<string> DangerousPackages = Words(GlobalLists.DangerousPackages);
    private static readonly FrozenSet<string> DangerousNames = Words(GlobalLists.DangerousNames);
    private static readonly FrozenSet<string> KnownLibraries = Words("numpy scipy sklearn pandas torch torchvision xgboost lightgbm catboost");

    public static GlobalJudgement Judge(GlobalName name)
    {
        string root = name.Root;
        string module = name.ModernModule;
        string last = name.ModernName;
        GlobalRule[] rules = ByRoot.GetValueOrDefault(root, []);
        if (rules.FirstOrDefault(rule => rule.Names(module, last)) is { } exact)
            return exact.Judgement;
        if (IsDangerousName(last))
            return GlobalJudgement.Dangerous;
        if (rules.FirstOrDefault(rule => rule.Matches(module, last)) is { } fitting)
            return fitting.Judgement;
        return StandardLibrary.Contains(root) || DangerousPackages.Contains(root) ? GlobalJudgement.Dangerous : GlobalJudgement.Unknown;
    }

    /// <summary>What calling a name while loading means, which only restoring functions and classes are meant for.</summary>
    public static bool MayBeCalled(GlobalName name) => Judge(name) switch
    {
        GlobalJudgement.Allowed => true,
        GlobalJudgement.Unknown => !KnownLibraries.Contains(name.Root) || IsClass(name.ModernName),
        _ => false,
    };

    /// <summary>Whether a name reads like a class: all its parts begin with a capital letter, after underscores.</summary>
    public static bool IsClass(string name) => name.Split('.').All(part => part.TrimStart('_') is [>= 'A' and <= 'Z', ..]);

    /// <summary>Whether a part of a name is dangerous wherever it comes from.</summary>
    public static bool IsDangerousName(string name) => name.Split('.').Any(IsDangerousPart);

    private static bool IsDangerousPart(string part) =>
        DangerousNames.Contains(part) || (part.Length > 4 && part.StartsWith("__", StringComparison.Ordinal) && part.EndsWith("__", StringComparison.Ordinal));

    private static FrozenSet<string> Words(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
